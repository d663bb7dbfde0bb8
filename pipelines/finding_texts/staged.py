"""What staging finds: headers, cells, rows, duplicates."""

from pipelines.finding_texts.text import Text

STAGED: dict[str, Text] = {}

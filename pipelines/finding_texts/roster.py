"""What publishing finds: references, derivations, thresholds."""

from pipelines.finding_texts.text import Text

ROSTER: dict[str, Text] = {}

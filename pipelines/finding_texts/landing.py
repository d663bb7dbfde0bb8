"""What landing finds: arrivals, archives, manifests, files of a bundle."""

from pipelines.finding_texts.text import Text

LANDING: dict[str, Text] = {}

"""What each finding says, by its code: what was found, what was expected, what to do.

Declared once, per step that finds it: landing, staged, quality, roster. School clerks read these, so they are plain
English; names in braces are filled by `pipelines.findings.finding`. No rules live here, and no values of cells.
"""

from pipelines.finding_texts.landing import LANDING
from pipelines.finding_texts.quality import QUALITY
from pipelines.finding_texts.roster import ROSTER
from pipelines.finding_texts.staged import STAGED
from pipelines.finding_texts.text import Text

TEXTS: dict[str, Text] = {**LANDING, **STAGED, **QUALITY, **ROSTER}

__all__ = ["TEXTS", "Text"]

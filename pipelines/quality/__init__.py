"""The gate: expectations about a bundle's accepted rows as a whole, in suites that data teams edit.

Rules about single cells, rows and references are staging's and publishing's. Great Expectations is imported in
`judging` alone, and only when something is judged.
"""

from pipelines.quality.gate import Judgement, findings, judge, with_findings
from pipelines.quality.suites import Expectation, Level, expectations

__all__ = ["Expectation", "Judgement", "Level", "expectations", "findings", "judge", "with_findings"]

"""The rules in prometheus/rules as data, for whoever holds something against them. Prometheus reads the files."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "prometheus" / "rules"


@dataclass(frozen=True)
class Alert:
    """One alerting rule; most names have two, by severity."""

    name: str
    expression: str
    labels: dict[str, str]
    annotations: dict[str, str]

    @property
    def severity(self) -> str:
        """Whom it concerns: critical, warning, info."""
        return self.labels.get("severity", "")


def alerts() -> list[Alert]:
    """Every alerting rule, in the files' order."""
    return [
        Alert(rule["alert"], rule["expr"], rule.get("labels", {}), rule.get("annotations", {}))
        for rule in _rules()
        if "alert" in rule
    ]


def recorded() -> dict[str, str]:
    """Expressions of the recording rules by the name of what they record."""
    return {rule["record"]: rule["expr"] for rule in _rules() if "record" in rule}


@cache
def _rules() -> tuple[dict[str, Any], ...]:
    files = [yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))]
    return tuple(rule for file in files for group in file["groups"] for rule in group["rules"])

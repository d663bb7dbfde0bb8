"""What a dashboard is made of, and how Grafana writes it down. What they show is the boards' matter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.monitoring import rules

SOURCE = {"type": "prometheus", "uid": "prometheus"}  # as provisioning/datasources names it

_WIDTH = 24
_SCHEMA_VERSION = 39
_COLOURS = {"warning": "orange", "critical": "red"}
_CONDITION = re.compile(r"(<|>|==) ([\d.]+)$")
Json = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """An expression, and what its lines are called: {{label}} stands for a label's value."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """Something to look at. `alert` names the alert whose thresholds it shows; `words` stand for its values 0 and 1."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    alert: str = ""
    kind: str = "timeseries"
    width: int = 12
    height: int = 8
    words: tuple[str, str] | None = None


@dataclass(frozen=True)
class Dashboard:
    """A page of panels, from left to right and from top to bottom."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]


def lines(title: str, description: str, unit: str, *queries: Query, alert: str = "") -> Panel:
    """A chart over time, half a page wide."""
    return Panel(title, description, unit, queries, alert)


def number(
    title: str, description: str, unit: str, *queries: Query, alert: str = "", words: tuple[str, str] | None = None
) -> Panel:
    """The newest value, large; four fit beside each other."""
    return Panel(title, description, unit, queries, alert, "stat", 6, 5, words)


def thresholds(alert: str) -> list[Json]:
    """The colours of a panel's values: where the alert of that name warns, and where it wakes somebody."""
    at: dict[float, str] = {}
    falling = False
    for rule in sorted((rule for rule in rules.alerts() if rule.name == alert), key=_urgency):
        condition = _CONDITION.search(rule.expression)
        if condition is None or rule.severity not in _COLOURS:
            continue
        sign, limit = condition[1], float(condition[2])
        falling = falling or sign == "<" or (sign, limit) == ("==", 0)
        at.setdefault(limit, _COLOURS[rule.severity])
    return _falling(at) if falling else _steps([(None, "green"), *sorted(at.items())])


def _urgency(rule: rules.Alert) -> bool:
    return rule.severity == "critical"


def _falling(at: dict[float, str]) -> list[Json]:
    """Grafana colours from a value upwards: below the lowest limit is the worst, from the highest on all is well."""
    limits = sorted(at)
    starts = [None, *(limit or 1 for limit in limits)]
    return _steps(list(zip(starts, [*(at[limit] for limit in limits), "green"], strict=True)))


def _steps(pairs: list[Any]) -> list[Json]:
    return [{"value": value, "color": colour} for value, colour in pairs]


def written(dashboard: Dashboard) -> Json:
    """The dashboard as Grafana's provisioning reads it."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["rosterhub"],
        "links": [{"type": "dashboards", "title": "RosterHub", "tags": ["rosterhub"], "keepTime": True}],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "panels": list(_placed(dashboard.panels)),
    }


def _placed(panels: tuple[Panel, ...]) -> Iterator[Json]:
    x, y, row = 0, 0, 0
    for position, panel in enumerate(panels, 1):
        if x + panel.width > _WIDTH:
            x, y, row = 0, y + row, 0
        yield _panel(panel, position, {"x": x, "y": y, "w": panel.width, "h": panel.height})
        x, row = x + panel.width, max(row, panel.height)


def _panel(panel: Panel, position: int, place: Json) -> Json:
    is_number = panel.kind == "stat"
    return {
        "id": position,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [_target(query, index) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _NUMBER if is_number else _LINES,
    }


_NUMBER = {"colorMode": "background", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
_LINES = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}


def _target(query: Query, index: int) -> Json:
    legend = query.legend or "__auto"
    return {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query.expression, "legendFormat": legend}


def _defaults(panel: Panel) -> Json:
    defaults: Json = {"unit": panel.unit, "min": 0}
    defaults["thresholds"] = {"mode": "absolute", "steps": thresholds(panel.alert)}
    if panel.kind == "timeseries":
        shown = "line" if panel.alert else "off"
        defaults["custom"] = {"fillOpacity": 10, "showPoints": "never", "thresholdsStyle": {"mode": shown}}
    if panel.words:
        texts = {str(value): {"text": text} for value, text in enumerate(panel.words)}
        defaults["mappings"] = [{"type": "value", "options": texts}]
    return defaults

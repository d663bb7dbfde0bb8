"""What watches the hub is sound, each fault that its validation knows is found, and the dashboards are as declared."""

import json
import os
import re
from dataclasses import replace

import pytest
import yaml

from deploy.monitoring import rules
from deploy.monitoring.grafana import __main__ as grafana
from deploy.monitoring.grafana import panels
from deploy.monitoring.rules import Alert
from deploy.validation import monitoring, tools

# Of the runbook's 4.1: where a warning and where a page begins.
THRESHOLDS = {
    "SlowResponseTime": (0.5, 1),
    "HighErrorRate": (0.03, 0.05),
    "HighCpu": (0.8, 0.9),
    "ContainerHighCpu": (0.8, 0.9),
    "HighMemory": (0.85, 0.95),
    "ContainerHighMemory": (0.85, 0.95),
    "DatabaseConnections": (0.8, 0.95),
}
GOOD = Alert(
    "Example",
    "up == 0",
    {"severity": "critical"},
    {"summary": "It is away", "description": "Start it.", "runbook_url": "docs/runbook.md#43-alerts"},
)

needs_amtool = pytest.mark.skipif(not tools.is_here(monitoring.AMTOOL), reason="amtool is not here: make check-deploy")


def test_nothing_is_wrong() -> None:
    for missing in monitoring.unchecked():
        pytest.skip(f"not validated: {missing}")
    assert list(monitoring.faults()) == []


@pytest.mark.parametrize("name", THRESHOLDS)
def test_the_thresholds_are_those_of_the_runbook(name: str) -> None:
    assert [step["value"] for step in panels.thresholds(name)] == [None, *THRESHOLDS[name]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"labels": {"severity": "urgent"}}, "has the severity urgent: it is one of critical, warning, info"),
        ({"labels": {}}, "has the severity nothing: it is one of critical, warning, info"),
        ({"annotations": GOOD.annotations | {"runbook_url": "docs/runbook.md#99-x"}}, "leads to docs/runbook.md#99-x"),
        ({"annotations": GOOD.annotations | {"runbook_url": "docs/no.md#x"}}, "leads to docs/no.md#x"),
        ({"annotations": {"summary": "x", "runbook_url": "docs/runbook.md#43-alerts"}}, "has no description"),
    ],
)
def test_a_fault_of_an_alert_is_found(change: dict[str, dict[str, str]], fault: str) -> None:
    assert list(monitoring.alert_faults(GOOD)) == []
    (found,) = monitoring.alert_faults(replace(GOOD, **change))
    assert found.startswith(fault)


def test_an_alert_that_no_test_knows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "alerts", lambda: [GOOD])
    assert [fault.split(":")[0] for fault in monitoring.untested()] == ["alert Example (critical)", "alert Example"]


@needs_amtool
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"severity": "critical", "alertname": "HighErrorRate"}, "page"),
        ({"severity": "warning", "alertname": "RosterStale"}, "ticket"),
        ({"severity": "warning", "team": "security"}, "security"),
        ({"severity": "info"}, "nobody"),
        ({"alertname": "of somebody else's rules"}, "ticket"),
    ],
)
def test_an_alert_reaches(labels: dict[str, str], receiver: str) -> None:
    assert monitoring.route(labels) == receiver


def test_alerts_that_hold_back_others_or_are_held_back_exist() -> None:
    rule_set = yaml.safe_load(monitoring.ALERTMANAGER.read_text())["inhibit_rules"]
    matchers = [matcher for rule in rule_set for matcher in rule["source_matchers"] + rule["target_matchers"]]
    named = {name for text in matchers if text.startswith("alertname") for name in re.findall(r"\w+", text)[1:]}
    assert "ApiAbsent" in named
    assert named <= {alert.name for alert in rules.alerts()}


def test_the_dashboards_are_those_of_the_runbook() -> None:
    uids = {path.stem: json.loads(path.read_text())["uid"] for path in monitoring.DASHBOARDS.glob("*.json")}
    assert uids == {uid: uid for uid in ("oneroster-overview", "oneroster-api", "oneroster-db", "rosterhub-pipeline")}


@pytest.mark.parametrize("name", grafana.texts())
def test_a_dashboard_is_as_it_is_declared(name: str) -> None:
    path, text = monitoring.DASHBOARDS / name, grafana.texts()[name]
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text, "a declaration changed: run this test with UPDATE_GOLDEN=1"


def test_alerts_whose_thresholds_are_shown_exist() -> None:
    named = {panel.alert for board in grafana.boards.DASHBOARDS for panel in board.panels if panel.alert}
    assert named <= {alert.name for alert in rules.alerts()}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": ""}, "has no title"),
        ({"datasource": None}, "has no datasource"),
        ({"description": ""}, "has no description"),
        ({"fieldConfig": {"defaults": {}}}, "has no unit"),
    ],
)
def test_a_fault_of_a_panel_is_found(change: dict[str, object], fault: str) -> None:
    dashboard = panels.written(grafana.boards.OVERVIEW)
    assert list(monitoring.dashboard_faults(dashboard)) == []
    dashboard["panels"][0].update(change)
    (found,) = monitoring.dashboard_faults(dashboard)
    assert found.endswith(fault)

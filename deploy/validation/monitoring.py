"""deploy/monitoring: Prometheus', Alertmanager's and Grafana's files, by the word of promtool and amtool.

Those two come from Debian's packages (`make check-deploy` fetches them where apt is); without them it is said what is
not validated. Whether expressions find anything is tests/deploy_files/test_monitoring_live.py's matter.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring.rules import Alert, alerts
from deploy.validation import tools
from deploy.validation.naming import PROJECT

FOLDER = PROJECT / "deploy" / "monitoring"
PROMETHEUS = FOLDER / "prometheus" / "prometheus.yml"
RULE_TESTS = FOLDER / "tests"
ALERTMANAGER = FOLDER / "alertmanager" / "alertmanager.yml"
DASHBOARDS = FOLDER / "grafana" / "dashboards"

PROMTOOL, AMTOOL = "promtool", "amtool"
# Whom an alert of that severity reaches; what concerns security has receivers of its own.
RECEIVERS = {"critical": "page", "warning": "ticket", "info": "nobody"}

_ANNOTATIONS = {"summary", "description", "runbook_url"}
_FIRING = re.compile(r'ALERTS\{alertname="(\w+)", alertstate="firing"\}')
_SEVERITY = re.compile(r'severity="(\w+)"')


def faults() -> Iterator[str]:
    """What is wrong with it."""
    for alert in alerts():
        yield from (f"alert {alert.name} ({alert.severity}): {fault}" for fault in alert_faults(alert))
    yield from untested()
    for path in sorted(DASHBOARDS.glob("*.json")):
        yield from (f"{path.name}: {fault}" for fault in dashboard_faults(json.loads(path.read_text())))
    if tools.is_here(PROMTOOL):
        yield from _prometheus()
    if tools.is_here(AMTOOL):
        yield from _alertmanager()


def unchecked() -> list[str]:
    """What could not be validated for lack of a tool."""
    return [f"deploy/monitoring by {tool}, which is not here" for tool in (PROMTOOL, AMTOOL) if not tools.is_here(tool)]


def alert_faults(alert: Alert) -> Iterator[str]:
    """What a person who is woken by it would miss."""
    if alert.severity not in RECEIVERS:
        yield f"has the severity {alert.severity or 'nothing'}: it is one of {', '.join(RECEIVERS)}"
    for name in sorted(_ANNOTATIONS - alert.annotations.keys()):
        yield f"has no {name}"
    page, _, anchor = alert.annotations.get("runbook_url", "").partition("#")
    if page and anchor not in _anchors(PROJECT / page):
        yield f"leads to {page}#{anchor}, which does not exist"


def _anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE) if page.is_file() else []
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def untested() -> Iterator[str]:
    """An alert that no test has seen firing and silent may be unable to do either."""
    firing, silent = tested()
    for alert in alerts():
        if (alert.name, alert.severity) not in firing:
            yield f"alert {alert.name} ({alert.severity}): no test in deploy/monitoring/tests sees it fire"
        if alert.name not in silent:
            yield f"alert {alert.name}: no test in deploy/monitoring/tests sees it silent"


def tested() -> tuple[set[tuple[str, str]], set[str]]:
    """Which alerts, by severity, the tests see firing, and which they see silent."""
    firing, silent = set(), set()
    for path in RULE_TESTS.glob("*.yml"):
        for case in yaml.safe_load(path.read_text())["tests"]:
            for check in case["promql_expr_test"]:
                (name,) = _FIRING.findall(check["expr"])
                seen = {(name, severity) for severity in _SEVERITY.findall(str(check["exp_samples"]))}
                firing |= seen
                silent |= set() if seen else {name}
    return firing, silent


def _prometheus() -> Iterator[str]:
    checked = tools.run(PROMTOOL, "check", "config", PROMETHEUS)
    if checked.returncode != 0:
        yield f"promtool check config: {tools.complaint(checked)}"
        return
    done = tools.run(PROMTOOL, "test", "rules", *sorted(RULE_TESTS.glob("*.yml")))
    if done.returncode != 0:
        yield f"promtool test rules: {tools.complaint(done)}"


def _alertmanager() -> Iterator[str]:
    done = tools.run(AMTOOL, "check-config", ALERTMANAGER)
    if done.returncode != 0:
        yield f"amtool: {tools.complaint(done)}"
        return
    for labels in sorted({tuple(sorted(alert.labels.items())) for alert in alerts()}):
        receiver = dict(labels).get("team") or RECEIVERS[dict(labels)["severity"]]
        if (reached := route(dict(labels))) != receiver:
            yield f"alertmanager.yml: {dict(labels)} reaches {reached}, not {receiver}"


def route(labels: dict[str, str]) -> str:
    """The receiver that an alert with these labels reaches."""
    words = [f"{name}={value}" for name, value in labels.items()]
    return tools.run(AMTOOL, "config", "routes", "test", f"--config.file={ALERTMANAGER}", *words).stdout.strip()


def dashboard_faults(dashboard: dict[str, Any]) -> Iterator[str]:
    """What somebody who looks at it at night would miss."""
    for name in ("uid", "title", "description"):
        if not dashboard.get(name):
            yield f"has no {name}"
    for panel in dashboard["panels"]:
        missing = [name for name in ("title", "description", "datasource", "targets") if not panel.get(name)]
        if "unit" not in panel.get("fieldConfig", {}).get("defaults", {}):
            missing.append("unit")
        yield from (f"the panel {panel.get('title', panel['id'])} has no {name}" for name in missing)

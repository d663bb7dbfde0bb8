"""Every expression of dashboards and alerts, evaluated by a Prometheus that has read the real API after traffic.

What exporters tell (of machines, containers, PostgreSQL, Redis) is not there: those expressions are only parsed here;
rules/machine.yml has made-up series in deploy/monitoring/tests.
"""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy.local import ports, processes
from deploy.local.services import Service, answers_http
from deploy.local.valkey import Valkey
from deploy.monitoring import rules
from deploy.monitoring.grafana.boards import DASHBOARDS
from deploy.validation import monitoring, tools
from deploy.validation.tools import MissingToolError
from pipelines.roster.migrations import upgrade
from tests.api import roster as rosters
from tests.api.roster import Roster
from tests.journeys import running
from tests.servers import PostgresServer

PROGRAM = "prometheus"
USERS = "/ims/oneroster/rostering/v1p2/users"
AUDITED = "rate(rosterhub_audit_rows_total[1m])"
EXPORTED = re.compile(r"\b(?:node|container|pg|redis)_\w+")
NAME = re.compile(r"\b(?:rosterhub|http)[:_][\w:]+")
# Told of a standby alone, which none is here; and a counter without series before somebody is shut out.
UNSEEN = {"rosterhub_database_replay_lag_seconds", "rosterhub_limits_total"}
EXPRESSIONS = {
    f"{board.uid}: {panel.title} {index}": query.expression.replace("$__rate_interval", "1m")
    for board in DASHBOARDS
    for panel in board.panels
    for index, query in enumerate(panel.queries)
}
ALERTS = {f"{alert.name} ({alert.severity})": alert.expression for alert in rules.alerts()}


def needs_an_exporter(expression: str) -> bool:
    """Whether it asks, itself or through what is recorded, for metrics of an exporter."""
    recorded = rules.recorded()
    told = " ".join([expression, *(recorded[name] for name in NAME.findall(expression) if name in recorded)])
    return EXPORTED.search(told) is not None


class Prometheus:
    """One that runs."""

    def __init__(self, url: str) -> None:
        self._url = url

    def found(self, expression: str) -> list[object]:
        """The series that an expression finds now; an expression that cannot be parsed is an error."""
        query = urllib.parse.urlencode({"query": expression})
        result: list[object] = json.loads(got(f"{self._url}/api/v1/query?{query}"))["data"]["result"]
        return result


@pytest.fixture(scope="module")
def prometheus(
    postgres_server: PostgresServer, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    try:
        tools.program(PROGRAM)
    except MissingToolError as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("monitored")
    with postgres_server.database(postgres_server.migrated(upgrade)) as url, rosters.opened(url) as roster:
        fill(roster)
        api = running.gunicorn(
            folder, {"DATABASE_URL": url, "REDIS_URL": valkey_server.url(15), "ROSTERHUB_HOME": str(folder)}
        )
        watching = service(folder, api.where.removeprefix("http://"))
        with running.running(api), running.running(watching):
            asking = Prometheus(watching.where)
            ask(api.where, asking)
            yield asking


def fill(roster: Roster) -> None:
    """A roster, and what pipelines leave in the database once they have run for a while."""
    roster.key()
    rosters.fill_everything(roster)
    roster.connection.execute(
        """
        UPDATE publications SET counts = '{"users": {"inserted": 3}}', seconds = '{"writing": 1.5}';
        INSERT INTO run_states VALUES ('sync', 'queued', 0, now()), ('sync', 'succeeded', 3, now());
        INSERT INTO last_runs VALUES ('sync', 'north', 'succeeded', 'r', now(), 12.5);
        INSERT INTO backups (created_at, seconds, bytes, rows, path, drilled_at, drill_seconds, is_good)
        VALUES (now(), 1, 1, 1, 'a', now(), 1, true)
        """
    )


def service(folder: Path, api: str) -> Service:
    """Prometheus with the shipped rules, reading that API every second and nothing else."""
    shipped = yaml.safe_load(monitoring.PROMETHEUS.read_text())
    (job,) = (one for one in shipped["scrape_configs"] if one["job_name"] == "rosterhub-api")
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules.FOLDER / "*.yml")],
        "scrape_configs": [{**job, "static_configs": [{"targets": [api]}]}],
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    where = f"127.0.0.1:{ports.unused()}"
    return Service(
        name=PROGRAM,
        title="Prometheus",
        command=(
            tools.program(PROGRAM),
            f"--config.file={path}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address={where}",
        ),
        log=folder / "prometheus.log",
        where=f"http://{where}",
        ready=lambda: answers_http(f"http://{where}/-/ready"),
    )


def ask(api: str, prometheus: Prometheus) -> None:
    """Traffic, until Prometheus has seen what became of it: a rate needs two looks at a counter."""

    def is_seen() -> bool:
        for _ in range(5):
            got(f"{api}{USERS}?limit=2", {"X-API-Key": rosters.HEADER})
        return all(prometheus.found(name) for name in ("rosterhub:http_errors:ratio5m", AUDITED))

    assert processes.wait_until(is_seen, 30), "Prometheus never saw the traffic"


def got(url: str, headers: dict[str, str] | None = None) -> bytes:
    """The body of an answer that has to be a success."""
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - our own http addresses
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        body: bytes = answer.read()
        return body


@pytest.mark.parametrize("title", EXPRESSIONS)
def test_no_panel_is_empty(prometheus: Prometheus, title: str) -> None:
    found = prometheus.found(EXPRESSIONS[title])
    assert found or needs_an_exporter(EXPRESSIONS[title])


@pytest.mark.parametrize("title", ALERTS)
def test_an_alert_asks_for_what_there_is_and_is_silent(prometheus: Prometheus, title: str) -> None:
    assert prometheus.found(ALERTS[title]) == []
    if not needs_an_exporter(ALERTS[title]):
        for name in set(NAME.findall(ALERTS[title])) - UNSEEN:
            assert prometheus.found(f"count({name})"), name


def test_what_is_shown_of_exporters_is_little() -> None:
    of_exporters = {title for title, expression in EXPRESSIONS.items() if needs_an_exporter(expression)}
    assert {title.split(":")[0] for title in of_exporters} == {"oneroster-api", "oneroster-db"}

"""What runs in a ROSTERHUB_HOME, for people and for scripts. Looks only; nothing is started or ended."""

from itertools import zip_longest
from typing import Any

import psycopg
from psycopg import conninfo

from deploy.local.record import Record
from pipelines import contract
from pipelines.settings import Settings


def look(settings: Settings) -> dict[str, Any]:
    """State, URLs, ports, processes, versions, and the generation that is served of each source."""
    record = Record(settings.home)
    facts = record.read()
    supervisor = record.supervisor()
    return {
        "state": facts.get("state", "starting") if supervisor is not None else "down",
        "home": str(settings.home),
        "supervisor": supervisor,
        "urls": facts.get("urls", {}),
        "ports": facts.get("ports", {}),
        "versions": facts.get("versions", {}),
        "services": [
            {"name": service.name, "pid": service.identity.pid, "running": running, "log": service.log}
            for service in record.services()
            for running in (service.identity.find() is not None,)
        ],
        "database": _without_password(settings.database_url),
        "generations": _generations(settings.database_url),
    }


def lines(facts: dict[str, Any]) -> list[str]:
    """The same as text."""
    told = [f"RosterHub in {facts['home']} is {facts['state']}"]
    told += [f"  {name:<12} {url}" for name, url in facts["urls"].items()]
    told += [_service_line(service) for service in facts["services"]]
    told += [f"  source {name}: generation {number}" for name, number in (facts["generations"] or {}).items()]
    if facts["database"] is not None and facts["generations"] is None:
        told.append(f"  the database at {facts['database']} does not answer")
    return told


def _service_line(service: dict[str, Any]) -> str:
    state = "running" if service["running"] else "ended"
    return f"  {service['name']:<12} process {service['pid']}, {state}, log {service['log']}"


def _generations(database_url: str | None) -> dict[str, int] | None:
    if database_url is None:
        return None
    query = f"SELECT source, generation FROM {contract.SOURCES} ORDER BY source"  # noqa: S608 - a declared name
    try:
        with psycopg.connect(database_url, connect_timeout=3) as connection:
            return dict(connection.execute(query).fetchall())
    except psycopg.errors.UndefinedTable:
        return {}  # not migrated yet
    except psycopg.OperationalError:
        return None


def _without_password(url: str | None) -> str | None:
    if url is None:
        return None
    given = conninfo.conninfo_to_dict(url)
    hosts, ports = (str(given.get(name) or usual).split(",") for name, usual in (("host", ""), ("port", 5432)))
    servers = ",".join(f"{host}:{port}" for host, port in zip_longest(hosts, ports, fillvalue=ports[-1]))
    return f"postgresql://{servers}/{given.get('dbname', '')}"

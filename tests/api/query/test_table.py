"""The table of queries: text → SQL and parameters, as golden text; and every row that is planned is run."""

import dataclasses
from collections.abc import Iterator

import pytest

from api import explaining
from api.collections import COLLECTIONS, Collection
from api.database import Database
from api.errors import ApiError
from api.query import sql
from api.query.paths import resolve
from api.query.plan import Plan
from api.query.predicates import where
from api.query.reading import Reader
from api.query.recall import Recall
from pipelines.roster.migrations import upgrade
from tests.api.conftest import settings_for
from tests.api.query.names import names
from tests.api.query.table import ROWS, Row, every_order
from tests.api.roster import SOURCE, fill_everything, full, opened
from tests.golden import assert_golden
from tests.journeys import running, test_postgresql_15
from tests.servers import PostgresServer

LONGEST = 320  # characters of a golden line; what repeats itself need not be read to its end


def test_golden() -> None:
    assert_golden("queries.txt", "\n".join(line for row in ROWS for line in _told(row)) + "\n")


def _told(row: Row) -> Iterator[str]:
    """The row, and what it becomes: an error or statements with parameters."""
    yield _cut(f"{row.path} {dict(row.parameters)!r}" + (" limited" if row.limited else ""))
    try:
        plan = row.plan
    except ApiError as error:
        yield _cut(f"  {error.status} {error.minor}: {error.description!r}")
        return
    if plan.where:
        yield _cut(f"  {where(plan.where, row.limited).as_string()}")
    if not row.endpoint.collection.is_stored:
        yield "  never stored: nothing is read"
    elif plan.order or plan.after or plan.skip or row.endpoint.nested or row.limited:
        yield from (f"  {_without_columns(row, statement)}" for statement in _statements(plan, row.limited))
    if plan.fields is not None:
        yield f"  {sorted(plan.fields)}"
    told = {**plan.values, "after": plan.after, "skip": plan.skip}
    if given := {name: value for name, value in told.items() if name.startswith("v") or value not in (None, 0)}:
        yield _cut(f"  {given!r}")


def _statements(plan: Plan, limited: bool) -> Iterator[bytes]:
    if plan.endpoint.nested:
        yield sql.parents(plan.endpoint, limited)
    yield from explaining.statements(plan, limited)


def _without_columns(row: Row, statement: bytes) -> str:
    table = f'FROM "{row.endpoint.collection.entity.table}" t WHERE'
    before, found, rest = statement.decode().partition(table)
    return f"SELECT … {found}{rest}" if found and "EXISTS" not in before else statement.decode()


def _cut(text: str) -> str:
    """The golden file is read by lines, and some rows are long on purpose."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def test_the_table_is_large() -> None:
    assert len({(row.path, repr(row.parameters), row.limited) for row in ROWS}) > 800


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_every_name_leads_somewhere(collection: Collection) -> None:
    assert [name for name in names(collection) if resolve(collection, name) is None] == []


def test_no_value_of_a_request_is_in_a_statement() -> None:
    """What says DROP or sleeps is in no statement."""
    statements = [text for row in ROWS for text in _told(row) if text.startswith("  SELECT") or "EXISTS" in text]
    assert len(statements) > 100
    assert not [text for text in statements if "DROP" in text or "pg_sleep" in text]


@pytest.fixture(scope="module", params=["this PostgreSQL", "PostgreSQL 15"])
def database(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The full roster, in the server of the run and in the oldest that is supported."""
    if request.param == "this PostgreSQL":
        with postgres_server.database(postgres_server.migrated(upgrade)) as url:
            yield from _filled(url)
        return
    server = running.own_postgres(tmp_path_factory.mktemp("fifteen"), test_postgresql_15.programs())
    with running.running(running.own_service(server)):
        upgrade(server.url())
        yield from _filled(server.url())


def _filled(url: str) -> Iterator[Database]:
    with opened(url) as roster:
        fill_everything(roster)
    database = Database(settings_for(url))
    yield database
    database.close()


def _run(database: Database, rows: Iterator[Row], roots: tuple[str, ...] | None = None) -> int:
    """Everything that is read for the rows; how many there were that could be planned."""
    number = 0
    with database.snapshot() as cursor:
        reader = Reader(cursor, SOURCE, Recall(), roots)
        for row in rows:
            try:
                plan = row.plan
            except ApiError:
                continue
            _read(reader, plan)
            number += 1
    return number


def _read(reader: Reader, plan: Plan) -> None:
    page = reader.page(dataclasses.replace(plan, limit=min(plan.limit, 3)))
    assert page.end.is_followed in {True, False}
    reader.end(plan)
    reader.total(plan)
    if plan.after and plan.endpoint.collection.is_stored:
        reader.left(plan)


def test_every_row_that_is_planned_runs(database: Database) -> None:
    assert _run(database, iter(ROWS)) > 600


def test_every_order_runs(database: Database) -> None:
    assert _run(database, every_order()) > 300


def test_what_looks_into_other_records_runs_for_limited_clients_too(database: Database) -> None:
    """The names of references, and the table's own rows of that kind."""
    rows = (row for row in ROWS if row.limited or "." in str(row.parameters.get("filter", "")).partition("'")[0])
    assert _run(database, rows, roots=(full("org"),)) > 200

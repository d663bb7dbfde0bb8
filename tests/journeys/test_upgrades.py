"""Two versions side by side, as in a rolling update or after `rollout undo`: the code from before the newest migration
on the database after it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy.local import binaries
from pipelines.roster import migrations
from tests.api.conftest import Api, serving, settings_for
from tests.journeys import running, versions
from tests.journeys.line import Line, WebApi, differing, snapshot
from tests.journeys.versions import Version
from tests.pipelines.district import District
from tests.servers import PostgresServer

PUBLIC_URL = "https://hub.example"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return versions.before_the_newest_migration(tmp_path_factory.mktemp("before"))


@contextmanager
def served(line: Line, by: Version) -> Iterator[WebApi]:
    """That version's API, in a gunicorn of its own."""
    variables = by.variables({**line.variables, "ROSTERHUB_PUBLIC_URL": PUBLIC_URL})
    service = running.gunicorn(line.home, variables, workers=1, code=by.folder)
    with running.running(service):
        yield WebApi(service.where, line.key())


def changed() -> District:
    return District().change("users", "pupil2", familyName="𠮷").remove("enrollments", "e3")


def revision(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        return migrations.current(connection)


def by_hand(dump: Path, into: str) -> None:
    """As the runbook has it: the dump is all that this needs, whatever a version notes beside its backups."""
    program = binaries.postgres().folder / "pg_restore"
    subprocess.run([program, "--no-owner", "--exit-on-error", f"--dbname={into}", dump], check=True)


def test_there_is_a_version_before(before: Version) -> None:
    assert before.newest_migration < migrations.newest()


def test_its_api_answers_as_the_new_one_does(before: Version, line: Line, api: Api) -> None:
    line.take(District())
    line.take(changed())
    with served(line, before) as old:
        assert old.get("/health/ready").status_code == 200
        assert differing(snapshot(old), snapshot(api)) == set()
        for path in ("/users/pupil2", "/users/nobody", "/classes?filter=title~'a'&limit=1", "/users?sort=familyName"):
            url = f"/ims/oneroster/rostering/v1p2{path}"
            assert (old.get(url).status_code, old.get(url).json) == (api.get(url).status_code, api.get(url).json)


def test_its_audit_rows_are_written(before: Version, line: Line) -> None:
    line.take(District())
    with served(line, before) as old:
        old.get("/ims/oneroster/rostering/v1p2/orgs", X_Request_Id="asked-before")
    with psycopg.connect(line.database_url) as connection:
        rows = connection.execute("SELECT status FROM api_key_audit_logs WHERE request_id = 'asked-before'").fetchall()
    assert rows == [(200,)]


def test_its_sync_publishes_for_the_new_api(before: Version, line: Line, api: Api) -> None:
    line.take(District())
    line.land(changed())
    before.types(line.variables, "sync", "north")
    shown = snapshot(api)
    assert shown["users/pupil2"]["familyName"] == "𠮷"
    assert shown["enrollments/e3"]["status"] == "tobedeleted"
    for name in ("users", "enrollments"):
        told = api.get(f"/ims/oneroster/rostering/v1p2/{name}").headers["X-Total-Count"]
        assert int(told) == sum(record.startswith(f"{name}/") for record in shown)


def test_the_new_sync_goes_on_from_there(before: Version, line: Line, api: Api) -> None:
    line.land(District())
    before.types(line.variables, "sync", "north")
    assert line.take(District()).outcome == "unchanged"
    assert line.take(changed()).outcome == "published"
    assert snapshot(api)["users/pupil2"]["familyName"] == "𠮷"


def test_a_backup_made_then_restores_and_migrates(
    before: Version, tmp_path: Path, database_url: str, postgres_server: PostgresServer
) -> None:
    line = Line(tmp_path, database_url)
    line.land(District())
    for command in (["migrate"], ["sync", "north"], ["backup", "create"]):
        before.types(line.variables, *command)
    assert revision(database_url) == before.newest_migration
    with served(line, before) as old:
        then = snapshot(old)
    with postgres_server.database() as restored:
        by_hand(line.settings.backup_folder / "latest.dump", restored)
        versions.this().types(Line(tmp_path, restored).variables, "migrate")
        assert revision(restored) == migrations.newest()
        with serving(settings_for(restored), Line(tmp_path, restored).key()) as api:
            assert differing(then, snapshot(api)) == set()

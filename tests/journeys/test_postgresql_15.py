"""The oldest PostgreSQL that is supported: schema, publishing and reading work there as well."""

import os
from pathlib import Path

import pytest

from deploy.local import binaries
from pipelines.roster.migrations import upgrade
from tests.api.conftest import serving, settings_for
from tests.journeys import running
from tests.journeys.line import Line, differing, snapshot
from tests.pipelines.district import District

PROGRAMS = Path(os.environ.get("ROSTERHUB_PG_BIN", "/usr/lib/postgresql/15/bin"))


def programs() -> binaries.PostgresPrograms:
    """Those of version 15; the test is skipped where they are not."""
    if not (PROGRAMS / "postgres").exists():
        pytest.skip(f"no PostgreSQL 15 in {PROGRAMS}: install postgresql-15, or set ROSTERHUB_PG_BIN")
    found = binaries.postgres(PROGRAMS)
    if found.major != 15:
        pytest.skip(f"{PROGRAMS} has PostgreSQL {found.version}, and this is about 15")
    return found


def test_a_source_is_published_changed_and_read(tmp_path: Path) -> None:
    server = running.own_postgres(tmp_path, programs())
    line = Line(tmp_path, server.url())
    with running.running(running.own_service(server)):
        upgrade(server.url())
        assert line.take(District()).outcome == "published"
        with serving(settings_for(server.url()), line.key()) as api:
            before = snapshot(api)
            assert before["users/teacher"]["familyName"] == "Lovelace"
            line.take(District().change("users", "pupil2", familyName="𠮷").remove("enrollments", "e3"))
            after = snapshot(api)
    assert differing(before, after) == {"users/pupil2", "students/pupil2", "enrollments/e3"}
    assert after["users/pupil2"]["familyName"] == "𠮷"
    assert after["enrollments/e3"]["status"] == "tobedeleted"

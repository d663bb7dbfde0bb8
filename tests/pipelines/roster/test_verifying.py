"""What is stored held against the ledger: a sound store has no faults, and each way of spoiling it is named."""

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from pipelines import cli
from pipelines.errors import Refused
from pipelines.roster.verifying import verify
from tests.pipelines.conftest import Publish
from tests.pipelines.district import District


def spoil(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def test_a_sound_store_is_as_the_ledger_says(publish_district: Publish, migrated_url: str) -> None:
    publish_district(District())
    publish_district(District().change("orgs", "north", name="Northern"))
    found = verify(migrated_url, "s")
    assert (found.faults, found.generation) == ((), 2)
    assert found.entities["users"].rows > 0


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM enrollments WHERE ctid IN (SELECT ctid FROM enrollments LIMIT 1)", "enrollments: "),
        ("DELETE FROM courses", "classes.courseSourcedId: "),
        ("UPDATE classes SET term_sourced_ids = ARRAY['nowhere']", "classes.termSourcedIds: "),
        ("UPDATE orgs SET publication_id = 99", "orgs: "),
        ("UPDATE changes SET ids = ids || '{ghost}' WHERE entity = 'users'", "users: 1 records are not as the feed"),
        ("UPDATE totals SET records = records + 1 WHERE entity = 'orgs'", "orgs: "),
    ],
)
def test_what_is_spoiled_is_named(publish_district: Publish, migrated_url: str, statement: str, fault: str) -> None:
    publish_district(District())
    spoil(migrated_url, statement)
    assert any(one.startswith(fault) for one in verify(migrated_url, "s").faults)


def test_a_source_that_was_never_published_is_refused(migrated_url: str) -> None:
    with pytest.raises(Refused, match="nothing of s was ever"):
        verify(migrated_url, "s")


def test_the_command_compares_with_another_store(
    publish_district: Publish, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    publish_district(District())
    before = tmp_path / "before.json"
    before.write_text(CliRunner().invoke(cli.main, ["verify", "s", "--json"]).output)
    assert json.loads(before.read_text())[0]["faults"] == []
    same = CliRunner().invoke(cli.main, ["verify", "--against", str(before)])
    assert (same.exit_code, same.output.split(":")[0]) == (0, "s")
    spoil(migrated_url, "UPDATE users SET given_name = 'X' WHERE ctid IN (SELECT ctid FROM users LIMIT 1)")
    other = CliRunner().invoke(cli.main, ["verify", "--against", str(before)])
    assert other.exit_code == 1
    assert "s: users differ" in other.output

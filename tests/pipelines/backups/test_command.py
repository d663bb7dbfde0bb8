"""`rosterhub backup` as an operator and as a script give it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.backups import Backup, backup
from pipelines.backups.copies import Copies
from pipelines.commands.backup import backup as command
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings
from tests.pipelines.backups.conftest import With, aged

Run = Callable[..., str]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command; its errors come as they are raised."""
    monkeypatch.setattr("pipelines.settings.load", lambda: settings)

    def invoke(*words: str) -> str:
        result = CliRunner().invoke(command, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def as_json(run: Run, *words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_it_creates_lists_and_verifies(run: Run) -> None:
    assert "no backups yet" in run("list")
    created = as_json(run, "create")
    assert (created["state"], created["faults"]) == ("verified", [])
    text = run("list")
    assert created["path"] in text
    assert created["script"]["name"] in text
    assert "verified" in run("verify")
    (listed,) = as_json(run, "list")
    assert listed["dump"]["sha256"] == created["dump"]["sha256"]
    assert listed["drilled_at"]


def test_verifying_without_a_backup_says_how_to_make_one(run: Run) -> None:
    with pytest.raises(Refused, match="rosterhub backup create"):
        run("verify")


def test_what_is_no_good_ends_with_the_reason(run: Run, made: Backup) -> None:
    made.path.write_bytes(made.path.read_bytes()[:-1])
    with pytest.raises(Refused, match=r"is no good backup: .*: the file was changed since it was made"):
        run("verify", made.name)
    assert "NO GOOD" in run("list")


@pytest.mark.parametrize(
    ("named", "index"),
    [
        ("latest", 0),
        ("{folder}/latest_backup.sql.gz", 1),
        ("{folder}/{name}.dump", 0),
        ("{name}", 0),
        ("{name}.sql.gz", 1),
    ],
)
def test_a_file_is_restored_by_path_link_or_name(
    named: str, index: int, run: Run, made: Backup, database_url: str
) -> None:
    file = named.format(folder=made.folder, name=made.name)
    restored = as_json(run, "restore", file, "--into", database_url)
    assert restored["path"].endswith(made.files[index].name)
    assert (restored["rows"], restored["is_equal"]) == (made.rows, True)


def test_after_restoring_it_says_what_comes_next(run: Run, made: Backup, database_url: str) -> None:
    assert "rosterhub migrate" in run("restore", "--into", database_url)


@pytest.mark.parametrize("named", ["rosterhub-20200101T000000Z", "/nowhere/latest.dump"])
def test_what_is_not_there_is_named(named: str, run: Run, made: Backup, database_url: str) -> None:
    with pytest.raises(Refused, match=named):
        run("restore", named, "--into", database_url)


def test_pruning_says_what_goes(having: With, made: Backup, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    settings = having(backup_daily=1, backup_weekly=0, backup_monthly=0)
    monkeypatch.setattr("pipelines.settings.load", lambda: settings)
    backup(settings, made.folder)
    assert run("prune") == "every backup is kept\n"
    aged(made)
    assert [gone["name"] for gone in as_json(run, "prune", "--dry-run")] == [made.name]
    assert made.path.exists()
    assert made.name in run("prune")
    assert not made.path.exists()


@pytest.mark.parametrize("word", ["create", "list"])
def test_a_store_of_copies_that_is_away_hides_no_backup(
    word: str, having: With, made: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "REGION": "x"}
    for name, value in variables.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    settings = having(backup_s3="s3://backups")
    monkeypatch.setattr("pipelines.settings.load", lambda: settings)
    result = CliRunner().invoke(command, [word])
    assert "verified" in result.output
    assert isinstance(result.exception, DependencyAway)


def test_copies_are_listed_with_their_place_and_fetched_by_name(
    having: With, made: Backup, monkeypatch: pytest.MonkeyPatch, bucket: str, database_url: str, tmp_path: Path
) -> None:
    settings = having(backup_s3=bucket, backup_folder=tmp_path / "empty")
    monkeypatch.setattr("pipelines.settings.load", lambda: settings)
    Copies(bucket).send(made)
    listed = CliRunner().invoke(command, ["list"], catch_exceptions=False).output
    assert f"{bucket}/{made.name}.dump\n" in listed
    words = ["restore", made.name, "--into", database_url]
    assert "equal to what was dumped" in CliRunner().invoke(command, words, catch_exceptions=False).output

"""Copies of backups in a real S3 server, as an operator names it by the usual variables."""

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from pipelines.backups import Backup, backup, backups, verify
from pipelines.backups.copies import Copies
from pipelines.backups.pruning import Retention
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings, SettingsError, load
from tests.pipelines.backups.conftest import COPIES as URL
from tests.pipelines.backups.conftest import aged

Objects = Callable[[], list[str]]


@pytest.fixture
def objects(bucket: str) -> Objects:
    """What lies in the bucket."""
    name = bucket.removeprefix("s3://").partition("/")[0]
    return lambda: [entry.key for entry in boto3.resource("s3", region_name="us-east-1").Bucket(name).objects.all()]


def test_a_copy_has_every_file_under_the_prefix(made: Backup, objects: Objects) -> None:
    copies = Copies(URL)
    copies.send(made)
    endings = ("dump", "dump.sha256", "json", "sql.gz", "sql.gz.sha256")
    assert objects() == [f"north/rosterhub/{made.name}.{ending}" for ending in endings]
    (listed,) = copies.backups()
    assert (listed.name, listed.tables, listed.state) == (made.name, made.tables, "verified")


def test_a_copy_that_was_fetched_is_as_good_as_the_first(
    made: Backup, settings: Settings, objects: Objects, tmp_path: Path
) -> None:
    Copies(URL).send(made)
    fetched = Copies(URL).fetch(made.name, tmp_path / "elsewhere")
    assert backups(tmp_path / "elsewhere") == [fetched]
    assert verify(settings, fetched).is_good


def test_a_copy_that_is_not_there_is_refused_by_name(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"there is no copy of rosterhub-x in {URL}"):
        Copies(URL).fetch("rosterhub-x", tmp_path)


def test_copies_are_pruned_by_the_same_rule(made: Backup, settings: Settings, objects: Objects) -> None:
    second = backup(settings, made.folder)
    copies = Copies(URL)
    for one in (aged(made), second):
        copies.send(one)
    rule = Retention(1, 0, 0)
    assert [one.name for one in copies.prune(rule, dry_run=True)] == [made.name]
    assert len(objects()) == 10
    assert [one.name for one in copies.prune(rule)] == [made.name]
    assert [one.name for one in copies.backups()] == [second.name]
    assert len(objects()) == 5


def test_a_bucket_that_is_missing_is_told_with_the_variables(made: Backup, objects: Objects) -> None:
    with pytest.raises(DependencyAway, match="s3://nowhere does not answer as it should; are AWS_ENDPOINT_URL"):
        Copies("s3://nowhere").send(made)


def test_the_setting_names_a_bucket() -> None:
    assert load({"ROSTERHUB_BACKUP_S3": "s3://backups/"}, None).backup_s3 == "s3://backups"
    with pytest.raises(SettingsError, match="a bucket is expected"):
        load({"ROSTERHUB_BACKUP_S3": "s3:///prefix"}, None)

"""A published district, and backups of it."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipelines.backups import Backup, backup, shelf
from pipelines.settings import Settings, load
from tests.pipelines.conftest import Publish
from tests.pipelines.district import District

COPIES = "s3://backups/north/rosterhub"
With = Callable[..., Settings]


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str) -> Settings:
    return load({"ROSTERHUB_HOME": str(tmp_path), "DATABASE_URL": migrated_url, "ROSTERHUB_TIME_ZONE": "UTC"}, None)


@pytest.fixture
def having(settings: Settings) -> With:
    """The settings with some of them set otherwise."""
    return lambda **values: dataclasses.replace(settings, **values)


@pytest.fixture
def made(settings: Settings, publish_district: Publish) -> Backup:
    """A backup of a published district."""
    publish_district(District())
    return backup(settings, settings.backup_folder)


def aged(made: Backup) -> Backup:
    """A backup as if made two days before."""
    moment = datetime.fromisoformat(made.created_at) - timedelta(days=2)
    old = dataclasses.replace(made, created_at=moment.isoformat(timespec="seconds"))
    shelf.note(old)
    return old


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A real S3 server, shared by the worker."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place for copies, named by the variables that operators set."""
    variables = {"ENDPOINT_URL": s3_endpoint, "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "REGION": "us-east-1"}
    for name, value in variables.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    emptied = boto3.resource("s3", region_name="us-east-1").Bucket("backups")
    emptied.create()
    emptied.objects.all().delete()
    return COPIES

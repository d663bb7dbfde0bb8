"""The API's settings, and what loading the API loads."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import SettingsError, load

URL = "postgresql://hub@db.example/rosterhub"


def test_the_owners_database_is_read_as_the_reader() -> None:
    settings = load({"DATABASE_URL": URL})
    assert (settings.database_url, settings.role) == (URL, "rosterhub_api")


def test_a_database_of_its_own_needs_no_role() -> None:
    settings = load({"DATABASE_URL": "postgresql://owner@x/y", "ROSTERHUB_API_DATABASE_URL": URL})
    assert (settings.database_url, settings.role) == (URL, None)


def test_blank_variables_are_unset_ones() -> None:
    settings = load({"DATABASE_URL": URL, "REDIS_URL": " ", "MAINTENANCE_MODE": ""})
    assert (settings.redis_url, settings.maintenance) == (None, False)


def test_every_mistake_is_named_and_no_url_is_shown() -> None:
    given = {
        "DATABASE_URL": "mysql://user:password@x",
        "ROSTERHUB_API_POOL_SIZE": "0",
        "MAINTENANCE_MODE": "maybe",
        "ROSTERHUB_DEFAULT_SOURCE": "North",
    }
    with pytest.raises(SettingsError) as raised:
        load(given)
    assert all(name in str(raised.value) for name in given)
    assert "password" not in str(raised.value)


def test_a_database_is_needed() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        load({})


def test_loading_the_api_loads_nothing_heavy() -> None:
    script = "import sys, api.app; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"dagster", "polars", "pandas", "pyarrow", "great_expectations", "alembic", "sqlalchemy"} & set(loaded)


def test_of_pipelines_the_api_loads_only_the_standard_and_the_contract() -> None:
    script = "import sys, api.app; print(*(name for name in sys.modules if name.startswith('pipelines.')))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    allowed = ("pipelines.oneroster", "pipelines.contract")
    assert [name for name in loaded if not name.startswith(allowed)] == []


def test_a_secret_may_come_by_file(tmp_path: Path) -> None:
    secret = tmp_path / "database-url"
    secret.write_text(f"{URL}\n")
    assert load({"DATABASE_URL_FILE": str(secret)}).database_url == URL


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL: the file .*nothing cannot be read: No such file"):
        load({"DATABASE_URL_FILE": str(tmp_path / "nothing")})

"""Under which account PostgreSQL runs: each way that this test's own account can go."""

import os
from pathlib import Path

import pytest

from deploy.local import accounts
from pipelines.errors import DependencyAway

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root does")
PROGRAM = Path("/bin/true")


@pytest.fixture
def no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that forbids user namespaces, as Docker does by default."""
    refusing = tmp_path / "bin" / "unshare"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing.parent}:{os.environ['PATH']}")


@pytest.mark.skipif(os.geteuid() == 0, reason="what an ordinary user does")
def test_an_ordinary_user_stays_who_they_are(tmp_path: Path) -> None:
    assert accounts.choose(PROGRAM, tmp_path).command("postgres", "-V") == ["postgres", "-V"]


@as_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_without_namespaces_becomes_an_account_without_rights() -> None:
    account = accounts.choose(PROGRAM, Path("/"))
    assert account.prefix[0] == "setpriv"
    assert account.uid != 0


@as_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_is_told_what_to_do_when_nothing_works(tmp_path: Path) -> None:
    (tmp_path / "closed" / "home").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    with pytest.raises(DependencyAway, match=r"ordinary user.*ROSTERHUB_HOME.*DATABASE_URL"):
        accounts.choose(PROGRAM, tmp_path / "closed" / "home")


@as_root
def test_files_of_yesterdays_account_are_handed_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").touch()
    accounts.Account((), 65534, 65534).own(tmp_path)
    assert (tmp_path / "data" / "PG_VERSION").stat().st_uid == 65534

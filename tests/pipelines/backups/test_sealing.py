"""Encrypted backups: made without the secret key, opened with it, and never said to be what was not looked at."""

from pathlib import Path

import pytest
from pyrage import x25519

from pipelines.backups import Backup, backup, backups, inventory, restore, sealing, verify
from pipelines.errors import Refused, SettingsError
from pipelines.settings import Settings, load
from tests.pipelines.backups.conftest import With
from tests.pipelines.conftest import Publish
from tests.pipelines.district import District


@pytest.fixture
def secret() -> x25519.Identity:
    return x25519.Identity.generate()


@pytest.fixture
def sealed(having: With, secret: x25519.Identity, publish_district: Publish) -> Backup:
    publish_district(District())
    settings = having(backup_recipients=(str(secret.to_public()),))
    return backup(settings, settings.backup_folder)


@pytest.fixture
def keyholder(having: With, secret: x25519.Identity, tmp_path: Path) -> Settings:
    file = tmp_path / "identity.txt"
    file.write_text(f"# created: 2026-11-24T00:00:00Z\n# public key: {secret.to_public()}\n{secret}\n")
    return having(backup_identity=file)


def test_nothing_in_clear_is_left(sealed: Backup) -> None:
    names = {path.name.removeprefix(f"{sealed.name}.") for path in sealed.folder.iterdir()}
    files = {"dump.age", "sql.gz.age"}
    links = {"latest.dump.age", "latest_backup.sql.gz.age"}
    assert names == files | {f"{name}.sha256" for name in files} | {"json"} | links | {".lock"}
    for file in sealed.files:
        assert (sealed.folder / file.name).read_bytes().startswith(b"age-encryption.org/v1")


def test_it_was_restored_before_it_was_encrypted_and_says_so(sealed: Backup) -> None:
    assert sealed.is_good
    assert sealed.state == "verified before encryption"


def test_without_the_secret_key_it_is_not_judged(sealed: Backup, settings: Settings) -> None:
    with pytest.raises(sealing.NoIdentity, match="not verified: no identity"):
        verify(settings, sealed)
    assert backups(sealed.folder) == [sealed]


def test_with_the_secret_key_the_finished_files_are_verified(sealed: Backup, keyholder: Settings) -> None:
    drilled = verify(keyholder, sealed)
    assert drilled.faults == ()
    assert drilled.state == "verified"
    assert not list(sealed.folder.glob(".opened-*"))


def test_it_is_restored_with_the_secret_key(sealed: Backup, keyholder: Settings, database_url: str) -> None:
    assert restore(keyholder, sealed, sealed.files[1], database_url).faults == ()
    assert inventory.of(database_url) == sealed.tables


def test_another_key_opens_nothing(sealed: Backup, having: With, tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "other.txt"
    file.write_text(str(x25519.Identity.generate()))
    with pytest.raises(Refused, match="cannot be opened with ROSTERHUB_BACKUP_IDENTITY: No matching keys found"):
        restore(having(backup_identity=file), sealed, sealed.dump, database_url)


def test_links_in_clear_go_when_backups_become_encrypted(made: Backup, having: With, secret: x25519.Identity) -> None:
    settings = having(backup_recipients=(str(secret.to_public()),))
    second = backup(settings, made.folder)
    links = {path.name: path.resolve() for path in made.folder.glob("latest*")}
    assert links == {
        "latest.dump.age": second.path,
        "latest_backup.sql.gz.age": second.folder / f"{second.name}.sql.gz.age",
    }


def test_a_recipient_that_is_none_is_named_before_anything_is_dumped(having: With) -> None:
    settings = having(backup_recipients=("age1nonsense",))
    with pytest.raises(SettingsError, match="age1nonsense is no public key of age"):
        backup(settings, settings.backup_folder)
    assert not settings.backup_folder.exists()


def test_an_identity_file_without_a_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "identity.txt"
    file.write_text("nonsense\n")
    with pytest.raises(SettingsError, match=f"{file} has no secret key of age"):
        sealing.identities(tmp_path / "x.dump.age", file)


def test_recipients_are_a_setting_with_commas_or_spaces() -> None:
    variables = {"ROSTERHUB_BACKUP_RECIPIENTS": "age1one, age1two"}
    settings = load(variables, None)
    assert settings.backup_recipients == ("age1one", "age1two")
    assert settings.environment()["ROSTERHUB_BACKUP_RECIPIENTS"] == "age1one,age1two"
    with pytest.raises(SettingsError, match="public keys of age are expected"):
        load({"ROSTERHUB_BACKUP_RECIPIENTS": "AGE-SECRET-KEY-1X"}, None)

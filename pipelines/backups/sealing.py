"""Encryption of backups with age: anybody may seal with a public key, only the holder of the secret one opens.

The machine that makes backups needs no secret key: what was dumped is restored and compared before it is sealed.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyrage
from pyrage import x25519

from pipelines.backups import shelf
from pipelines.backups.shelf import SEALED, UNFINISHED
from pipelines.errors import Refused, SettingsError


class NoIdentity(Refused):
    """A sealed backup, and no secret key to open it with: nothing can be said of it."""


def recipients(public_keys: Sequence[str] | None) -> list[x25519.Recipient]:
    """The public keys, read. Raises SettingsError naming the one that is none."""
    return [_recipient(key) for key in public_keys or ()]


def _recipient(key: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise SettingsError(f"ROSTERHUB_BACKUP_RECIPIENTS: {key} is no public key of age: {error}") from None


def seal(path: Path, keys: Sequence[x25519.Recipient]) -> Path:
    """Encrypt an unfinished file; the one in clear goes. Without keys it stays as it is."""
    if not keys:
        return path
    sealed = shelf.begin(Path(str(path).removesuffix(UNFINISHED) + SEALED + UNFINISHED))
    with path.open("rb") as clear, sealed.open("wb") as cipher:
        pyrage.encrypt_io(clear, cipher, list(keys))
    path.unlink()
    return sealed


@contextmanager
def opened(path: Path, identity: Path | None) -> Iterator[Path]:
    """The file in clear: itself, or for a sealed one a private file beside it that goes afterwards.

    Raises NoIdentity without a secret key, Refused with one that does not fit or a file that was changed.
    """
    if not path.name.endswith(SEALED):
        yield path
        return
    keys = identities(path, identity)
    clear_name = path.name.removesuffix(SEALED)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".opened-") as folder:
        clear = Path(folder, clear_name)
        with path.open("rb") as cipher, clear.open("wb") as plain:
            _decrypt(path, cipher, plain, keys)
        yield clear


def _decrypt(path: Path, cipher: object, plain: object, keys: list[x25519.Identity]) -> None:
    try:
        pyrage.decrypt_io(cipher, plain, keys)
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the file
        raise Refused(f"{path} cannot be opened with ROSTERHUB_BACKUP_IDENTITY: {error}") from None


def identities(path: Path, identity: Path | None) -> list[x25519.Identity]:
    """The secret keys of an identity file as `age-keygen` writes it, to open that path."""
    if identity is None:
        raise NoIdentity(
            f"not verified: no identity. {path.name} is encrypted: set ROSTERHUB_BACKUP_IDENTITY to the file with the "
            "secret key"
        )
    try:
        lines = [line.strip() for line in identity.read_text().splitlines()]
        return [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, pyrage.IdentityError) as error:
        raise SettingsError(f"ROSTERHUB_BACKUP_IDENTITY: {identity} has no secret key of age: {error}") from None

"""Under which account PostgreSQL runs: it refuses to run as root, and a container's only user often is root.

An ordinary user needs nothing. Root enters a user namespace in which it is an ordinary user, or, where those are
forbidden (Docker's default), changes to an existing account without rights. No account is ever made.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DependencyAway

_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
_UNPRIVILEGED = ("postgres", "nobody")  # the first that exists


@dataclass(frozen=True)
class Account:
    """A prefix for commands, and the owner that their files need; the prefix replaces itself, so the pid stays."""

    prefix: tuple[str, ...]
    uid: int
    gid: int

    def command(self, *words: str | Path) -> list[str]:
        """The command as this account runs it."""
        return [*self.prefix, *map(str, words)]

    def own(self, folder: Path) -> None:
        """Hand a folder over; a root that used another way yesterday left files of another owner."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.uid:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(program: Path, folder: Path) -> Account:
    """The account that can run `program` on files in `folder`."""
    here = Account((), os.geteuid(), os.getegid())
    if here.uid != 0:
        return here
    if _succeeds([*_NAMESPACE, "true"]):
        return Account(_NAMESPACE, 0, here.gid)
    for account in _accounts_without_rights():
        folder.chmod(folder.stat().st_mode | 0o011)  # may pass through, may not list
        if _succeeds(account.command(program, "--version")) and _succeeds(account.command("test", "-x", folder)):
            return account
    raise DependencyAway(
        "PostgreSQL refuses to run as root, this system forbids user namespaces, and no other account can reach "
        f"both {program} and {folder}.\nEither run this as an ordinary user, or set ROSTERHUB_HOME and the checkout to "
        "folders that every account may enter, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; "
        "Docker: --security-opt seccomp=unconfined), or set DATABASE_URL to a server of your own."
    )


def _accounts_without_rights() -> list[Account]:
    if shutil.which("setpriv") is None:
        return []
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entries = [known[name] for name in _UNPRIVILEGED if name in known]
    return [Account(_setpriv(entry.pw_uid, entry.pw_gid), entry.pw_uid, entry.pw_gid) for entry in entries]


def _setpriv(uid: int, gid: int) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups")


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode == 0
    except FileNotFoundError:
        return False

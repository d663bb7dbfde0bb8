"""What the API is told by its environment: one declared table, read once when the application is made.

The settings of pipelines and of the one-machine stack are in pipelines.settings; names that both know mean the same.
A variable may also be given as NAME_FILE, the path of a file that holds the value: containers get secrets like this.
"""

# ruff: noqa: RUF009 - `_setting` is dataclasses.field

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipelines.contract import API_ROLE, is_source_name, redis_url

_TRUTHS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_SHORTEST_KEY = 32


class SettingsError(Exception):
    """The environment cannot be used as it is; the message lists every mistake."""


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError("a URL is expected that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return text.rstrip("/")

    return parse


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]+", text) or int(text) == 0:
        raise ValueError("a whole number above 0 is expected")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise ValueError("a number of seconds is expected, such as 2 or 0.5")
    return float(text)


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError("true or false is expected")
    return _TRUTHS[text.lower()]


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]+", text):
        raise ValueError("a whole number is expected; 0 is no limit")
    return int(text)


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    if text == "none":
        return ()
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as mistake:
        raise ValueError(
            f"addresses or networks such as 10.0.0.0/8 are expected, with commas between ({mistake})"
        ) from None


def _key(text: str) -> str:
    if len(text) < _SHORTEST_KEY:
        raise ValueError(f"at least {_SHORTEST_KEY} characters are expected, of chance: openssl rand -base64 32")
    return text


def _source(text: str) -> str:
    if not is_source_name(text):
        raise ValueError("a source name has lower-case letters, digits and _, and starts with a letter or digit")
    return text


_postgres_url = _url("postgresql", "postgres")


def _setting(variable: str, default: str | None, parse: Callable[[str], Any], help: str) -> Any:
    return field(metadata={"variable": variable, "default": default, "parse": parse, "help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings, typed. Blank variables count as unset, since compose files pass blanks on."""

    owner_url: str | None = _setting("DATABASE_URL", None, _postgres_url, "PostgreSQL of the roster.")
    reader_url: str | None = _setting(
        "ROSTERHUB_API_DATABASE_URL", None, _postgres_url, "What the API reads from. Unset: DATABASE_URL, as a reader."
    )
    redis_url: str | None = _setting("REDIS_URL", None, redis_url, "Where bodies are cached. Unset: nothing is.")
    public_url: str | None = _setting(
        "ROSTERHUB_PUBLIC_URL", None, _url("http", "https"), "How clients reach the API; links start with it."
    )
    default_source: str | None = _setting(
        "ROSTERHUB_DEFAULT_SOURCE", None, _source, "Source at the unprefixed URLs. Unset: the first published."
    )
    refuse_unknown_names: bool = _setting(
        "ROSTERHUB_REFUSE_UNKNOWN_NAMES",
        "false",
        _truth,
        "true: unknown names in fields and sort are 400, not ignored.",
    )
    maintenance: bool = _setting("MAINTENANCE_MODE", "false", _truth, "true: everything but probes answers 503.")
    pool_size: int = _setting("ROSTERHUB_API_POOL_SIZE", "4", _count, "Connections of one worker process.")
    pool_seconds: float = _setting("ROSTERHUB_API_POOL_SECONDS", "5", _seconds, "How long to wait for a connection.")
    statement_seconds: float = _setting(
        "ROSTERHUB_API_STATEMENT_SECONDS", "30", _seconds, "A statement that takes longer is cancelled."
    )
    lock_seconds: float = _setting(
        "ROSTERHUB_API_LOCK_SECONDS", "5", _seconds, "How long a statement may wait for a table that is being changed."
    )
    idle_seconds: float = _setting(
        "ROSTERHUB_API_IDLE_SECONDS", "60", _seconds, "How long a streamed answer may wait for its client."
    )
    cache_seconds: int = _setting("ROSTERHUB_CACHE_SECONDS", "3600", _count, "How long a body is kept.")
    cache_max_bytes: int = _setting("ROSTERHUB_CACHE_MAX_BYTES", "4194304", _count, "Larger bodies are not kept.")
    cache_timeout_seconds: float = _setting(
        "ROSTERHUB_CACHE_TIMEOUT_SECONDS", "0.2", _seconds, "How long Redis may take before it is done without."
    )
    token_key: str | None = _setting(
        "ROSTERHUB_TOKEN_KEY",
        None,
        _key,
        "Secret that signs bearer tokens, the same everywhere. Unset: none is issued.",
    )
    token_seconds: int = _setting("ROSTERHUB_TOKEN_SECONDS", "3600", _count, "How long a bearer token works.")
    rate_limit: int = _setting(
        "ROSTERHUB_RATE_LIMIT", "60000", _whole, "Requests a minute of a key that has no rate of its own. 0: no limit."
    )
    failure_limit: int = _setting(
        "ROSTERHUB_FAILURE_LIMIT",
        "600",
        _whole,
        "Requests a minute with wrong credentials from an address. 0: no limit.",
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "ROSTERHUB_TRUSTED_PROXIES", "none", _networks, "Networks of the proxies whose X-Forwarded-For is believed."
    )
    metrics_addresses: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "ROSTERHUB_METRICS_ADDRESSES", "127.0.0.0/8, ::1", _networks, "Networks that may read /metrics."
    )
    audit_database_url: str | None = _setting(
        "ROSTERHUB_AUDIT_DATABASE_URL", None, _postgres_url, "Where the audit log is written. Unset: what is read from."
    )
    audit_spool: Path | None = _setting(
        "ROSTERHUB_AUDIT_SPOOL",
        None,
        Path,
        "Folder of rows on their way to the audit log. Unset: ROSTERHUB_HOME/audit.",
    )
    audit_spool_mib: int = _setting(
        "ROSTERHUB_AUDIT_SPOOL_MIB", "64", _count, "How much may wait there; beyond that the oldest rows are dropped."
    )
    home: Path | None = _setting("ROSTERHUB_HOME", None, Path, "Folder of everything RosterHub keeps on this machine.")

    @property
    def spool(self) -> Path:
        """The folder that rows of the audit log wait in; containers without a home have a temporary one."""
        kept_here = self.home / "audit" if self.home else Path(tempfile.gettempdir(), f"rosterhub-audit-{os.geteuid()}")
        return self.audit_spool or kept_here

    @property
    def database_url(self) -> str:
        """What to connect to."""
        return self.reader_url or self.owner_url or ""

    @property
    def role(self) -> str | None:
        """The role to take on there: DATABASE_URL belongs to the owner, who could write."""
        return None if self.reader_url else API_ROLE


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or raise one SettingsError that lists every mistake."""
    given = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    mistakes = []
    for item in fields(Settings):
        try:
            values[item.name] = _value(item.metadata, given)
        except ValueError as mistake:
            mistakes.append(f"{item.metadata['variable']}: {mistake}")
    if not mistakes and not values["owner_url"] and not values["reader_url"]:
        mistakes.append("DATABASE_URL: the API needs a database; set it, or start everything with `rosterhub up`")
    if mistakes:
        raise SettingsError("settings that cannot be used:\n  " + "\n  ".join(mistakes))
    return Settings(**values)


def _value(setting: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    text = given.get(setting["variable"], "").strip() or _from_file(setting["variable"], given) or setting["default"]
    return None if text is None else setting["parse"](text)


def _from_file(variable: str, given: Mapping[str, str]) -> str:
    """What the file holds that the variable is given by; "" if it is not."""
    path = given.get(f"{variable}_FILE", "").strip()
    try:
        return Path(path).read_text().strip() if path else ""
    except OSError as mistake:
        raise ValueError(f"the file {path} cannot be read: {mistake.strerror}") from None

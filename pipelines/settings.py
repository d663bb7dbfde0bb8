"""Every setting of pipelines and of the one-machine stack: its variable, default, reader and help, declared once.

The fields of `Settings` are the table; loading, error messages and the documentation are read from it.
Values come from the environment, then a `.env` file, then what a running local stack announced, then the default.
A variable may also be given as NAME_FILE, the path of a file that holds the value: containers get secrets like this.
Only the standard library and python-dotenv enter: every command loads this module. The API keeps its own settings.
"""

# ruff: noqa: RUF009 - `_setting` is dataclasses.field

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from pipelines.contract import is_source_name, redis_url
from pipelines.errors import DependencyAway, SettingsError

DOTENV = Path(".env")
FILE_SUFFIX = "_FILE"
ANNOUNCED = Path("run", "stack.env")  # in ROSTERHUB_HOME: the URLs of the stack that runs there

_UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_TRUTHS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class Setting(NamedTuple):
    """One row of the table. `default` is text as an operator would write it; None means that it may be unset."""

    name: str
    variable: str
    default: str | None
    parse: Callable[[str], Any]
    help: str


# Readers: text → value, or a ValueError that says what would have been accepted.


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("a whole number above 0 is expected")
    return int(text)


def _count_or_none(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number is expected; 0 for none")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError("a number of seconds is expected, such as 2 or 0.5")
    return float(text)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+) ?([A-Z]*)", text.upper())
    if match is None or match[2] not in _UNITS or int(match[1]) == 0:
        raise ValueError("a size in bytes is expected, or one such as 512MiB or 1GiB")
    return int(match[1]) * _UNITS[match[2]]


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError("true or false is expected")
    return _TRUTHS[text.lower()]


def _time_zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise ValueError("the name of a time zone is expected, such as Europe/Paris or Asia/Tokyo") from None


def _source(text: str) -> str:
    if not is_source_name(text):
        raise ValueError("a source name has lower-case letters, digits and _, and starts with a letter or digit")
    return text


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError("a URL is expected that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return text

    return parse


def _postgres_url(text: str) -> str:
    """As SQLAlchemy takes it too: it knows the long scheme only, and several hosts only as parameters.

    So postgresql://user@db1:5432,db2:5433/name becomes postgresql://user@/name?host=db1,db2&port=5432,5433.
    """
    url = re.sub("^postgres://", "postgresql://", _url("postgresql", "postgres")(text))
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return url
    found = [(host.strip("[]"), port) for host, port in map(_host_and_port, hosts.split(","))]
    names, ports = (",".join(part) for part in zip(*found, strict=True))
    parameters = "&".join(filter(None, [f"host={names}&port={ports}", parts.query]))
    return f"postgresql://{login}{at}{parts.path}?{parameters}"


def _host_and_port(text: str) -> tuple[str, str]:
    """An address of IPv6 has colons of its own, and brackets around them."""
    host, _, port = text.rpartition(":") if re.search(r":\d*$", text) else (text, "", "")
    return host, port or "5432"


def _bucket(text: str) -> str:
    if not urlsplit(_url("s3")(text)).netloc:
        raise ValueError("a bucket is expected, such as s3://backups/rosterhub")
    return text.rstrip("/")


def _recipients(text: str) -> tuple[str, ...]:
    found = tuple(re.split(r"[,\s]+", text))
    if not all(one.startswith("age1") for one in found):
        raise ValueError("public keys of age are expected, age1…, with commas between them")
    return found


_web_url = _url("http", "https")


def _setting(variable: str, default: str | None, parse: Callable[[str], Any], help: str) -> Any:
    """Declare a field; in a default, `{home}` stands for ROSTERHUB_HOME."""
    return field(metadata={"variable": variable, "default": default, "parse": parse, "help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was set, typed. `explicit` holds the variables that somebody set, as opposed to defaults."""

    home: Path = _setting(
        "ROSTERHUB_HOME", ".rosterhub", _path, "Folder of everything RosterHub keeps on this machine."
    )
    landing: Path = _setting(
        "ROSTERHUB_LANDING", "{home}/landing", _path, "Folder with one folder of bundles per source."
    )
    sources_file: Path = _setting(
        "ROSTERHUB_SOURCES", "{home}/sources.toml", _path, "File with the settings of single sources."
    )
    database_url: str | None = _setting(
        "DATABASE_URL", None, _postgres_url, "PostgreSQL of the roster. Unset: the local stack starts its own."
    )
    redis_url: str | None = _setting(
        "REDIS_URL", None, redis_url, "Redis or Valkey of the API's cache. Unset: the local stack starts its own."
    )
    api_database_url: str | None = _setting(
        "ROSTERHUB_API_DATABASE_URL", None, _postgres_url, "What the API reads from. Unset: DATABASE_URL, as a reader."
    )
    backup_database_url: str | None = _setting(
        "ROSTERHUB_BACKUP_DATABASE_URL",
        None,
        _postgres_url,
        "The roster's database as whoever backs it up. Unset: DATABASE_URL.",
    )
    dagster_url: str | None = _setting(
        "DAGSTER_PG_URL", None, _postgres_url, "Dagster's own database. Unset: rosterhub_dagster beside the roster."
    )
    api_port: int = _setting("ROSTERHUB_API_PORT", "3000", _port, "Port of the API.")
    ui_port: int = _setting("ROSTERHUB_UI_PORT", "3001", _port, "Port of Dagster's web interface.")
    ui_url: str | None = _setting(
        "ROSTERHUB_UI_URL",
        None,
        _web_url,
        "Dagster's web server, as `rosterhub runs` reaches it. Unset: on this machine.",
    )
    pg_port: int = _setting("ROSTERHUB_PG_PORT", "5432", _port, "Port of the local stack's PostgreSQL.")
    redis_port: int = _setting("ROSTERHUB_REDIS_PORT", "6379", _port, "Port of the local stack's Valkey.")
    bind: str = _setting("ROSTERHUB_BIND", "127.0.0.1", str, "Address that the API and the web interface listen on.")
    public_url: str | None = _setting(
        "ROSTERHUB_PUBLIC_URL", None, _web_url, "How clients reach the API; links in answers start with it."
    )
    pg_bin: Path | None = _setting(
        "ROSTERHUB_PG_BIN", None, _path, "Folder of the PostgreSQL programs to use instead of the packaged ones."
    )
    maintenance_mode: bool = _setting(
        "MAINTENANCE_MODE", "false", _truth, "true: the API answers 503, schedules and sensors skip."
    )
    max_unpacked_bytes: int = _setting(
        "ROSTERHUB_MAX_UNPACKED_BYTES", "1GiB", _size, "A zip that unpacks to more than this is refused."
    )
    max_entries: int = _setting("ROSTERHUB_MAX_ENTRIES", "200", _count, "A zip with more entries is refused.")
    max_ratio: int = _setting("ROSTERHUB_MAX_RATIO", "200", _count, "A zip that is compressed harder is refused.")
    stable_seconds: float = _setting(
        "ROSTERHUB_STABLE_SECONDS", "2", _seconds, "How long an arrival must keep its size before it is read."
    )
    time_zone: str = _setting("ROSTERHUB_TIME_ZONE", "{zone}", _time_zone, "Time zone of the schedules.")
    default_source: str | None = _setting(
        "ROSTERHUB_DEFAULT_SOURCE", None, _source, "Source served at the unprefixed URLs. Unset: the first published."
    )
    audit_days: int = _setting(
        "ROSTERHUB_AUDIT_DAYS",
        "400",
        _count,
        "How long rows of the audit log are kept; older ones go after the nightly backup.",
    )
    backup_folder: Path = _setting("ROSTERHUB_BACKUP_FOLDER", "{home}/backups", _path, "Folder of the backups.")
    backup_daily: int = _setting("ROSTERHUB_BACKUP_DAILY", "7", _count, "Days of which the last backup is kept.")
    backup_weekly: int = _setting(
        "ROSTERHUB_BACKUP_WEEKLY", "5", _count_or_none, "Weeks of which the last backup is kept."
    )
    backup_monthly: int = _setting(
        "ROSTERHUB_BACKUP_MONTHLY", "12", _count_or_none, "Months of which the last backup is kept."
    )
    backup_recipients: tuple[str, ...] | None = _setting(
        "ROSTERHUB_BACKUP_RECIPIENTS", None, _recipients, "Backups are encrypted for these public keys of age."
    )
    backup_identity: Path | None = _setting(
        "ROSTERHUB_BACKUP_IDENTITY", None, _path, "File with the secret key of age, to verify and restore with."
    )
    backup_s3: str | None = _setting(
        "ROSTERHUB_BACKUP_S3", None, _bucket, "s3://bucket/prefix that gets a copy of each good backup."
    )
    explicit: frozenset[str] = frozenset()

    def environment(self) -> dict[str, str]:
        """These settings as variables, for a child process."""
        values = {setting.variable: getattr(self, setting.name) for setting in table()}
        return {name: _written(value) for name, value in values.items() if value is not None}

    @property
    def postgres_urls(self) -> dict[str, str]:
        """The databases that are set, by their variables."""
        found = {setting.variable: getattr(self, setting.name) for setting in table() if setting.parse is _postgres_url}
        return {variable: url for variable, url in found.items() if url}

    @property
    def dagster_web_url(self) -> str:
        """Where Dagster is asked about runs."""
        return (self.ui_url or f"http://127.0.0.1:{self.ui_port}").rstrip("/")

    def require_database_url(self) -> str:
        """DATABASE_URL, for work that is impossible without it."""
        if self.database_url is None:
            raise DependencyAway("no database: start one with `rosterhub up`, or set DATABASE_URL")
        return self.database_url

    def require_backup_url(self) -> str:
        """Where backups are made and tried: the roster's database, as a user that may read all of it."""
        return self.backup_database_url or self.require_database_url()

    def require_redis_url(self) -> str:
        """REDIS_URL, for work that is impossible without it."""
        if self.redis_url is None:
            raise DependencyAway("no Redis: start one with `rosterhub up`, or set REDIS_URL")
        return self.redis_url


def table() -> Iterator[Setting]:
    """The declared settings in order."""
    for item in fields(Settings):
        if item.metadata:
            yield Setting(name=item.name, **item.metadata)


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = DOTENV, *, announced: bool = True) -> Settings:
    """Read the settings, or raise one SettingsError that lists every mistake.

    `announced=False` leaves out what a running local stack announced: the stack itself must not mistake
    its own last URLs for servers that somebody gave it.
    """
    given = {**_from_file(dotenv), **filled(os.environ if environ is None else environ)}
    home: Path = _value(next(table()), given, {})  # declared first: other defaults lie in it
    found = {**_from_file(home / ANNOUNCED if announced else None), **given}
    values: dict[str, Any] = {}
    mistakes = []
    for setting in table():
        try:
            values[setting.name] = _value(setting, found, {"home": home, "zone": system_time_zone()})
        except ValueError as mistake:
            mistakes.append(f"{setting.variable}{_shown(found.get(setting.variable, ''))}: {mistake}")
    if mistakes:
        raise SettingsError("settings that cannot be used:\n  " + "\n  ".join(mistakes))
    return Settings(**values, explicit=frozenset(given))


def _value(setting: Setting, found: Mapping[str, str], known: Mapping[str, object]) -> Any:
    text = found.get(setting.variable)
    if text is None:
        if setting.default is None:
            return None
        text = setting.default.format(**known)
    return setting.parse(text)


def filled(variables: Mapping[str, str | None]) -> dict[str, str]:
    """The declared variables that are filled; a blank one counts as unset, since compose files pass blanks on.

    One that is given by file is read. An unreadable file is a SettingsError.
    """
    written = {name: text.strip() for name, text in variables.items() if text and text.strip()}
    names = {setting.variable for setting in table()}
    files = {name: written[name + FILE_SUFFIX] for name in names if name + FILE_SUFFIX in written}
    found = {name: _content(name, Path(path)) for name, path in files.items() if name not in written}
    return found | {name: text for name, text in written.items() if name in names}


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError) as mistake:
        reason = getattr(mistake, "strerror", None) or "not text"
        raise SettingsError(f"{name}{FILE_SUFFIX}: {path} cannot be read: {reason}") from None


def _from_file(path: Path | None) -> dict[str, str]:
    return filled(dotenv_values(path, interpolate=False)) if path is not None and path.is_file() else {}


def _shown(text: str) -> str:
    """The value as it may be printed: URLs carry passwords."""
    return "" if "@" in text or "://" in text else f"={text}"


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def system_time_zone() -> str:
    """The zone this machine is set to, UTC where that cannot be told."""
    zoneinfo = Path("/etc/localtime").resolve().as_posix().partition("/zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), zoneinfo):
        try:
            return _time_zone(name)
        except ValueError:
            continue
    return "UTC"

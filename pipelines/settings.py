"""Every setting of pipelines and of the one-machine stack: its variable, default, reader and help, declared once.

The fields of `Settings` are the table; loading, error messages and the documentation are read from it.
Values come from the environment, then a `.env` file, then what a running local stack announced, then the default.
A variable may also be given as NAME_FILE, the path of a file that holds the value: containers get secrets like this.
Only the standard library and python-dotenv enter: every command loads this module. The API keeps its own settings.
"""

# ruff: noqa: RUF009 - `_setting` is dataclasses.field

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values

from pipelines import setting_readers as read
from pipelines.contract import redis_url
from pipelines.errors import DependencyAway, SettingsError

DOTENV = Path(".env")
FILE_SUFFIX = "_FILE"
ANNOUNCED = Path("run", "stack.env")  # in ROSTERHUB_HOME: the URLs of the stack that runs there


class Setting(NamedTuple):
    """One row of the table. `default` is text as an operator would write it; None means that it may be unset."""

    name: str
    variable: str
    default: str | None
    parse: Callable[[str], Any]
    help: str


def _setting(variable: str, default: str | None, parse: Callable[[str], Any], help: str) -> Any:
    """Declare a field; in a default, `{home}` stands for ROSTERHUB_HOME."""
    return field(metadata={"variable": variable, "default": default, "parse": parse, "help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was set, typed. `explicit` holds the variables that somebody set, as opposed to defaults."""

    home: Path = _setting(
        "ROSTERHUB_HOME", ".rosterhub", read.path, "Folder of everything RosterHub keeps on this machine."
    )
    landing: Path = _setting(
        "ROSTERHUB_LANDING", "{home}/landing", read.path, "Folder with one folder of bundles per source."
    )
    sources_file: Path = _setting(
        "ROSTERHUB_SOURCES", "{home}/sources.toml", read.path, "File with the settings of single sources."
    )
    database_url: str | None = _setting(
        "DATABASE_URL", None, read.postgres_url, "PostgreSQL of the roster. Unset: the local stack starts its own."
    )
    redis_url: str | None = _setting(
        "REDIS_URL", None, redis_url, "Redis or Valkey of the API's cache. Unset: the local stack starts its own."
    )
    api_database_url: str | None = _setting(
        "ROSTERHUB_API_DATABASE_URL",
        None,
        read.postgres_url,
        "What the API reads from. Unset: DATABASE_URL, as a reader.",
    )
    backup_database_url: str | None = _setting(
        "ROSTERHUB_BACKUP_DATABASE_URL",
        None,
        read.postgres_url,
        "The roster's database as whoever backs it up. Unset: DATABASE_URL.",
    )
    dagster_url: str | None = _setting(
        "DAGSTER_PG_URL", None, read.postgres_url, "Dagster's own database. Unset: rosterhub_dagster beside the roster."
    )
    api_port: int = _setting("ROSTERHUB_API_PORT", "3000", read.port, "Port of the API.")
    ui_port: int = _setting("ROSTERHUB_UI_PORT", "3001", read.port, "Port of Dagster's web interface.")
    ui_url: str | None = _setting(
        "ROSTERHUB_UI_URL",
        None,
        read.web_url,
        "Dagster's web server, as `rosterhub runs` reaches it. Unset: on this machine.",
    )
    pg_port: int = _setting("ROSTERHUB_PG_PORT", "5432", read.port, "Port of the local stack's PostgreSQL.")
    redis_port: int = _setting("ROSTERHUB_REDIS_PORT", "6379", read.port, "Port of the local stack's Valkey.")
    bind: str = _setting("ROSTERHUB_BIND", "127.0.0.1", str, "Address that the API and the web interface listen on.")
    public_url: str | None = _setting(
        "ROSTERHUB_PUBLIC_URL", None, read.web_url, "How clients reach the API; links in answers start with it."
    )
    pg_bin: Path | None = _setting(
        "ROSTERHUB_PG_BIN", None, read.path, "Folder of the PostgreSQL programs to use instead of the packaged ones."
    )
    maintenance_mode: bool = _setting(
        "MAINTENANCE_MODE", "false", read.truth, "true: the API answers 503, schedules and sensors skip."
    )
    max_unpacked_bytes: int = _setting(
        "ROSTERHUB_MAX_UNPACKED_BYTES", "1GiB", read.size, "A zip that unpacks to more than this is refused."
    )
    max_entries: int = _setting("ROSTERHUB_MAX_ENTRIES", "200", read.count, "A zip with more entries is refused.")
    max_ratio: int = _setting("ROSTERHUB_MAX_RATIO", "200", read.count, "A zip that is compressed harder is refused.")
    stable_seconds: float = _setting(
        "ROSTERHUB_STABLE_SECONDS", "2", read.seconds, "How long an arrival must keep its size before it is read."
    )
    time_zone: str = _setting("ROSTERHUB_TIME_ZONE", "{zone}", read.time_zone, "Time zone of the schedules.")
    default_source: str | None = _setting(
        "ROSTERHUB_DEFAULT_SOURCE",
        None,
        read.source,
        "Source served at the unprefixed URLs. Unset: the first published.",
    )
    audit_days: int = _setting(
        "ROSTERHUB_AUDIT_DAYS",
        "400",
        read.count,
        "How long rows of the audit log are kept; older ones go after the nightly backup.",
    )
    backup_folder: Path = _setting("ROSTERHUB_BACKUP_FOLDER", "{home}/backups", read.path, "Folder of the backups.")
    backup_daily: int = _setting("ROSTERHUB_BACKUP_DAILY", "7", read.count, "Days of which the last backup is kept.")
    backup_weekly: int = _setting(
        "ROSTERHUB_BACKUP_WEEKLY", "5", read.count_or_none, "Weeks of which the last backup is kept."
    )
    backup_monthly: int = _setting(
        "ROSTERHUB_BACKUP_MONTHLY", "12", read.count_or_none, "Months of which the last backup is kept."
    )
    backup_recipients: tuple[str, ...] | None = _setting(
        "ROSTERHUB_BACKUP_RECIPIENTS", None, read.recipients, "Backups are encrypted for these public keys of age."
    )
    backup_identity: Path | None = _setting(
        "ROSTERHUB_BACKUP_IDENTITY", None, read.path, "File with the secret key of age, to verify and restore with."
    )
    backup_s3: str | None = _setting(
        "ROSTERHUB_BACKUP_S3", None, read.bucket, "s3://bucket/prefix that gets a copy of each good backup."
    )
    explicit: frozenset[str] = frozenset()

    def environment(self) -> dict[str, str]:
        """These settings as variables, for a child process."""
        values = {setting.variable: getattr(self, setting.name) for setting in table()}
        return {name: _written(value) for name, value in values.items() if value is not None}

    @property
    def postgres_urls(self) -> dict[str, str]:
        """The databases that are set, by their variables."""
        found = {
            setting.variable: getattr(self, setting.name) for setting in table() if setting.parse is read.postgres_url
        }
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
            return read.time_zone(name)
        except ValueError:
            continue
    return "UTC"

"""Readers of settings: the text of a variable → its value, or a ValueError that says what would have been accepted.

Which settings there are is in settings.py. The API has readers of its own (decision 5).
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipelines.contract import is_source_name

_UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_TRUTHS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def path(text: str) -> Path:
    """A path, absolute from now on: child processes work in other folders."""
    return Path(text).expanduser().absolute()


def port(text: str) -> int:
    """A port of TCP."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("a whole number above 0 is expected")
    return int(text)


def count_or_none(text: str) -> int:
    """A whole number, of which 0 stands for none."""
    if not text.isdecimal():
        raise ValueError("a whole number is expected; 0 for none")
    return int(text)


def seconds(text: str) -> float:
    """A duration in seconds."""
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError("a number of seconds is expected, such as 2 or 0.5")
    return float(text)


def size(text: str) -> int:
    """A size in bytes, of digits alone or with KiB, MiB or GiB."""
    match = re.fullmatch(r"(\d+) ?([A-Z]*)", text.upper())
    if match is None or match[2] not in _UNITS or int(match[1]) == 0:
        raise ValueError("a size in bytes is expected, or one such as 512MiB or 1GiB")
    return int(match[1]) * _UNITS[match[2]]


def truth(text: str) -> bool:
    """true or false, in the words that operators use for them."""
    if text.lower() not in _TRUTHS:
        raise ValueError("true or false is expected")
    return _TRUTHS[text.lower()]


def time_zone(text: str) -> str:
    """The name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise ValueError("the name of a time zone is expected, such as Europe/Paris or Asia/Tokyo") from None


def source(text: str) -> str:
    """The name of a source."""
    if not is_source_name(text):
        raise ValueError("a source name has lower-case letters, digits and _, and starts with a letter or digit")
    return text


def url_of(*schemes: str) -> Callable[[str], str]:
    """The reader of a URL of one of those schemes."""

    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError("a URL is expected that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return text

    return parse


def postgres_url(text: str) -> str:
    """The URL of a PostgreSQL, of one host or several, written as SQLAlchemy takes it too.

    That knows the long scheme only, and several hosts only as parameters, so postgresql://user@db1:5432,db2:5433/name
    becomes postgresql://user@/name?host=db1,db2&port=5432,5433.
    """
    url = re.sub("^postgres://", "postgresql://", url_of("postgresql", "postgres")(text))
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


def bucket(text: str) -> str:
    """A bucket of S3, maybe with a prefix, without the slash at its end."""
    if not urlsplit(url_of("s3")(text)).netloc:
        raise ValueError("a bucket is expected, such as s3://backups/rosterhub")
    return text.rstrip("/")


def recipients(text: str) -> tuple[str, ...]:
    """Public keys of age."""
    found = tuple(re.split(r"[,\s]+", text))
    if not all(one.startswith("age1") for one in found):
        raise ValueError("public keys of age are expected, age1…, with commas between them")
    return found


web_url = url_of("http", "https")

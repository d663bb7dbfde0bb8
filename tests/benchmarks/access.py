"""What the API is asked with: a key, a key limited to some schools, and a token. They may ask as often as they like."""

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines import credentials
from pipelines.credentials import Issued, Limits
from tests.benchmarks.clients import Address

_ENOUGH_PER_MINUTE = 100_000_000  # requests are counted, and never too many


@dataclass(frozen=True, slots=True)
class Access:
    """The API's address with each of them."""

    by_key: Address
    by_token: Address
    limited: Address


def granted(database_url: str, api_url: str, schools: Sequence[str]) -> Access:
    """New keys, and a token for the first of them."""
    with credentials.opened(database_url) as connection:
        key = credentials.create(connection, "benchmarks", limits=Limits(requests_per_minute=_ENOUGH_PER_MINUTE))
        few = Limits(requests_per_minute=_ENOUGH_PER_MINUTE, orgs=schools)
        limited = credentials.create(connection, "benchmarks, some schools", limits=few)
    return Access(
        by_key=Address.of(api_url, f"X-API-Key: {key.header}"),
        by_token=Address.of(api_url, f"Authorization: Bearer {_token(api_url, key)}"),
        limited=Address.of(api_url, f"X-API-Key: {limited.header}"),
    )


def _token(api_url: str, key: Issued) -> str:
    asked = {"grant_type": "client_credentials", "client_id": key.key, "client_secret": key.secret}
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{api_url}/oauth/token", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return str(json.load(answer)["access_token"])

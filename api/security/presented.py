"""The credentials that a request carries, as they are written: a key with its secret, or a bearer token.

They may stand in X-API-Key (`<key>.<secret>`), in HTTP Basic (the key as user, the secret as password) or be a token
of /oauth/token. Whether they are any good is not known here.
"""

from dataclasses import dataclass, field

from flask import Request

from api.security import challenges
from api.security.keys import HEADER


@dataclass(frozen=True, slots=True)
class Secret:
    """A key and what is to prove it. The secret is kept out of every text that is made of this."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token."""

    text: str = field(repr=False)


def read(request: Request) -> tuple[Secret | Token, ...]:
    """All of them, of which there should be one; ApiError 401 for an Authorization header that cannot be read."""
    header = request.headers.get(HEADER, "").strip()
    by_header = (_secret(header),) if header else ()
    return by_header + _authorization(request)


def _authorization(request: Request) -> tuple[Secret | Token, ...]:
    if not request.headers.get("Authorization", "").strip():
        return ()
    try:
        given = request.authorization
    except ValueError:  # Werkzeug decodes Basic's base64, and what is not ASCII is none
        given = None
    if given is not None and given.type == "bearer" and given.token:
        return (Token(given.token),)
    if given is not None and given.type == "basic":
        return (Secret(given.username or "", given.password or ""),)
    raise challenges.unauthorised(
        "The Authorization header is neither a Bearer token nor HTTP Basic with key and secret.",
        challenges.INVALID_REQUEST,
    )


def _secret(header: str) -> Secret:
    key, _, secret = header.partition(".")
    return Secret(key, secret)

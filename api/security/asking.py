"""Who is asking: the one question that every handler starts with, answered from the request's credentials.

Good are: a key and its secret, or a token that was issued for them; a credential in use, not expired, from an address
that it may be used from, and below its rate. Which collections and records the client may see is asked afterwards.
"""

from dataclasses import replace

from flask import Flask, Response, g, request

from api import tracing
from api.errors import ApiError
from api.hub import Hub
from api.security import callers, challenges, presented
from api.security.keys import HEADER, Client, Credential
from api.security.presented import Secret, Token
from api.settings import Settings


def register(app: Flask) -> None:
    """Tell clients in every answer how they stand with their rate."""
    app.after_request(_tell_allowance)


def client(hub: Hub) -> Client:
    """The client that sent the current request, with the scopes that are in force for it.

    ApiError 401 without good credentials, 403 from an address outside of the credential's list, 429 beyond a rate, 400
    for credentials of two clients at once. Several of one client count as far as all of them go.
    """
    given = presented.read(request)
    if not given:
        raise challenges.unauthorised(
            f"This needs a key: send it as {HEADER}: <key>.<secret> or by HTTP Basic, or a token of /oauth/token."
        )
    proven = [_proven(hub, one) for one in given]
    if len({credential.client.key for credential, _ in proven}) > 1:
        raise challenges.ambiguous("The request carries credentials of two clients: send one.")
    credential = proven[0][0]
    if not is_inside(hub, credential):
        raise ApiError(403, "The key may not be used from this address.")
    charge(hub, credential)
    return replace(credential.client, scopes=frozenset.intersection(*(scopes for _, scopes in proven)))


def is_inside(hub: Hub, credential: Credential) -> bool:
    """Whether the current request comes from where the credential may be used."""
    return credential.admits(callers.sender(request, hub.settings.trusted_proxies))


def charge(hub: Hub, credential: Credential) -> None:
    """Count a request of the credential's client; ApiError 429 beyond its rate."""
    g.allowance = hub.limiter.charge(credential.client.key, credential.requests_per_minute)


def charge_failure(hub: Hub) -> None:
    """Count credentials that are no good; ApiError 429 beyond the rate of their address."""
    hub.limiter.charge_failure(str(callers.sender(request, hub.settings.trusted_proxies) or "unknown"))


def require_direct(settings: Settings) -> None:
    """ApiError 403 if the current request does not come from where metrics may be read."""
    if not callers.is_direct(request, settings.metrics_addresses, settings.trusted_proxies):
        raise ApiError(403, "Metrics are read from this machine, or from an address in ROSTERHUB_METRICS_ADDRESSES.")


def _proven(hub: Hub, given: Secret | Token) -> tuple[Credential, frozenset[str]]:
    """The credential, and the scopes in force; ApiError 401 that does not say what is wrong."""
    found = _by_token(hub, given) if isinstance(given, Token) else _by_secret(hub, given)
    if found is None:
        charge_failure(hub)
        raise challenges.unauthorised(
            "The key or token is unknown, revoked or expired, or the secret is wrong.", challenges.INVALID_TOKEN
        )
    return found


def _by_secret(hub: Hub, given: Secret) -> tuple[Credential, frozenset[str]] | None:
    credential = hub.keys.find(given.key)
    matches = credential.accepts(given.secret)
    if credential.client.key:
        tracing.name_client(credential.client.key)
    return (credential, credential.client.scopes) if matches and credential.is_good else None


def _by_token(hub: Hub, given: Token) -> tuple[Credential, frozenset[str]] | None:
    try:
        credential, scopes = hub.tokens.read(given.text)
    except ValueError:
        return None
    tracing.name_client(credential.client.key)
    return (credential, scopes & credential.client.scopes) if credential.is_good else None


def _tell_allowance(response: Response) -> Response:
    if allowance := g.get("allowance"):
        response.headers.update(allowance.headers)
    return response

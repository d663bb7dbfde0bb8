"""POST /oauth/token: credentials in, bearer token out (OAuth 2 client credentials, RFC 6749 section 4.4).

The protocol is Authlib's: how clients identify themselves, grants, errors. Here is what it has to be told: how a
request is read (form or JSON), who the clients are, which scopes they get, what a token is. Nothing is stored.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request, grants
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Flask, Response, request

from api import addresses, tracing
from api.hub import Hub
from api.security import asking
from api.security.challenges import REALM
from api.security.keys import Credential
from pipelines.oneroster import scopes

LOG = logging.getLogger("rosterhub.api")

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
# Whether TLS was used is known to the proxy that ended it; Authlib only has to see an address that says so.
_SECURE_URI = f"https://hub.invalid{addresses.TOKEN}"

logging.getLogger("authlib").setLevel(logging.WARNING)  # below that it writes tokens


def register(app: Flask, hub: Hub) -> None:
    """Add the URL."""
    view = partial(token, hub, _Server(hub))
    app.add_url_rule(addresses.TOKEN, addresses.TOKEN, view, methods=["POST"], provide_automatic_options=False)


def token(hub: Hub, server: "_Server") -> Response:
    """A token, or an error in OAuth's own JSON; 503 if there is nothing to sign tokens with."""
    if not hub.tokens.are_issued:
        LOG.error("a token was asked for and none can be signed: set ROSTERHUB_TOKEN_KEY")
        unavailable = OAuth2Error("Tokens are not issued at the moment.", error="temporarily_unavailable")
        return server.handle_response(503, dict(unavailable.get_body()), unavailable.get_headers())
    try:
        parameters = _parameters()
    except OAuth2Error as error:
        return server.handle_response(*error())
    response: Response = server.create_token_response(parameters)
    return response


def _parameters() -> dict[str, str]:
    """The request's body; InvalidRequestError for one that is no set of texts with a grant type."""
    given = _body()
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    if len(texts) != len(given):
        raise InvalidRequestError("Every parameter is one text, given once.")
    if not texts.get("grant_type"):
        raise InvalidRequestError("grant_type is missing from the body.")
    return texts


def _body() -> dict[str, object]:
    """The parameters by name; a repeated one is a list."""
    if request.mimetype == _FORM:
        return {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    given = request.get_json(silent=True) if request.mimetype == _JSON else None
    if not isinstance(given, dict):
        raise InvalidRequestError(f"The body has to be {_FORM}, or an object of {_JSON}.")
    return given


class _Request(OAuth2Request):
    """A token request as Authlib reads it. Parameters in the URL are none: they would end in logs."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        readable = {"Authorization": request.headers["Authorization"]} if request.authorization else {}
        super().__init__(request.method, _SECURE_URI, headers=readable)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> Any:
        return self.payload.data


class _Client(ClientMixin):
    """A credential as Authlib asks it."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential

    def check_client_secret(self, client_secret: str) -> bool:
        return self.credential.accepts(client_secret) and self.credential.is_good

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return True

    def check_grant_type(self, grant_type: str) -> bool:
        return True

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What it may have of what it asks for, in its own spelling; without a word, everything it has."""
        granted = self.credential.client.scopes
        if scope is None or not scope.strip():
            return " ".join(sorted(granted)) or None
        allowed = (text for text in scope.split() if (one := scopes.called(text)) and one.uri in granted)
        return " ".join(dict.fromkeys(allowed)) or None


class _ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Server(AuthorizationServer):
    """Authlib's server over the hub's credentials and tokens."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub
        self.register_grant(_ClientCredentials)
        self.register_token_generator("default", BearerTokenGenerator(self._issue, None, hub.tokens.seconds))

    def query_client(self, client_id: str) -> _Client:
        credential = self._hub.keys.find(client_id)
        if credential.client.key:
            tracing.name_client(credential.client.key)
        return _Client(credential)

    def authenticate_client(self, request: _Request, methods: Any, endpoint: str = "token") -> _Client:
        try:
            found: _Client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            asking.charge_failure(self._hub)
            raise InvalidClientError("The client is unknown or its secret is wrong.", status_code=401) from None
        if not asking.is_inside(self._hub, found.credential):
            raise InvalidClientError("The client may not ask from this address.", status_code=401)
        asking.charge(self._hub, found.credential)
        return found

    def create_oauth2_request(self, request: Mapping[str, str]) -> _Request:
        return _Request(request)

    def handle_response(self, status: int, body: Mapping[str, Any], headers: list[tuple[str, str]]) -> Response:
        told = dict(headers)
        if status == 401:
            told["WWW-Authenticate"] = f'Basic realm="{REALM}"'
        return Response(orjson.dumps(body), status, told)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        return None

    def save_token(self, token: object, request: object) -> None:
        return None

    def _issue(self, client: _Client, grant_type: str, user: object, scope: str) -> str:
        granted = frozenset(one.uri for text in scope.split() if (one := scopes.called(text)))
        return self._hub.tokens.issue(client.credential, granted)

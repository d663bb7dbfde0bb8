"""What a client may read: whether one of its scopes opens a collection. The scopes are declared with the standard."""

from api.collections import Collection
from api.errors import ApiError
from api.security.keys import Client
from pipelines.oneroster import scopes


def require(client: Client, collection: Collection) -> None:
    """ApiError 403, naming the scopes of which one would do, if the client has none of them."""
    opening = scopes.opening(collection.entity)
    if any(scope.uri in client.scopes for scope in opening):
        return
    names = " or ".join(scope.name for scope in opening)
    challenge = f'Bearer realm="OneRoster", error="insufficient_scope", scope="{opening[0].uri}"'
    raise ApiError(403, f"{collection.name} needs the scope {names}.", headers={"WWW-Authenticate": challenge})

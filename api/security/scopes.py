"""What a client may read: whether one of its scopes opens a collection. The scopes are declared with the standard."""

from api.collections import Collection
from api.security import challenges
from api.security.keys import Client
from pipelines.oneroster import scopes
from pipelines.oneroster.entity import Entity


def opens(client: Client, entity: Entity) -> bool:
    """Whether the client may read records of that entity."""
    return any(scope.uri in client.scopes for scope in scopes.opening(entity))


def require(client: Client, collection: Collection, *, nested: bool = False) -> None:
    """ApiError 403, naming the scopes of which one would do, if the client has none of them.

    `nested`: the collection is asked for below a record of another one, which the `core` scopes do not open.
    """
    opening = scopes.opening(collection.entity, nested=nested)
    if any(scope.uri in client.scopes for scope in opening):
        return
    names = " or ".join(scope.name for scope in opening)
    raise challenges.out_of_scope(f"{collection.name} needs the scope {names}.", opening[0].uri)

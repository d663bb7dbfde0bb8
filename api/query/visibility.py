"""What a client limited to organisations may see of an entity, as SQL (rulings, REST).

Parameters: `source`; `orgs`, the granted organisations with all their descendants; `users`, the users in view. Both are
found once per generation, by ORGS and USERS: to find them anew takes longer than a page. The grant is ANDed to every
query of such a client, and to every sub-select of a dotted path: nothing can be probed by filter, sort or total.
"""

from functools import cache

from psycopg.sql import SQL, Composable, Identifier

from api.query import layout
from api.query.rows import active, of, shown
from pipelines.contract import SOURCED_ID
from pipelines.oneroster import registry
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.registry import BY_NAME

_EVERYWHERE = frozenset({"academicSessions", "categories"})  # of no organisation in particular

_GRANTED = SQL("{} = ANY (%(orgs)s)")
_KNOWN = SQL("{} = ANY (%(users)s::text[])")  # they are found by an index
_AMONG = SQL("({} IN (SELECT unnest(%(users)s::text[]))) IS TRUE")  # it is looked up in a hash

# The granted organisations, `roots`, and what lies below them.
ORGS = (
    SQL(
        "WITH RECURSIVE granted AS ("
        " SELECT sourced_id FROM {orgs} WHERE source = %(source)s AND sourced_id = ANY (%(roots)s)"
        " UNION SELECT o.sourced_id FROM {orgs} o JOIN granted g ON o.{parent} = g.sourced_id"
        " WHERE o.source = %(source)s) SELECT sourced_id FROM granted"
    )
    .format(orgs=Identifier(BY_NAME["orgs"].table), parent=Identifier(BY_NAME["orgs"].column("parentSourcedId").field))
    .as_bytes()
)


@cache
def _placed_by(entity: Entity) -> Column | None:
    """The column that says which organisation a record belongs to."""
    return next((column for column in entity.references if column.to == "orgs" and column.required), None)


def visible(entity: Entity, row: Identifier, *, reached: bool = False) -> Composable:
    """Whether the row, one of the entity, is in the client's view.

    `reached`: the row was found from another, maybe one after the other, and a list of users walked for each of them
    would take seconds.
    """
    own = of(row, SOURCED_ID)
    if entity.name in _EVERYWHERE:
        return SQL("true")
    if entity.name == "orgs":
        return _GRANTED.format(own)
    if is_of_a_user(entity):
        return (_AMONG if reached else _KNOWN).format(own)
    if entity.name == "resources":
        among = SQL("({} IN ({})) IS TRUE") if reached else SQL("{} = ANY (ARRAY ({}))")
        return among.format(own, _resources())
    if column := _placed_by(entity):
        return _GRANTED.format(of(row, column.field))
    return _by_owner(entity, row)


def is_of_a_user(entity: Entity) -> bool:
    """Whether the ids of its records are those of users."""
    return "users" in {entity.name, entity.id_to}


def _by_owner(entity: Entity, row: Identifier) -> Composable:
    """A result goes with its line item: with the first record that it cannot be without and that has a place."""
    column = next(column for column in entity.references if column.required and _placed_by(BY_NAME[column.to]))
    owner = Identifier("g")
    return SQL("EXISTS (SELECT FROM {table} g WHERE g.source = %(source)s AND g.sourced_id = {id} AND {met})").format(
        table=Identifier(BY_NAME[column.to].table),
        id=of(row, column.field),
        met=visible(BY_NAME[column.to], owner),
    )


def _users() -> Composable:
    agents = BY_NAME["users"].column("agentSourcedIds").field
    return SQL(
        "WITH members AS ({roles} UNION {enrollments}) SELECT id FROM members UNION SELECT unnest(u.{agents})"
        " FROM {users} u JOIN members m ON m.id = u.sourced_id WHERE u.source = %(source)s"
    ).format(
        roles=_members("roles"),
        enrollments=_members("enrollments"),
        agents=Identifier(agents),
        users=Identifier(BY_NAME["users"].table),
    )


def _members(name: str) -> Composable:
    """Users whom the rows of that entity tie to the organisations."""
    entity, row = BY_NAME[name], Identifier("m")
    org = _placed_by(entity)
    if org is None:
        raise ValueError(f"{name} has no organisation")
    return SQL("SELECT {user} AS id FROM {table} m WHERE m.source = %(source)s AND {granted} AND {shown}").format(
        user=of(row, entity.column("userSourcedId").field),
        table=Identifier(entity.table),
        granted=_GRANTED.format(of(row, org.field)),
        shown=shown(entity, row) if entity.embedding else active(row),
    )


# Who has a role or an enrollment at the organisations in `orgs`, and their agents.
USERS = _users().as_bytes()


def _resources() -> Composable:
    """What visible classes, courses and users are linked to."""
    selects = [_linked(entity) for entity in registry.ENTITIES if _links_resources(entity)]
    return SQL(" UNION ").join(selects)


def _links_resources(entity: Entity) -> bool:
    return any(column.to == "resources" for column in entity.references)


def _linked(entity: Entity) -> Composable:
    """The resources that rows of that entity name: links whose owner is visible, or visible users' own lists."""
    row = Identifier("l")
    column = next(column for column in entity.references if column.to == "resources")
    own = of(row, column.field)
    owner = registry.owner_of(entity)
    return SQL("SELECT {resource} FROM {table} l WHERE l.source = %(source)s AND {met}").format(
        resource=own if owner else SQL("unnest({})").format(own),
        table=Identifier(entity.table),
        met=_link_met(entity, owner, row) if owner else visible(entity, row),
    )


def _link_met(entity: Entity, owner: Entity, row: Identifier) -> Composable:
    return SQL(
        "{active} AND EXISTS (SELECT FROM {table} w WHERE w.source = %(source)s AND w.sourced_id = {id} AND {met})"
    ).format(
        active=active(row),
        table=Identifier(owner.table),
        id=of(row, layout.owner_column(entity).field),
        met=visible(owner, Identifier("w")),
    )

"""What records are read from: an entity's table, or for an entity of 1.1 a selection from 1.2's that has its columns.

PostgreSQL merges such a selection into the statement around it, so columns that nobody asks for cost nothing. The
values that it computes are in no index; `equals` compares one with them by what is.

A user of 1.1 has one role and a list of orgs, where 1.2 has rows of roles. The role is the primary one at the primary
org, else the first that 1.2 shows; the orgs are those of the roles shown and the primary one, which comes first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from psycopg.sql import SQL, Composable, Identifier

from api.editions import V1P1
from api.query import layout
from api.query.rows import in_order, listed, of, shown
from api.query.wording import means, said
from pipelines.contract import SOURCE, SOURCED_ID
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p1 import WORDINGS

_ROLES = BY_NAME["roles"]
_STORED, _ROLE = Identifier("x"), Identifier("e")  # a row of the entity's table, and one of roles
_ORG, _OWNER = of(_ROLE, _ROLES.column("orgSourcedId").field), of(_ROLE, layout.owner_column(_ROLES).field)


@dataclass(frozen=True, slots=True)
class Computed:
    """A column that no table has: its value for a row of the entity's table, and a row of the relation → comparison."""

    value: Composable
    equals: Callable[[Identifier, Composable], Composable]


def relation(entity: Entity) -> Composable:
    """What stands after FROM, before an alias."""
    computed = _computed(entity)
    if not computed:
        return Identifier(entity.table)
    columns = [listed(_STORED, (SOURCE, *layout.RECORD))]
    columns += [_selected(entity, column, computed.get(column.field)) for column in layout.served(entity)]
    return SQL("(SELECT {} FROM {} x)").format(SQL(", ").join(columns), Identifier(entity.table))


def equals(entity: Entity, field: str, row: Identifier, value: Composable) -> Composable | None:
    """Whether a row has the value in a computed column (in a list, among others); None for a column of the table."""
    computed = _computed(entity).get(field)
    return computed.equals(row, value) if computed else None


@cache
def _computed(entity: Entity) -> Mapping[str, Computed]:
    """By field, the columns of an entity of 1.1 whose values 1.2 says in other words or elsewhere."""
    if V1P1.entities.get(entity.name) is not entity:
        return {}
    worded = (column for column in entity.content if (entity.name, column.name) in WORDINGS)
    found = {column.field: _worded(entity, column) for column in worded}
    if entity.name == "users":
        found[entity.column("orgSourcedIds").field] = Computed(_orgs(), _is_of_org)
    return found


def _selected(entity: Entity, column: Column, computed: Computed | None) -> Composable:
    """The column; of one in other words also what is stored."""
    if computed is None:
        return of(_STORED, column.field)
    selected = SQL("{} AS {}").format(computed.value, Identifier(column.field))
    if not _is_stored(entity, column):
        return selected
    return SQL("{}, {} AS {}").format(selected, of(_STORED, column.field), Identifier(_as_stored(column)))


def _is_stored(entity: Entity, column: Column) -> bool:
    return column.name in BY_NAME[entity.name].header


def _as_stored(column: Column) -> str:
    return f"stored_{column.field}"


def _worded(entity: Entity, column: Column) -> Computed:
    """A term in 1.1's words: the record's own, or that of one of its roles."""
    wording, terms = WORDINGS[entity.name, column.name], column.vocabulary.terms if column.vocabulary else ()
    if _is_stored(entity, column):
        value = said(of(_STORED, column.field), terms, wording)
        return Computed(value, lambda row, word: means(word, of(row, _as_stored(column)), terms, wording))
    stored = _ROLES.column(column.name).field
    return Computed(
        _of_chosen_role(said(of(_ROLE, stored), terms, wording)),
        lambda row, word: _role_equals(
            row, column.field, word, lambda role: means(word, of(role, stored), terms, wording)
        ),
    )


def _of_chosen_role(value: Composable) -> Composable:
    """A value of the one role that stands for all of a user's."""
    return SQL(
        "(SELECT {value} FROM {roles} e WHERE {own} AND {shown}"
        " ORDER BY ({type} = 'primary' AND {org} = {primary}) IS TRUE DESC, {order} LIMIT 1)"
    ).format(
        value=value,
        roles=Identifier(_ROLES.table),
        own=_own(_STORED),
        shown=shown(_ROLES, _ROLE),
        type=of(_ROLE, _ROLES.column("roleType").field),
        org=_ORG,
        primary=_primary_org(_STORED),
        order=in_order(_ROLES, _ROLE),
    )


def _role_equals(row: Identifier, field: str, word: Composable, met: Callable[[Identifier], Composable]) -> Composable:
    """Nearly all users have roles of one word, and nothing has to be chosen; it is for those who have others too.

    OFFSET 0 keeps PostgreSQL from hashing all others for a page of a hundred.
    """
    other = Identifier("n")
    return SQL(
        "EXISTS (SELECT FROM {roles} e WHERE {own} AND {shown} AND {met}"
        " AND (NOT EXISTS (SELECT FROM {roles} n WHERE n.source = e.source AND {same} AND NOT {met_by_other} OFFSET 0)"
        " OR {chosen} = {word}))"
    ).format(
        roles=Identifier(_ROLES.table),
        own=_own(row),
        shown=shown(_ROLES, _ROLE),
        met=met(_ROLE),
        same=SQL("{} = {}").format(of(other, layout.owner_column(_ROLES).field), _OWNER),
        met_by_other=met(other),
        chosen=of(row, field),
        word=word,
    )


def _orgs() -> Composable:
    """Each org once, the primary one first and the others by id."""
    return SQL(
        "ARRAY (SELECT o.id FROM (SELECT {org} FROM {roles} e WHERE {own} AND {shown} UNION SELECT {primary}) o (id)"
        " WHERE o.id IS NOT NULL ORDER BY o.id IS DISTINCT FROM {primary}, o.id)"
    ).format(
        org=_ORG,
        roles=Identifier(_ROLES.table),
        own=_own(_STORED),
        shown=shown(_ROLES, _ROLE),
        primary=_primary_org(_STORED),
    )


def _is_of_org(row: Identifier, org: Composable) -> Composable:
    """Whether the user is among those who have a role that is shown there, or that primary org."""
    return SQL(
        "{id} = ANY (ARRAY (SELECT {user} FROM {roles} e WHERE e.source = %(source)s AND {at} = {org} AND {shown}"
        " UNION ALL SELECT x.sourced_id FROM {users} x WHERE x.source = %(source)s AND {primary} = {org}))"
    ).format(
        id=of(row, SOURCED_ID),
        user=_OWNER,
        roles=Identifier(_ROLES.table),
        at=_ORG,
        org=org,
        shown=shown(_ROLES, _ROLE),
        users=Identifier(BY_NAME["users"].table),
        primary=_primary_org(_STORED),
    )


def _own(row: Identifier) -> Composable:
    """Whether the role is the user's."""
    return SQL("e.source = {} AND {} = {}").format(of(row, SOURCE), _OWNER, of(row, SOURCED_ID))


def _primary_org(user: Identifier) -> Composable:
    return of(user, BY_NAME["users"].column("primaryOrgSourcedId").field)

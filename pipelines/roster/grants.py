"""Who may do what in the roster database: the roles, and what each is granted. Said here and nowhere else.

Nobody logs in as one of these roles; users that log in are made their members where the server is set up. Whatever is
not granted is the owner's, who migrates and manages keys. What is granted too much is the doctor's to find.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipelines import contract
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.indexes import MAKE_INDEXES

READ = frozenset({"SELECT"})
WRITE = READ | {"INSERT", "UPDATE", "DELETE"}

ROSTERS = tuple(entity.table for entity in ENTITIES)
BOOKS = (  # what is written down of publications, runs and backups, and everybody may know
    contract.PUBLICATIONS,
    contract.SOURCES,
    contract.CHANGES,
    contract.TOTALS,
    contract.BACKUPS,
    contract.RUN_STATES,
    contract.LAST_RUNS,
    contract.MAINTENANCE,
)
TABLES = (
    *ROSTERS,
    *BOOKS,
    contract.WAITING_ROWS,
    contract.API_KEYS,
    contract.AUDIT_LOGS,
    contract.SCHEMA_VERSION,
)

_IDS = (contract.PUBLICATIONS, contract.BACKUPS)  # the tables whose ids PostgreSQL counts

Verbs = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, and everything that it may: tables by verb, columns of tables that it may read in part, sequences.

    `needed` where nothing works without it: who has no other user logs in as the owner. `joins` is a role of
    PostgreSQL's own that it is to be a member of.
    """

    name: str
    does: str  # as a sentence of an operator has it, after the name
    tables: Mapping[str, Verbs] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sequences: Mapping[str, str] = field(default_factory=dict)
    publishes: bool = False  # needs temporary tables, and may have declared indexes made
    needed: bool = False
    joins: str = ""


def _each(tables: tuple[str, ...], verbs: Verbs) -> dict[str, Verbs]:
    return dict.fromkeys(tables, verbs)


def _sequence(table: str) -> str:
    return f"{table}_id_seq"


API = Role(
    name=contract.API_ROLE,
    does="reads rosters, adds to the audit log, and can do nothing else",
    tables={
        **_each((*ROSTERS, *BOOKS, contract.API_KEYS, contract.SCHEMA_VERSION), READ),
        contract.AUDIT_LOGS: frozenset({"INSERT"}),
    },
    columns={contract.WAITING_ROWS: ("source", "entity")},
    needed=True,
)
PIPELINES = Role(
    name=contract.PIPELINES_ROLE,
    does="publishes rosters and shortens the audit log, without keys and without changing the schema",
    tables={
        **_each((*ROSTERS, *BOOKS, contract.WAITING_ROWS), WRITE),
        contract.AUDIT_LOGS: READ | {"DELETE"},
        contract.SCHEMA_VERSION: READ,
    },
    sequences={_sequence(contract.PUBLICATIONS): "USAGE"},
    publishes=True,
)
BACKUP = Role(
    name=contract.BACKUP_ROLE,
    does="reads everything, and writes down which backups there are",
    tables={**_each(TABLES, READ), contract.BACKUPS: READ | {"INSERT", "UPDATE"}},
    sequences={_sequence(table): "SELECT" for table in _IDS},
)
MONITORING = Role(
    name=contract.MONITORING_ROLE,
    does="sees how the server does, and no row",
    joins="pg_monitor",
)
ROLES = (API, PIPELINES, BACKUP, MONITORING)


def grants_ddl() -> str:
    """Make the roles that are missing, and give each its rights. Roles are the server's, not the database's: they may
    exist, be made by somebody else right now, or be none that whoever migrates may make or grant."""
    return "\n".join([*(_creation(role) for role in ROLES), *(_granting(role) for role in ROLES)])


def _creation(role: Role) -> str:
    creation = f"IF NOT EXISTS ({_named(role)}) THEN CREATE ROLE {role.name} NOLOGIN; END IF;"
    if not role.needed:
        creation = _attempt(creation, f"may not make the role {role.name}")
    return f"""
DO $$ BEGIN
  {creation}
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;""".strip()


def _granting(role: Role) -> str:
    statements = "\n".join(f"  {statement}" for statement in _statements(role))
    return f"""
DO $$ BEGIN
  IF NOT EXISTS ({_named(role)}) THEN RETURN; END IF;
{statements}
END $$;""".strip()


def _statements(role: Role) -> Iterator[str]:
    """The steps of PL/pgSQL that give a role that is there everything that it may."""
    connecting = "CONNECT, TEMPORARY" if role.publishes else "CONNECT"
    yield _attempt(
        f"EXECUTE format('GRANT {connecting} ON DATABASE %I TO {role.name}', current_database());",
        f"may not let {role.name} connect to this database",
    )
    yield f"GRANT USAGE ON SCHEMA public TO {role.name};"
    for verbs, tables in _by_verbs(role.tables).items():
        yield f"GRANT {', '.join(sorted(verbs))} ON {', '.join(tables)} TO {role.name};"
    for table, columns in role.columns.items():
        yield f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {role.name};"
    if contract.SCHEMA_VERSION in role.tables:
        there = f"to_regclass('{contract.SCHEMA_VERSION}') IS NOT NULL"
        yield f"IF {there} THEN GRANT SELECT ON {contract.SCHEMA_VERSION} TO {role.name}; END IF;"
    for sequence, verb in role.sequences.items():
        yield f"GRANT {verb} ON SEQUENCE {sequence} TO {role.name};"
    if role.publishes:
        yield f"GRANT EXECUTE ON FUNCTION {MAKE_INDEXES}(text) TO {role.name};"
    if role.joins:
        yield _attempt(_membership(role.joins, role.name), f"may not grant {role.joins} to {role.name}")
    if role.needed:  # the owner takes it on where the API has no user of its own
        yield _attempt(f"GRANT {role.name} TO CURRENT_USER;", f"may not grant {role.name} to itself")


def _by_verbs(tables: Mapping[str, Verbs]) -> dict[Verbs, list[str]]:
    """Alembic's table aside: it is there only where Alembic was."""
    found: dict[Verbs, list[str]] = {}
    for table, verbs in tables.items():
        if table != contract.SCHEMA_VERSION:
            found.setdefault(verbs, []).append(table)
    return found


def _named(role: Role) -> str:
    return f"SELECT FROM pg_roles WHERE rolname = '{role.name}'"


def _membership(group: str, member: str) -> str:
    return f"IF NOT pg_has_role('{member}', '{group}', 'MEMBER') THEN GRANT {group} TO {member}; END IF;"


def _attempt(step: str, otherwise: str) -> str:
    """A step that whoever migrates may lack the right to: then it was done elsewhere, or the doctor will tell."""
    return f"BEGIN {step} EXCEPTION WHEN insufficient_privilege THEN {_notice(otherwise)} END;"


def _notice(what: str) -> str:
    return f"RAISE NOTICE 'the role % {what}', current_user;"

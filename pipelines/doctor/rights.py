"""Rights in the roster database under examination: the roles have what they are to have, and their users nothing else.

What they are to have is declared in pipelines.roster.grants.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pipelines.doctor.diagnosis import Diagnosis, fail, ok, warn
from pipelines.errors import some
from pipelines.roster.grants import API, MONITORING, ROLES, TABLES, Role
from pipelines.roster.indexes import MAKE_INDEXES
from pipelines.settings import Settings

_GRANTS, _LOGINS = "grants", "logins"
_MIGRATE = "run `rosterhub migrate` as the owner of the database"
_WHERE = "see Database roles in docs/operator.md"
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

_EXISTING = "SELECT rolname FROM pg_roles WHERE rolname = ANY (%(roles)s)"

# Who logs in as one of the roles. The owner may everything, and is a member of the API's only to take it on.
_USERS = """
SELECT u.rolname, array_agg(g.rolname::text)
FROM pg_roles u JOIN pg_roles g ON g.rolname = ANY (%(roles)s) AND pg_has_role(u.oid, g.oid, 'USAGE')
WHERE u.rolcanlogin AND NOT u.rolsuper AND u.oid NOT IN (
  SELECT relowner FROM pg_class WHERE relname = ANY (%(tables)s) AND relnamespace = 'public'::regnamespace)
GROUP BY u.rolname
"""

_RIGHTS = """
SELECT rolname, verb || ' ' || what
FROM pg_roles, unnest(%(tables)s::text[]) what, unnest(%(verbs)s::text[]) verb
WHERE rolname = ANY (%(who)s) AND has_table_privilege(oid, to_regclass(what), verb)
UNION ALL SELECT rolname, 'CREATE TABLE' FROM pg_roles
WHERE rolname = ANY (%(who)s) AND has_schema_privilege(oid, 'public', 'CREATE')
"""


def grants(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """Every role may do what it has to, and neither it nor whoever logs in as it may do more."""
    existing = {name for (name,) in connection.execute(_EXISTING, {"roles": [role.name for role in ROLES]})}
    if API.name not in existing:
        return fail(_GRANTS, f"there is no role {API.name}", _MIGRATE)
    roles = {role.name: role for role in ROLES if role.name in existing}
    users = _users(connection, settings, list(roles))
    held = _held(connection, [*roles, *users])
    return (
        _of_excess(held, {name: [role] for name, role in roles.items()})
        or _of_excess(held, {user: [roles[name] for name in names] for user, names in users.items()})
        or _of_lack(connection, held, roles.values())
        or _of_missing([role.name for role in ROLES if role.name not in existing])
        or _of_monitoring(connection, users)
        or ok(_GRANTS, "each role may do what it has to, and neither it nor its users may do more")
    )


def _users(connection: psycopg.Connection, settings: Settings, roles: list[str]) -> dict[str, list[str]]:
    """Who logs in, and as which of the roles. The user that the API is given is to be one, whatever it is."""
    given = {_user(settings.api_database_url, API.name): [API.name]} if settings.api_database_url else {}
    return given | dict(connection.execute(_USERS, {"roles": roles, "tables": list(TABLES)}).fetchall())


def _held(connection: psycopg.Connection, who: list[str]) -> Mapping[str, set[str]]:
    """What they may do in fact."""
    found: dict[str, set[str]] = {name: set() for name in who}
    values = {"who": who, "tables": list(TABLES), "verbs": list(_VERBS)}
    for name, right in connection.execute(_RIGHTS, values):
        found[name].add(right)
    return found


def _tables(roles: Iterable[Role]) -> set[str]:
    return {f"{verb} {table}" for role in roles for table, verbs in role.tables.items() for verb in verbs}


def _of_excess(held: Mapping[str, set[str]], meant: Mapping[str, list[Role]]) -> Diagnosis | None:
    for who, roles in meant.items():
        if excess := sorted(held[who] - _tables(roles)):
            return fail(_GRANTS, f"{who} may {some(excess)}", f"REVOKE it, and let {who} be no superuser or owner")
    return None


def _of_lack(connection: psycopg.Connection, held: Mapping[str, set[str]], roles: Iterable[Role]) -> Diagnosis | None:
    for role in roles:
        if lack := [*sorted(_tables([role]) - held[role.name]), *_others_that_lack(connection, role)]:
            return fail(_GRANTS, f"{role.name} may not {some(lack)}", _MIGRATE)
    return None


def _others_that_lack(connection: psycopg.Connection, role: Role) -> Iterator[str]:
    """What the role is without beside tables."""
    for right, question, names in _others(role):
        if not _one(connection, f"SELECT {question}", role.name, *names):
            yield right


def _others(role: Role) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Its rights beside tables: in words, as a question to PostgreSQL, and what that names."""
    for table, columns in role.columns.items():
        question = "has_column_privilege(%s, to_regclass(%s), %s, 'SELECT')"
        yield from ((f"SELECT {table}.{column}", question, (table, column)) for column in columns)
    for sequence, verb in role.sequences.items():
        yield f"{verb} {sequence}", "has_sequence_privilege(%s, to_regclass(%s), %s)", (sequence, verb)
    if role.publishes:
        function = f"{MAKE_INDEXES}(text)"
        yield f"EXECUTE {function}", "has_function_privilege(%s, to_regprocedure(%s), 'EXECUTE')", (function,)


def _of_missing(names: list[str]) -> Diagnosis | None:
    """A user that may make no roles can migrate all the same, and everybody then logs in as the owner."""
    if not names:
        return None
    remedy = f"CREATE ROLE {names[0]} NOLOGIN as an administrator, then migrate again: {_WHERE}"
    return warn(_GRANTS, f"there is no role {' and no '.join(names)}", remedy)


def _of_monitoring(connection: psycopg.Connection, users: Mapping[str, list[str]]) -> Diagnosis | None:
    """Where somebody logs in to watch, they can see."""
    watched = any(MONITORING.name in names for names in users.values())
    if not watched or _one(connection, "SELECT pg_has_role(%s, %s, 'USAGE')", MONITORING.name, MONITORING.joins):
        return None
    remedy = f"GRANT {MONITORING.joins} TO {MONITORING.name} as an administrator"
    return warn(_GRANTS, f"{MONITORING.name} is no member of {MONITORING.joins}, and sees little", remedy)


def logins(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """Nothing that runs all day logs in as a superuser."""
    urls = {
        "DATABASE_URL": settings.database_url,
        "ROSTERHUB_API_DATABASE_URL": settings.api_database_url,
        "ROSTERHUB_BACKUP_DATABASE_URL": settings.backup_database_url,
    }
    users = {variable: _user(url, connection.info.user) for variable, url in urls.items() if url}
    query = "SELECT rolname FROM pg_roles WHERE rolsuper AND rolname = ANY (%(users)s)"
    superusers = {name for (name,) in connection.execute(query, {"users": list(users.values())})}
    if wide := [variable for variable, user in users.items() if user in superusers]:
        found = f"{', '.join(wide)}: the user is a superuser, whom nothing on the server is denied"
        return warn(_LOGINS, found, f"log in as a member of one of the roles: {_WHERE}")
    return ok(_LOGINS, "nobody logs in as a superuser")


def _user(url: str, otherwise: str) -> str:
    return str(conninfo_to_dict(url).get("user") or otherwise)


def _one(connection: psycopg.Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None

"""Users judged by their roles: REST cannot show a user without any, and a role may name its own user's profile only."""

import polars as pl

from pipelines.findings import Severity
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME
from pipelines.roster.judgement import IS_ID, IS_TOMBSTONE, Judgement
from pipelines.roster.store import union_of

USER = "user_sourced_id"


def judge_users(judgement: Judgement) -> bool:
    """Reject the roles that name another's profile, then the users without a role; whether a user fell.

    Alone and without a bulk roles.csv nothing can be said: the roles may be stored.
    """
    _judge_profiles(judgement)
    if "users" not in judgement.rows or (judgement.alone and judgement.mode("roles") is not Mode.BULK):
        return False
    lacking = ~IS_TOMBSTONE & ~IS_ID.is_in(_users_with_role(judgement).implode())
    fallen = judgement.rows["users"].filter(lacking).collect(engine="streaming")
    if fallen.is_empty():
        return False
    users = BY_NAME["users"]
    judgement.tell("user_without_role", users, users.column("sourcedId"), fallen, severity=Severity.ERROR)
    judgement.reject(users, fallen, "user_without_role")
    return True


def _users_with_role(judgement: Judgement) -> pl.Series:
    """Users of accepted roles, of rejected ones that stay stored, and of all stored ones where roles.csv is no bulk."""
    sent = []
    if "roles" in judgement.rows:
        sent.append(judgement.rows["roles"].filter(~IS_TOMBSTONE).select(USER).collect()[USER])
    if judgement.mode("roles") is not Mode.BULK:
        sent.append(judgement.store.values(BY_NAME["roles"], USER)[USER])
    elif len(kept := judgement.kept_previous(BY_NAME["roles"])):
        stored = judgement.store.values(BY_NAME["roles"], USER)
        sent.append(stored.filter(IS_ID.is_in(kept.implode()))[USER])
    return union_of(sent)


def _judge_profiles(judgement: Judgement) -> None:
    if "roles" not in judgement.rows or "userProfiles" not in judgement.rows:
        return
    roles = BY_NAME["roles"]
    column = roles.column("userProfileSourcedId")
    owners = judgement.rows["userProfiles"].select(IS_ID.alias(column.field), pl.col(USER).alias("profile_owner"))
    joined = judgement.rows["roles"].join(owners, on=column.field, how="inner")
    fallen = joined.filter(pl.col("profile_owner") != pl.col(USER)).collect().drop("profile_owner")
    if not fallen.is_empty():
        judgement.tell("profile_of_another", roles, column, fallen, severity=Severity.ERROR)
        judgement.reject(roles, fallen, "profile_of_another")

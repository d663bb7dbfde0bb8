"""OneRoster 1.1 rows into the 1.2 model (facts: `oneroster.v1p1`).

What needs other files or the store is left open and settled by `roster.derivations`: the 1.2 word for
`administrator` (by the type of its org), a line item's school, a result's class.
"""

from pathlib import Path

import polars as pl

from pipelines.frames import accepted_schema
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p1 import derived_role_id

DERIVED_ROLES = "roles.accepted.parquet"
ROLE_ID_PARTS = ["user_sourced_id", "org_sourced_id", "role"]


def upgrade(entity: Entity, rows: pl.LazyFrame, folder: Path) -> pl.LazyFrame:
    """The rows as rows of the 1.2 entity; for users also writes the derived roles beside them."""
    if entity.name == "users":
        _derive_roles(rows).write_parquet(folder / DERIVED_ROLES, compression="lz4")
        rows = rows.with_columns(pl.col("org_sourced_ids").list.first().alias("primary_org_sourced_id"))
    if entity.name == "lineItems":
        rows = rows.rename({"grading_period_sourced_id": "academic_session_sourced_id"})
    present = set(rows.collect_schema())
    missing = {name: dtype for name, dtype in accepted_schema(BY_NAME[entity.name]).items() if name not in present}
    return rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())


def _derive_roles(users: pl.LazyFrame) -> pl.DataFrame:
    """One role per user and org: primary at the first org, secondary at the others, repeated orgs once."""
    roles = (
        users.select(
            "line",
            "surplus",
            pl.col("sourced_id").alias("user_sourced_id"),
            "status",
            "sent_date_last_modified",
            "role",
            pl.col("org_sourced_ids").list.unique(maintain_order=True).alias("org_sourced_id"),
        )
        .with_columns(pl.int_ranges(pl.col("org_sourced_id").list.len()).alias("place"))
        .explode("org_sourced_id", "place", empty_as_null=False)
        .filter(pl.col("org_sourced_id").is_not_null())
        .with_columns(
            pl.when(pl.col("place") == 0).then(pl.lit("primary")).otherwise(pl.lit("secondary")).alias("role_type")
        )
        .collect()
    )
    ids = [derived_role_id(*parts) for parts in roles.select(ROLE_ID_PARTS).iter_rows()]
    roles = roles.with_columns(pl.Series("sourced_id", ids, dtype=pl.String))
    dtypes = accepted_schema(BY_NAME["roles"])
    empty = [pl.lit(None, dtype).alias(name) for name, dtype in dtypes.items() if name not in roles.columns]
    return roles.with_columns(empty).select(*dtypes)

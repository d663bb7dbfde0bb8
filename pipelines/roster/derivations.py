"""What a 1.1 bundle leaves to be derived from other records, in the package or in the store (see oneroster.v1p1).

`administrator` becomes a 1.2 role by the type of its org; a line item takes its class's school, a result its line
item's class.
"""

import polars as pl

from pipelines import contract
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p1 import ADMINISTRATOR_BY_ORG_TYPE, ADMINISTRATOR_ELSEWHERE
from pipelines.roster.store import Store

Frames = dict[str, pl.LazyFrame]

# (entity, column to fill, reference to follow, entity it leads to, column to take there)
TAKEN_FROM_TARGET = (
    ("lineItems", "school_sourced_id", "class_sourced_id", "classes", "school_sourced_id"),
    ("results", "class_sourced_id", "line_item_sourced_id", "lineItems", "class_sourced_id"),
)


def derive(rows: Frames, store: Store) -> Frames:
    """The frames of a 1.1 bundle with what their own file does not say filled in."""
    derived = dict(rows)
    if "roles" in rows:
        derived["roles"] = _administrators(derived, store)
    for entity, column, reference, target, taken in TAKEN_FROM_TARGET:
        if entity in derived:
            known = _known(derived, store, target, taken).rename({contract.SOURCED_ID: reference, taken: "taken"})
            joined = derived[entity].join(known, on=reference, how="left")
            derived[entity] = joined.with_columns(pl.coalesce(column, "taken").alias(column)).drop("taken")
    return derived


def _administrators(rows: Frames, store: Store) -> pl.LazyFrame:
    types = _known(rows, store, "orgs", "type").rename({contract.SOURCED_ID: "org_sourced_id", "type": "org_type"})
    by_type = pl.col("org_type").replace_strict(
        ADMINISTRATOR_BY_ORG_TYPE, default=ADMINISTRATOR_ELSEWHERE, return_dtype=pl.String
    )
    role = pl.when(pl.col("role") == "administrator").then(by_type).otherwise("role").alias("role")
    return rows["roles"].join(types, on="org_sourced_id", how="left").with_columns(role).drop("org_type")


def _known(rows: Frames, store: Store, entity: str, field: str) -> pl.LazyFrame:
    """`sourced_id` and one column, of the package's rows first, else of the stored ones."""
    stored = store.values(BY_NAME[entity], field).lazy()
    if entity not in rows:
        return stored
    sent = rows[entity].select(contract.SOURCED_ID, field)
    return pl.concat([sent, stored.join(sent, on=contract.SOURCED_ID, how="anti")])

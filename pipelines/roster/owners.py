"""Whose date moves with another's change: records that show embedded rows, line items that name a session by its type.

Rows are compared by what the record shows of them: other ids for the same roles are no change. Nothing is written here.
"""

import polars as pl

from pipelines import contract
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import ENTITIES, embedded_in
from pipelines.roster.changes import IS_ID, STORED, EntityChanges, owner_field, shown_fields
from pipelines.roster.judgement import Judgement
from pipelines.roster.store import STORED_STATUS, union_of


def sessions_of_other_type(changes: dict[str, EntityChanges]) -> list[str]:
    """Ids of sessions whose type changed: line items name their session by it."""
    changed = changes.get("academicSessions")
    if changed is None or changed.replaced.is_empty():
        return []
    other = changed.replaced.filter(pl.col("type") != pl.col("type" + STORED))
    return other[contract.SOURCED_ID].to_list()


def touched_owners(changes: dict[str, EntityChanges], judgement: Judgement) -> dict[str, set[str]]:
    """Records that show changed embedded rows, by entity: their date moves although their own row did not change."""
    touched: dict[str, set[str]] = {}
    for owner in ENTITIES:
        if judgement.store.is_empty(owner):
            continue  # all of its records are new, and dated by this publication anyway
        for entity in embedded_in(owner):
            if entity.name in changes and not changes[entity.name].is_empty:
                ids = _owners_that_differ(changes[entity.name], judgement)
                touched.setdefault(owner.name, set()).update(ids)
    return touched


def _owners_that_differ(changed: EntityChanges, judgement: Judgement) -> set[str]:
    entity, owner = changed.entity, owner_field(changed.entity)
    if judgement.store.is_empty(entity):
        return set(changed.inserted.select(owner).collect(engine="streaming")[owner])
    written = pl.concat([changed.inserted.collect(), changed.replaced], how="diagonal_relaxed")
    owners = union_of([written[owner], written[owner + STORED], changed.gone[owner]])
    before = judgement.store.rows(entity, owners, owner).filter(pl.col(STORED_STATUS) == contract.ACTIVE)
    removed = pl.concat([written.select(IS_ID), changed.gone.select(IS_ID)]).lazy()
    fields = [contract.SOURCED_ID, *shown_fields(entity)]
    kept = before.join(removed, on=contract.SOURCED_ID, how="anti").select(fields)
    after = pl.concat([kept, written.lazy().select(fields)])
    return _groups_that_differ(entity, before.select(fields), after)


def _groups_that_differ(entity: Entity, before: pl.LazyFrame, after: pl.LazyFrame) -> set[str]:
    """Owners whose embedded rows, as a multiset of what is shown, are not the same before and after."""
    owner, shown = owner_field(entity), shown_fields(entity)
    if entity.embedding and entity.embedding.id_json:
        shown = [contract.SOURCED_ID, *shown]
    sides = [side.group_by(shown).len(name) for side, name in ((before, "n_before"), (after, "n_after"))]
    joined = sides[0].join(sides[1], on=shown, how="full", coalesce=True, nulls_equal=True)
    differing = joined.filter(pl.col("n_before").ne_missing(pl.col("n_after"))).select(owner).unique()
    return set(differing.collect(engine="streaming")[owner])

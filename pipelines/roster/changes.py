"""The change set: what a judged package would do to the stored records of its source. Nothing is written here.

Values are compared one by one, never by hash: a missed change or a date that moves for nothing is the one fault that
incremental clients cannot see.
"""

from dataclasses import dataclass, field

import polars as pl

from pipelines import contract
from pipelines.findings import Finding, Severity, finding
from pipelines.frames import LINE
from pipelines.handover import Change
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster.judgement import Judgement
from pipelines.roster.store import STORED_STATUS, union_of

IS_ID = pl.col(contract.SOURCED_ID)
IGNORED = {"outdated": "delta_outdated", "unknown": "tombstone_unknown"}
STORED = "_stored"  # suffix of a stored value beside the one sent


@dataclass
class EntityChanges:
    """What happens to one entity. Frames have the columns of a judged frame; `gone` has ids, and owners if embedded."""

    entity: Entity
    inserted: pl.LazyFrame
    replaced: pl.DataFrame  # changed or returned: content is written anew
    silent: pl.DataFrame  # only what the record does not show differs: written, and its date stays
    gone: pl.DataFrame
    counts: Change
    lost_values: dict[str, int] = field(default_factory=dict)  # column: active records that would lose its value
    active_before: int = 0  # of the whole entity, however few a delta names
    renamed: int = 0  # of the gone: rows that came again under another id, and are shown as before
    ignored: dict[str, int] = field(default_factory=dict)  # finding code: rows that come too late or for nothing
    first: bool = False  # the source had no record of the entity before

    @property
    def is_empty(self) -> bool:
        counts = self.counts
        return not (counts.inserted or counts.changed or counts.returned or counts.gone or len(self.silent))

    @property
    def touches_records(self) -> bool:
        """Whether a record changes that REST shows. What shows in another record is that record's change."""
        counts = self.counts
        return not self.entity.embedding and bool(counts.inserted or counts.changed or counts.returned or counts.gone)


def changes_of(judgement: Judgement) -> dict[str, EntityChanges]:
    """The change set of every entity that the package has, by name in load order."""
    return {
        entity.name: _entity_changes(judgement, entity)
        for entity in ENTITIES
        if judgement.staged.files.get(entity.name)
    }


def shown_fields(entity: Entity) -> list[str]:
    """The fields whose change is a change of the record as REST shows it (of the owner, where it is embedded)."""
    owner = entity.embedding.owner if entity.embedding else ""
    shown = [column.field for column in entity.stored if column.json or column.name == owner]
    return [*shown, contract.METADATA] if not entity.embedding else shown


def kept_fields(entity: Entity) -> list[str]:
    """The stored fields that REST does not show."""
    shown = set(shown_fields(entity))
    stored = [*(column.field for column in entity.stored), contract.METADATA, contract.DANGLING]
    return [name for name in stored if name not in shown]


def _entity_changes(judgement: Judgement, entity: Entity) -> EntityChanges:
    sent = _sent(judgement, entity)
    rejected, waiting = len(judgement.rejected[entity.name]), len(judgement.waiting.get(entity.name, ()))
    if judgement.store.is_empty(entity):
        return _first_load(entity, sent, rejected, waiting)
    stored = _stored(judgement, entity, sent)
    compared = _compare(entity, sent, stored, judgement.mode(entity.name))
    gone = _gone(judgement, entity, compared)
    total = sent.select(pl.len()).collect(engine="streaming").item()
    active = judgement.store.active(entity)
    assembled = _assemble(entity, compared, gone, total, active, Change(rejected=rejected, waiting=waiting))
    assembled.renamed = _renamed(entity, stored, assembled)
    return assembled


def _sent(judgement: Judgement, entity: Entity) -> pl.LazyFrame:
    """The accepted rows, blank status being active, without those that embed into a record which stays as it was."""
    rows = judgement.rows[entity.name].with_columns(pl.col(contract.STATUS).fill_null(contract.ACTIVE))
    if entity.embedding:
        owner = entity.column(entity.embedding.owner)
        kept = judgement.kept_previous(BY_NAME[owner.to])
        if len(kept):
            rows = rows.filter(~pl.col(owner.field).is_in(kept.implode()))
    return rows


def _stored(judgement: Judgement, entity: Entity, sent: pl.LazyFrame) -> pl.LazyFrame:
    """The stored rows to compare with: all of a bulk file's entity, those named by a delta."""
    if judgement.mode(entity.name) is Mode.BULK or judgement.staged.files[entity.name].derived:
        return judgement.store.rows(entity)
    return judgement.store.rows(entity, sent.select(IS_ID).collect()[contract.SOURCED_ID])


def _first_load(entity: Entity, sent: pl.LazyFrame, rejected: int, waiting: int) -> EntityChanges:
    """No stored record: every active row is new, and there is nothing to compare with."""
    active = sent.filter(pl.col(contract.STATUS) == contract.ACTIVE)
    inserted = active.select(pl.len()).collect(engine="streaming").item()
    nothing = pl.DataFrame(schema=sent.collect_schema())
    counts = Change(inserted=inserted, rejected=rejected, waiting=waiting)
    return EntityChanges(entity, active, nothing, nothing, nothing.select(contract.SOURCED_ID), counts, first=True)


def _compare(entity: Entity, sent: pl.LazyFrame, stored: pl.LazyFrame, mode: Mode) -> pl.DataFrame:
    """Every sent row that differs from what is stored, and every active stored row that was not sent (`missing`): with
    its `kind` of change, and the values that it would lose.

    One pass, and unchanged rows are never together in memory. The source's own date is never content; a delta's is
    stored all the same, since it orders what comes later.
    """
    joined = sent.join(stored, on=contract.SOURCED_ID, how="full", suffix=STORED, coalesce=True)
    is_missing = pl.col(LINE).is_null()
    is_new = pl.col(STORED_STATUS).is_null()
    was_active = pl.col(STORED_STATUS) == contract.ACTIVE
    is_active = pl.col(contract.STATUS) == contract.ACTIVE
    newer = pl.lit(mode is Mode.DELTA) & pl.col(contract.SENT_DATE).ne_missing(pl.col(contract.SENT_DATE + STORED))
    older = pl.col(contract.SENT_DATE) < pl.col(contract.SENT_DATE + STORED)
    kind = (
        pl.when(is_missing & was_active).then(pl.lit("missing"))
        .when(is_missing).then(pl.lit("unchanged"))
        .when(is_new & is_active).then(pl.lit("inserted"))
        .when(is_new).then(pl.lit("unknown"))
        .when(older.fill_null(False)).then(pl.lit("outdated"))
        .when(~is_active & was_active).then(pl.lit("deleted"))
        .when(~is_active).then(pl.lit("unchanged"))
        .when(~was_active).then(pl.lit("returned"))
        .when(_differs(shown_fields(entity))).then(pl.lit("changed"))
        .when(_differs(kept_fields(entity)) | newer.fill_null(False)).then(pl.lit("silent"))
        .otherwise(pl.lit("unchanged"))
    )  # fmt: skip
    differing = joined.with_columns(kind.alias("kind")).filter(pl.col("kind") != "unchanged")
    return differing.with_columns(_losses(entity)).collect(engine="streaming")


def _differs(fields: list[str]) -> pl.Expr:
    return pl.any_horizontal([pl.col(name).ne_missing(pl.col(name + STORED)) for name in fields] or [pl.lit(False)])


def _losses(entity: Entity) -> list[pl.Expr]:
    """Per column: an active record would lose its value."""
    was_active = pl.col(STORED_STATUS) == contract.ACTIVE
    is_active = pl.col(contract.STATUS) == contract.ACTIVE
    return [
        (was_active & is_active & pl.col(column.field + STORED).is_not_null() & pl.col(column.field).is_null())
        .fill_null(False)
        .alias(f"loses {column.field}")
        for column in entity.stored
    ]


def _gone(judgement: Judgement, entity: Entity, compared: pl.DataFrame) -> pl.DataFrame:
    """Stored active records whose id occurs in no row of a bulk file, accepted or rejected, and those sent as deleted.

    A row whose owner stays as it was stays too. The derived roles of a 1.1 users file follow their users rows: only
    users of which that file has a row can lose one, in delta as in bulk.
    """
    file = judgement.staged.files[entity.name]
    deleted, missing = (compared.filter(pl.col("kind") == kind) for kind in ("deleted", "missing"))
    if file.ids_unreadable or (file.mode is not Mode.BULK and not file.derived):
        return _buried(entity, deleted)
    not_accepted = [judgement.rejected[entity.name], judgement.waiting.get(entity.name, missing.clear())]
    present = union_of(frame[contract.SOURCED_ID] for frame in not_accepted)
    missing = missing.filter(~IS_ID.is_in(present.implode()))
    if entity.embedding:
        owner = entity.column(entity.embedding.owner)
        kept = judgement.kept_previous(BY_NAME[owner.to])
        missing = missing.filter(~pl.col(owner.field + STORED).is_in(kept.implode()))
        if file.derived and file.mode is Mode.DELTA:
            users = judgement.rows["users"].select(IS_ID).collect()[contract.SOURCED_ID]
            missing = missing.filter(pl.col(owner.field + STORED).is_in(users.implode()))
    return _buried(entity, pl.concat([missing, deleted]))


def _buried(entity: Entity, rows: pl.DataFrame) -> pl.DataFrame:
    """What is kept of rows that become tombstones: their ids, and of embedded ones who showed them."""
    shown_by = [pl.col(owner_field(entity) + STORED).alias(owner_field(entity))] if entity.embedding else []
    return rows.select(IS_ID, *shown_by)


def owner_field(entity: Entity) -> str:
    """The field of an embedded entity that names the record which shows its rows."""
    assert entity.embedding is not None, entity.name  # noqa: S101  only embedded entities are asked
    return entity.column(entity.embedding.owner).field


def _assemble(
    entity: Entity, compared: pl.DataFrame, gone: pl.DataFrame, total: int, active: int, counts: Change
) -> EntityChanges:
    """The change set of an entity of which `total` rows were accepted; those that are of no kind are unchanged."""
    kinds = dict(compared.group_by("kind").len().iter_rows())
    differing = len(compared) - kinds.get("missing", 0)
    losses = compared.select(pl.col("^loses .*$").sum()).row(0, named=True)
    return EntityChanges(
        entity,
        inserted=compared.lazy().filter(pl.col("kind") == "inserted"),
        replaced=compared.filter(pl.col("kind").is_in(["changed", "returned"])),
        silent=compared.filter(pl.col("kind") == "silent"),
        gone=gone,
        counts=Change(
            inserted=kinds.get("inserted", 0),
            changed=kinds.get("changed", 0),
            unchanged=total - differing + kinds.get("silent", 0),
            returned=kinds.get("returned", 0),
            gone=len(gone),
            rejected=counts.rejected,
            waiting=counts.waiting,
        ),
        lost_values={name.removeprefix("loses "): count for name, count in losses.items() if count},
        active_before=active,
        ignored={code: kinds[kind] for kind, code in IGNORED.items() if kinds.get(kind)},
    )


def _renamed(entity: Entity, stored: pl.LazyFrame, changed: EntityChanges) -> int:
    """How many gone rows are shown as before by a new one: as roles of a 1.1 source that now delivers 1.2."""
    if entity.embedding is None or entity.embedding.id_json or changed.gone.is_empty() or not changed.counts.inserted:
        return 0
    shown = shown_fields(entity)
    gone = stored.join(changed.gone.lazy(), on=contract.SOURCED_ID, how="semi")
    sides = [side.group_by(shown).len(name) for side, name in ((gone, "n_gone"), (changed.inserted, "n_inserted"))]
    both = sides[0].join(sides[1], on=shown, nulls_equal=True)
    return both.select(pl.min_horizontal("n_gone", "n_inserted").sum()).collect(engine="streaming").item()


def ignored_rows(changed: EntityChanges) -> list[Finding]:
    """What to say of rows that change nothing because of what is stored."""
    file = f"{changed.entity.name}.csv"
    return [finding(code, Severity.WARNING, file, count=count) for code, count in changed.ignored.items()]

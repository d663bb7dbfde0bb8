"""References judged across files: which rows stand, which fall, which references are left out for now.

Targets are looked up in the package where the target's file is bulk there, else in the store (rulings, "Reading
bundles"). Works on frames and on a `Store`, with or without a database behind it.
"""

import polars as pl

from pipelines import contract
from pipelines.findings import Severity, finding
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster import roles
from pipelines.roster.judgement import IS_ID, IS_TOMBSTONE, Cause, Judgement, without


def judge(judgement: Judgement) -> Judgement:
    """Judge every reference: the required ones in load order, so that a fallen row takes along those that need it,
    then users by their roles, then the optional ones."""
    for entity in ENTITIES:
        if entity.name in judgement.rows:
            _judge_required(judgement, entity)
        if entity.name == "roles":
            _judge_users(judgement)
    for entity in ENTITIES:
        if entity.name in judgement.rows:
            _judge_optional(judgement, entity)
    return judgement


def _judge_users(judgement: Judgement) -> None:
    """Users by their roles; the roles and profiles of a fallen user fall too."""
    if roles.judge_users(judgement):
        for name in ("userProfiles", "roles"):
            if name in judgement.rows:
                entity = BY_NAME[name]
                _judge_required_one(judgement, entity, entity.column("userSourcedId"), "users")


def _judge_required(judgement: Judgement, entity: Entity) -> None:
    if entity.id_to:
        _judge_required_one(judgement, entity, entity.column("sourcedId"), entity.id_to)
    for column in entity.references:
        if column.required and column.kind is Kind.REF:
            _judge_required_one(judgement, entity, column, column.to)
        elif column.required:
            _judge_required_list(judgement, entity, column)


def _judge_required_one(judgement: Judgement, entity: Entity, column: Column, target: str) -> None:
    if _not_checked(judgement, entity, column, target):
        return
    value = pl.col(column.field)
    missing = ~IS_TOMBSTONE & value.is_not_null() & ~value.is_in(judgement.targets(target).implode())
    fallen = judgement.rows[entity.name].filter(missing).collect(engine="streaming")
    if not fallen.is_empty():
        _fall(judgement, entity, column, target, fallen)


def _fall(judgement: Judgement, entity: Entity, column: Column, target: str, fallen: pl.DataFrame) -> None:
    """Rows whose required target is nowhere: a delta row waits for it, any other is rejected."""
    if judgement.mode(entity.name) is Mode.DELTA and judgement.mode(target) is not Mode.BULK:
        _wait(judgement, entity, column, target, fallen)
        return
    code = "reference_missing_here" if judgement.alone else "reference_missing"
    _tell_missing(judgement, code, entity, column, target, fallen, Severity.ERROR)
    judgement.reject(entity, fallen, code)


def _wait(judgement: Judgement, entity: Entity, column: Column, target: str, rows: pl.DataFrame) -> None:
    aside = rows.with_columns(waits_for=pl.lit(target))
    earlier = judgement.waiting.get(entity.name)
    judgement.waiting[entity.name] = aside if earlier is None else pl.concat([earlier, aside])
    judgement.rows[entity.name] = without(judgement.rows[entity.name], rows)
    judgement.tell("row_waits", entity, column, rows, severity=Severity.WARNING, target=target, examples=1)


def _judge_required_list(judgement: Judgement, entity: Entity, column: Column) -> None:
    """A required list loses its dangling items; left empty it takes its row along."""
    if _not_checked(judgement, entity, column, column.to):
        return
    targets = judgement.targets(column.to)
    exploded = _items(judgement.rows[entity.name], column)
    found = exploded.filter(pl.col("item").is_in(targets.implode())).select(IS_ID).unique()
    rows = judgement.rows[entity.name].filter(~IS_TOMBSTONE & pl.col(column.field).is_not_null())
    fallen = rows.join(found, on=contract.SOURCED_ID, how="anti").collect(engine="streaming")
    if not fallen.is_empty():
        _fall(judgement, entity, column, column.to, fallen)


def _judge_optional(judgement: Judgement, entity: Entity) -> None:
    """References that may be left out: the optional ones, and the lost items of required lists."""
    for column in entity.references:
        if column.required and column.kind is Kind.REF:
            continue
        if not column.required and _not_checked(judgement, entity, column, column.to):
            continue
        dangling = _dangling_items(judgement, entity, column)
        if not dangling.is_empty():
            _leave_out(judgement, entity, column, dangling)
    for column in entity.references:
        if column.to == entity.name and column.kind is Kind.REF:
            _break_cycles(judgement, entity, column)


def _items(rows: pl.LazyFrame, column: Column) -> pl.LazyFrame:
    """Every single reference of a column: `line`, `sourced_id`, `surplus`, `item`."""
    value = pl.col(column.field).alias("item")
    picked = rows.filter(~IS_TOMBSTONE & pl.col(column.field).is_not_null()).select("line", "surplus", IS_ID, value)
    return picked.explode("item") if column.kind is Kind.REFS else picked


def _dangling_items(judgement: Judgement, entity: Entity, column: Column) -> pl.DataFrame:
    targets = judgement.targets(column.to)
    lost = ~pl.col("item").is_in(targets.implode())
    return _items(judgement.rows[entity.name], column).filter(lost).collect(engine="streaming")


def _leave_out(judgement: Judgement, entity: Entity, column: Column, dangling: pl.DataFrame) -> None:
    """Optional references to nowhere are kept aside; where cells have shifted, nothing is optional."""
    shifted = dangling.filter("surplus").rename({"item": column.field})
    if not shifted.is_empty():
        _tell_missing(judgement, "reference_missing", entity, column, column.to, shifted, Severity.ERROR)
        judgement.reject(entity, shifted.unique("sourced_id"), "reference_missing")
    dangling = dangling.filter(~pl.col("surplus"))
    if not dangling.is_empty():
        shown = dangling.rename({"item": column.field})
        _tell_missing(judgement, "reference_dangling", entity, column, column.to, shown, None)
        judgement.rows[entity.name] = _with_dangling(judgement.rows[entity.name], column, dangling)


def _with_dangling(rows: pl.LazyFrame, column: Column, dangling: pl.DataFrame) -> pl.LazyFrame:
    """The rows with the lost items moved from the column into the record of what dangles (a JSON object)."""
    lost = dangling.group_by("sourced_id").agg(pl.col("item").sort().alias("lost"))
    member = pl.concat_str(pl.lit(f'"{column.name}":["'), pl.col("lost").list.join('","'), pl.lit('"]'))
    rows = rows.join(lost.lazy(), on=contract.SOURCED_ID, how="left", maintain_order="left")
    kept: pl.Expr = pl.when(pl.col("lost").is_null()).then(column.field)
    if column.kind is Kind.REFS:
        remaining = pl.col(column.field).list.set_difference(pl.col("lost"))
        kept = pl.coalesce(kept, pl.when(remaining.list.len() > 0).then(remaining))
    earlier = pl.col(contract.DANGLING).str.strip_chars("{}")
    joined = pl.concat_str(
        earlier, pl.when(pl.col("lost").is_not_null()).then(member), separator=",", ignore_nulls=True
    )
    record = pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))
    return rows.with_columns(kept.alias(column.field), record.alias(contract.DANGLING)).drop("lost")


def _break_cycles(judgement: Judgement, entity: Entity, column: Column) -> None:
    """Leave out the references that make records each other's ancestors."""
    links = judgement.rows[entity.name].filter(pl.col(column.field).is_not_null()).select("line", IS_ID, column.field)
    parents = {child: parent for _, child, parent in links.collect().iter_rows()}
    in_cycle = [child for child in parents if _reaches_itself(child, parents)]
    if not in_cycle:
        return
    lost = links.filter(IS_ID.is_in(in_cycle)).collect()
    judgement.tell("reference_cycle", entity, column, lost, target=column.to, examples=1)
    lost = lost.rename({column.field: "item"})
    judgement.rows[entity.name] = _with_dangling(judgement.rows[entity.name], column, lost)


def _reaches_itself(start: str, parents: dict[str, str]) -> bool:
    seen, at = set(), parents.get(start)
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def _not_checked(judgement: Judgement, entity: Entity, column: Column, target: str) -> bool:
    """In `check` a delta may refer to what only a hub has: said once, and not judged."""
    if not judgement.alone or judgement.mode(entity.name) is not Mode.DELTA or judgement.mode(target) is Mode.BULK:
        return False
    count = judgement.rows[entity.name].select(pl.col(column.field).is_not_null().sum()).collect().item()
    if count:
        file = f"{entity.name}.csv"
        judgement.findings.append(finding("not_checked", Severity.INFO, file, column=column.name, count=count))
    return True


def _tell_missing(
    judgement: Judgement,
    code: str,
    entity: Entity,
    column: Column,
    target: str,
    rows: pl.DataFrame,
    severity: Severity | None,
) -> None:
    judgement.tell(code, entity, column, rows, severity=severity, target=target, cause=_cause(judgement, target))


def _cause(judgement: Judgement, target: str) -> Cause:
    """What the message adds about a missing target: that its own row was rejected, or that only case differs."""
    rejected = judgement.rejected.get(target)
    lines = dict(rejected.select("sourced_id", "line").iter_rows()) if rejected is not None else {}
    targets = judgement.targets(target)

    def cause(value: object) -> str:
        for one in value if isinstance(value, list) else [value]:
            if one in lines:
                return f" (line {lines[one]} of {target}.csv was itself rejected)"
            if isinstance(one, str) and (targets.str.to_lowercase() == one.lower()).any():
                return " (one that differs in upper and lower case is there)"
        return ""

    return cause

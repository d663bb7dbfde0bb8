"""References judged across files: which rows stand, which fall, which references are left out for now.

Targets are looked up in the package where the target's file is bulk there, else in the store (rulings, "Reading
bundles"). Works on frames and on a `Store`, with or without a database behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from pipelines import contract
from pipelines.findings import Finding, Severity, finding
from pipelines.frames import accepted_schema
from pipelines.handover import StagedBundle
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster.store import Store, union_of

EXAMPLES = 20
IS_ID = pl.col(contract.SOURCED_ID)
IS_TOMBSTONE = pl.col(contract.STATUS).fill_null("") == contract.TOMBSTONE


@dataclass
class Judgement:
    """The package while its references are judged, and the verdict when they have been.

    `rows`: accepted rows by entity, with a `dangling` column; `rejected`: all rejected rows, staging's included;
    `waiting`: delta rows whose required target has not come yet.
    """

    staged: StagedBundle
    store: Store
    rows: dict[str, pl.LazyFrame]
    rejected: dict[str, pl.DataFrame]
    waiting: dict[str, pl.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    alone: bool = False  # `check`: there is no store, and references of delta files are not judged
    _targets: dict[str, pl.Series] = field(default_factory=dict)

    def mode(self, name: str) -> Mode:
        return self.staged.mode(name)

    def targets(self, name: str) -> pl.Series:
        """The ids that a reference to that entity may name. Asked after the entity's own rows are settled."""
        if name not in self._targets:
            self._targets[name] = self._find_targets(BY_NAME[name])
        return self._targets[name]

    def _find_targets(self, entity: Entity) -> pl.Series:
        sent = [self.rows[entity.name].select(IS_ID).collect()[contract.SOURCED_ID]] if entity.name in self.rows else []
        if self.mode(entity.name) is Mode.BULK:
            return union_of([*sent, self.kept_previous(entity)])
        return union_of([*sent, self.store.ids(entity)])

    def values(self, name: str, field_: str) -> pl.DataFrame:
        """`sourced_id` and one column of every record that there will be: the package's rows, else the stored ones."""
        stored = self.store.values(BY_NAME[name], field_)
        if name not in self.rows:
            return stored
        sent = self.rows[name].select(contract.SOURCED_ID, field_).collect()
        if self.mode(name) is Mode.BULK:
            return sent
        return pl.concat([sent, stored.join(sent, on=contract.SOURCED_ID, how="anti")])

    def kept_previous(self, entity: Entity) -> pl.Series:
        """Ids of rejected rows whose stored record stays published: they count as existing."""
        ids = self.rejected[entity.name]["sourced_id"].drop_nulls() if entity.name in self.rejected else pl.Series()
        return self.store.existing(entity, ids) if len(ids) else pl.Series(dtype=pl.String)

    def reject(self, entity: Entity, refused: pl.DataFrame, code: str) -> None:
        """Move rows from accepted to rejected."""
        self.rows[entity.name] = _without(self.rows[entity.name], refused)
        entry = refused.select("line", "sourced_id", pl.lit([code]).alias("codes"))
        self.rejected[entity.name] = pl.concat([self.rejected[entity.name], entry])
        self._targets.pop(entity.name, None)

    def add(self, finding_: Finding) -> None:
        self.findings.append(finding_)


def _without(rows: pl.LazyFrame, refused: pl.DataFrame) -> pl.LazyFrame:
    return rows.filter(~IS_ID.is_in(refused["sourced_id"].implode()))


def opened(staged: StagedBundle, store: Store, alone: bool = False) -> Judgement:
    """A judgement of the staged files as they are: nothing has been judged yet."""
    rows, rejected = {}, {}
    for name, file in staged.files.items():
        nothing = pl.lit(None, pl.String).alias(contract.DANGLING)
        rows[name] = pl.scan_parquet(file.accepted_path).select(*accepted_schema(BY_NAME[name]), nothing)
        rejected[name] = pl.read_parquet(file.rejected_path)
    return Judgement(staged, store, rows, rejected, alone=alone)


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
        judgement.waiting[entity.name] = pl.concat(
            [judgement.waiting.get(entity.name, fallen.clear().with_columns(waits_for=pl.lit(""))),
             fallen.with_columns(waits_for=pl.lit(target))]
        )  # fmt: skip
        judgement.rows[entity.name] = _without(judgement.rows[entity.name], fallen)
        line, value = fallen.select("line", column.field).row(0)
        judgement.add(
            _reference_finding("row_waits", Severity.WARNING, entity, column, target, line, value, len(fallen))
        )
        return
    code = "reference_missing_here" if judgement.alone else "reference_missing"
    _report_missing(judgement, entity, column, target, fallen, code, Severity.ERROR)
    judgement.reject(entity, fallen, code)


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
    shifted = dangling.filter("surplus")
    if not shifted.is_empty():
        judgement.reject(entity, shifted.unique("sourced_id"), "reference_missing")
        shown = shifted.rename({"item": column.field})
        _report_missing(judgement, entity, column, column.to, shown, "reference_missing", Severity.ERROR)
    dangling = dangling.filter(~pl.col("surplus"))
    if dangling.is_empty():
        return
    severity = Severity.ERROR if judgement.staged.strict else Severity.WARNING
    shown = dangling.rename({"item": column.field})
    _report_missing(judgement, entity, column, column.to, shown, "reference_dangling", severity)
    judgement.rows[entity.name] = _with_dangling(judgement.rows[entity.name], column, dangling)


def _with_dangling(rows: pl.LazyFrame, column: Column, dangling: pl.DataFrame) -> pl.LazyFrame:
    """The rows with the lost items moved from the column into the record of what dangles (a JSON object)."""
    lost = dangling.group_by("sourced_id").agg(pl.col("item").sort().alias("lost"))
    member = pl.concat_str(pl.lit(f'"{column.name}":["'), pl.col("lost").list.join('","'), pl.lit('"]'))
    rows = rows.join(lost.lazy(), on=contract.SOURCED_ID, how="left", maintain_order="left")
    if column.kind is Kind.REFS:
        remaining = pl.col(column.field).list.set_difference(pl.col("lost"))
        kept = pl.when(pl.col("lost").is_null()).then(column.field).when(remaining.list.len() > 0).then(remaining)
    else:
        kept = pl.when(pl.col("lost").is_null()).then(column.field)
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
    lost = links.filter(IS_ID.is_in(in_cycle)).collect().rename({column.field: "item"})
    line, value = lost.select("line", "item").row(0)
    severity = Severity.ERROR if judgement.staged.strict else Severity.WARNING
    judgement.add(_reference_finding("reference_cycle", severity, entity, column, column.to, line, value, len(lost)))
    judgement.rows[entity.name] = _with_dangling(judgement.rows[entity.name], column, lost)


def _reaches_itself(start: str, parents: dict[str, str]) -> bool:
    seen, at = set(), parents.get(start)
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def _judge_users(judgement: Judgement) -> None:
    """A user without any role cannot be shown; their roles and profiles fall with them."""
    _judge_profiles(judgement)
    if "users" not in judgement.rows or (judgement.alone and judgement.mode("roles") is not Mode.BULK):
        return
    with_role = _users_with_role(judgement)
    lacking = ~IS_TOMBSTONE & ~IS_ID.is_in(with_role.implode())
    fallen = judgement.rows["users"].filter(lacking).collect(engine="streaming")
    if fallen.is_empty():
        return
    users = BY_NAME["users"]
    severity = Severity.ERROR
    for line, value, count in _examples(fallen, "sourced_id"):
        judgement.add(
            finding("user_without_role", severity, "users.csv", line=line, column="sourcedId", value=value, count=count,
                    rejects_bundle=judgement.staged.strict)
        )  # fmt: skip
    judgement.reject(users, fallen, "user_without_role")
    for name in ("userProfiles", "roles"):
        if name in judgement.rows:
            _judge_required_one(judgement, BY_NAME[name], BY_NAME[name].column("userSourcedId"), "users")


def _users_with_role(judgement: Judgement) -> pl.Series:
    sent = []
    if "roles" in judgement.rows:
        active = judgement.rows["roles"].filter(~IS_TOMBSTONE).select("user_sourced_id").collect()
        sent.append(active["user_sourced_id"])
    if judgement.mode("roles") is not Mode.BULK:
        stored = judgement.store.values(BY_NAME["roles"], "user_sourced_id")
        sent.append(stored["user_sourced_id"])
    if "roles" in judgement.rejected and judgement.mode("roles") is Mode.BULK:
        kept = judgement.kept_previous(BY_NAME["roles"])
        stored = judgement.store.values(BY_NAME["roles"], "user_sourced_id")
        sent.append(stored.filter(IS_ID.is_in(kept.implode()))["user_sourced_id"])
    return union_of(sent)


def _judge_profiles(judgement: Judgement) -> None:
    """A role may name a profile of its own user only."""
    if "roles" not in judgement.rows or "userProfiles" not in judgement.rows:
        return
    column = BY_NAME["roles"].column("userProfileSourcedId")
    owners = judgement.rows["userProfiles"].select(
        IS_ID.alias(column.field), pl.col("user_sourced_id").alias("profile_owner")
    )
    joined = judgement.rows["roles"].join(owners, on=column.field, how="inner")
    fallen = joined.filter(pl.col("profile_owner") != pl.col("user_sourced_id")).collect().drop("profile_owner")
    if fallen.is_empty():
        return
    for line, value, count in _examples(fallen, column.field):
        judgement.add(
            _reference_finding("profile_of_another", Severity.ERROR, BY_NAME["roles"], column, column.to, line, value,
                               count, rejects_bundle=judgement.staged.strict)
        )  # fmt: skip
    judgement.reject(BY_NAME["roles"], fallen, "profile_of_another")


def _not_checked(judgement: Judgement, entity: Entity, column: Column, target: str) -> bool:
    """In `check` a delta may refer to what only a hub has: said once, and not judged."""
    if not judgement.alone or judgement.mode(entity.name) is not Mode.DELTA or judgement.mode(target) is Mode.BULK:
        return False
    count = judgement.rows[entity.name].select(pl.col(column.field).is_not_null().sum()).collect().item()
    if count:
        judgement.add(finding("not_checked", Severity.INFO, f"{entity.name}.csv", column=column.name, count=count))
    return True


def _report_missing(
    judgement: Judgement,
    entity: Entity,
    column: Column,
    target: str,
    fallen: pl.DataFrame,
    code: str,
    severity: Severity,
) -> None:
    cause_of = _causes(judgement, target, fallen.head(EXAMPLES), column)
    for line, value, count in _examples(fallen, column.field):
        shown = ",".join(value) if isinstance(value, list) else value
        judgement.add(
            _reference_finding(code, severity, entity, column, target, line, shown, count, cause=cause_of(value),
                               rejects_bundle=judgement.staged.strict and severity is Severity.ERROR)
        )  # fmt: skip


def _examples(fallen: pl.DataFrame, field_: str) -> list[tuple]:
    """(line, value, count) of the first rows; the last stands for the rest, so that counts add up."""
    shown = fallen.head(EXAMPLES).select("line", field_).rows()
    rest = len(fallen) - len(shown)
    return [(line, value, 1 + (rest if index == len(shown) - 1 else 0)) for index, (line, value) in enumerate(shown)]


def _causes(judgement: Judgement, target: str, shown: pl.DataFrame, column: Column) -> Callable[[object], str]:
    """What the message adds about a missing target: that its own row was rejected, or that only case differs."""
    rejected = judgement.rejected.get(target)
    lines = dict(rejected.select("sourced_id", "line").iter_rows()) if rejected is not None else {}
    folded = {one.lower(): one for one in judgement.targets(target)} if len(shown) else {}

    def cause(value: object) -> str:
        for one in value if isinstance(value, list) else [value]:
            if one in lines:
                return f" (line {lines[one]} of {target}.csv was itself rejected)"
            if isinstance(one, str) and one.lower() in folded:
                return " (one that differs in upper and lower case is there)"
        return ""

    return cause


def _reference_finding(  # noqa: PLR0913, PLR0917  a finding about a reference has these parts
    code: str,
    severity: Severity,
    entity: Entity,
    column: Column,
    target: str,
    line: int,
    value: str | None,
    count: int,
    cause: str = "",
    rejects_bundle: bool = False,
) -> Finding:
    return finding(
        code,
        severity,
        f"{entity.name}.csv",
        line=line,
        column=column.name,
        value=value,
        count=count,
        target=target,
        cause=cause,
        rejects_bundle=rejects_bundle,
    )

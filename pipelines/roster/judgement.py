"""A package while its references are judged: what is accepted, rejected and waiting so far, and what to say of it.

Rules are not here (references, roles, semantics), and nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from pipelines import contract
from pipelines.findings import EXAMPLES, Finding, Severity, example_counts, finding
from pipelines.frames import accepted_schema
from pipelines.handover import StagedBundle
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME
from pipelines.roster.store import Store, union_of

IS_ID = pl.col(contract.SOURCED_ID)
IS_TOMBSTONE = pl.col(contract.STATUS).fill_null("") == contract.TOMBSTONE
Cause = Callable[[object], str]


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
        if name not in self.rows:
            return self.store.values(BY_NAME[name], field_)
        sent = self.rows[name].select(contract.SOURCED_ID, field_).collect()
        if self.mode(name) is Mode.BULK:
            return sent
        stored = self.store.values(BY_NAME[name], field_)
        return pl.concat([sent, stored.join(sent, on=contract.SOURCED_ID, how="anti")])

    def kept_previous(self, entity: Entity) -> pl.Series:
        """Ids of rejected rows whose stored record stays published: they count as existing."""
        ids = self.rejected[entity.name]["sourced_id"].drop_nulls() if entity.name in self.rejected else pl.Series()
        return self.store.existing(entity, ids) if len(ids) else pl.Series(dtype=pl.String)

    def reject(self, entity: Entity, refused: pl.DataFrame, code: str) -> None:
        """Move rows from accepted to rejected."""
        self.rows[entity.name] = without(self.rows[entity.name], refused)
        entry = refused.select("line", "sourced_id", pl.lit([code]).alias("codes"))
        self.rejected[entity.name] = pl.concat([self.rejected[entity.name], entry])
        self._targets.pop(entity.name, None)

    def tell(  # noqa: PLR0913  a finding about rows has these parts
        self,
        code: str,
        entity: Entity,
        column: Column,
        rows: pl.DataFrame,
        *,
        severity: Severity | None = None,
        target: str = "",
        cause: Cause = lambda _: "",
        examples: int = EXAMPLES,
    ) -> None:
        """Findings about rows: the first ones each by itself, the last standing for the rest, so that counts add up.

        Without a severity it is a deviation: a warning, and in strict reading an error.
        """
        strict = self.staged.strict
        severity = severity or (Severity.ERROR if strict else Severity.WARNING)
        shown = rows.head(examples).select("line", column.field).rows()
        for (line, value), count in zip(shown, example_counts(len(shown), len(rows)), strict=True):
            self.findings.append(
                finding(
                    code,
                    severity,
                    f"{entity.name}.csv",
                    line=line,
                    column=column.name,
                    value=",".join(value) if isinstance(value, list) else value,
                    count=count,
                    rejects_bundle=strict and severity is Severity.ERROR,
                    target=target,
                    cause=cause(value),
                )
            )


def without(rows: pl.LazyFrame, refused: pl.DataFrame) -> pl.LazyFrame:
    """The rows but for those with the refused ids."""
    return rows.filter(~IS_ID.is_in(refused["sourced_id"].implode()))


def opened(staged: StagedBundle, store: Store, alone: bool = False) -> Judgement:
    """A judgement of the staged files as they are: nothing has been judged yet."""
    rows, rejected = {}, {}
    for name, file in staged.files.items():
        nothing = pl.lit(None, pl.String).alias(contract.DANGLING)
        rows[name] = pl.scan_parquet(file.accepted_path).select(*accepted_schema(BY_NAME[name]), nothing)
        rejected[name] = pl.read_parquet(file.rejected_path)
    return Judgement(staged, store, rows, rejected, alone=alone)

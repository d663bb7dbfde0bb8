"""One row per sourcedId: what happens where a file has several (rulings, "Reading bundles")."""

import polars as pl

from pipelines.contract import SENT_DATE
from pipelines.findings import EXAMPLES, example_counts
from pipelines.oneroster.manifest import Mode
from pipelines.staged.reporting import Report

NOT_CONTENT = ("line", "surplus")


def settle_duplicates(
    accepted: pl.LazyFrame, rejected: pl.DataFrame, mode: Mode, report: Report
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """Accepted and rejected rows with at most one accepted row per sourcedId.

    Identical rows: the first stays, warned. Different rows: all are rejected, but in delta the newest date wins.
    A row whose twin was rejected for another reason is one of several different rows.
    """
    distinct, total = accepted.select(pl.col("sourced_id").n_unique(), pl.len()).collect(engine="streaming").row(0)
    rejected_ids = rejected["sourced_id"].drop_nulls()
    twins = accepted.filter(pl.col("sourced_id").is_in(rejected_ids.implode())) if len(rejected_ids) else None
    has_twins = twins is not None and not twins.head(1).collect().is_empty()
    if distinct == total and not has_twins:
        return accepted, rejected
    rows = accepted.collect(engine="streaming")
    repeated = rows.filter(pl.col("sourced_id").is_duplicated() | pl.col("sourced_id").is_in(rejected_ids.implode()))
    kept, refused = _settle(repeated, set(rejected_ids), mode, report)
    others = rows.join(repeated.select("line"), on="line", how="anti")
    refused_rows = refused.select("line", "sourced_id", pl.lit(["id_duplicate"]).alias("codes"))
    return pl.concat([others, kept]).sort("line").lazy(), pl.concat([rejected, refused_rows])


def _settle(
    repeated: pl.DataFrame, rejected_ids: set[str], mode: Mode, report: Report
) -> tuple[pl.DataFrame, pl.DataFrame]:
    kept, refused = [repeated.clear()], [repeated.clear()]
    for (sourced_id,), rows in repeated.group_by("sourced_id", maintain_order=True):
        winner = None if sourced_id in rejected_ids else _winner(rows, mode)
        if winner is None:
            refused.append(rows)
        else:
            kept.append(winner)
    _report(pl.concat(kept), pl.concat(refused), report)
    return pl.concat(kept), pl.concat(refused)


def _winner(rows: pl.DataFrame, mode: Mode) -> pl.DataFrame | None:
    """The row that stands for all of them; None where they contradict each other."""
    if mode is Mode.DELTA:
        rows = rows.filter(pl.col(SENT_DATE) == pl.col(SENT_DATE).max())
    content = rows.drop(*NOT_CONTENT)
    return rows.head(1) if content.n_unique() == 1 else None


def _report(kept: pl.DataFrame, refused: pl.DataFrame, report: Report) -> None:
    if len(kept):
        line, value = kept.select("line", "sourced_id").row(0)
        report.deviation("id_repeated", line=line, column="sourcedId", value=value, count=len(kept))
    shown = refused.head(EXAMPLES).select("line", "sourced_id").rows()
    for (line, value), count in zip(shown, example_counts(len(shown), len(refused)), strict=True):
        report.row_error("id_duplicate", line=line, column="sourcedId", value=value, count=count)

"""Great Expectations over a parquet file of accepted rows. The only module that imports it, which takes seconds."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from pyarrow import dataset

from pipelines import contract
from pipelines.errors import SettingsError
from pipelines.quality.gate import Facts
from pipelines.quality.suites import Expectation

# Counts without examples: a result must not hold anybody's data.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_FACTS = ("element_count", "unexpected_count", "unexpected_percent", "missing_percent", "observed_value")


def judge_rows(path: Path, asked: Sequence[Expectation]) -> list[tuple[bool, Facts]]:
    """Whether each expectation is met by the file's rows that are not tombstones, and the numbers that tell.

    Raises SettingsError for an expectation that cannot be asked: that is a mistake in its suite, not in the bundle.
    """
    batch = _batch(path, asked)
    return [_judge(batch, expectation) for expectation in asked]


def _judge(batch: Any, expectation: Expectation) -> tuple[bool, Facts]:
    configuration = ExpectationConfiguration(type=expectation.type, kwargs=expectation.arguments)
    try:
        question = configuration.to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise _unusable(expectation, str(error)) from error
    result = batch.validate(question, result_format=_RESULT_FORMAT)
    if message := _exception(result.exception_info):
        raise _unusable(expectation, message)
    return bool(result.success), _facts(result.result)


def _exception(info: dict[str, Any]) -> str:
    """What was raised while judging: told of the expectation, or of each of its metrics."""
    raised = [info] if "raised_exception" in info else info.values()
    return " ".join(str(one["exception_message"]) for one in raised if one["raised_exception"])


def _unusable(expectation: Expectation, why: str) -> SettingsError:
    return SettingsError(
        f"the expectation {expectation.name} cannot be asked; correct it in pipelines/quality/suites: {why}"
    )


def _batch(path: Path, asked: Sequence[Expectation]) -> Any:
    """The rows as Great Expectations takes them, with no more columns than the expectations look at."""
    columns = {column for expectation in asked for column in expectation.columns} or {contract.SOURCED_ID}
    active = dataset.field(contract.STATUS).is_null() | (dataset.field(contract.STATUS) != contract.TOMBSTONE)
    rows = dataset.dataset(path).to_table(columns=sorted(columns), filter=active)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    frames = context.data_sources.add_pandas("staged").add_dataframe_asset(path.stem)
    whole = frames.add_batch_definition_whole_dataframe("whole")
    return whole.get_batch({"dataframe": rows.to_pandas()})


def _facts(result: dict[str, Any]) -> Facts:
    numbers = {name: result.get(name) for name in _FACTS}
    return {
        name: value for name, value in numbers.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }

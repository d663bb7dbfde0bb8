"""The log lines of a CSV import: each has the word CSV, the source and the run, so that a night operator can grep them.

They are one JSON object after that word. Values of cells and names of people never come here.
"""

import json
from typing import Any

import dagster as dg

from pipelines.orchestration import naming

_MARK = "CSV import"


def line(source: str, run_id: str, event: str, **facts: Any) -> str:
    """One line; `event` is what was reached, facts are numbers and names of files."""
    return f"{_MARK} {json.dumps({'source': source, 'run': run_id, 'event': event, **facts}, ensure_ascii=False)}"


def tell(context: dg.AssetExecutionContext, event: str, **facts: Any) -> None:
    """Say how far the import of the context's run is."""
    context.log.info(line(context.partition_key, context.run.run_id, event, **facts))


@dg.failure_hook(name="import_failed")
def tell_of_failure(context: dg.HookContext) -> None:
    """Say in which step it ended; why is in the failure itself, beside it."""
    run = context.instance.get_run_by_id(context.run_id)
    source = run.tags.get(naming.PARTITION_TAG, "") if run else ""
    context.log.error(line(source, context.run_id, "failed", step=context.step_key))

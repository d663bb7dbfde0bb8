"""Small staged bundles, made without staging: the gate reads accepted rows and nothing else."""

from pathlib import Path
from typing import Any

import polars as pl

from pipelines.frames import accepted_schema
from pipelines.handover import StagedBundle, StagedFile
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import BY_NAME


def staged_bundle(folder: Path, mode: Mode = Mode.BULK, **files: list[dict[str, Any]]) -> StagedBundle:
    """A staged bundle with these accepted rows by entity name; columns left out are null."""
    return StagedBundle(
        fingerprint="f" * 64,
        version=Version.V1P2,
        version_text="1.2",
        strict=False,
        japan=False,
        files={name: _file(folder, name, mode, rows) for name, rows in files.items()},
    )


def _file(folder: Path, name: str, mode: Mode, rows: list[dict[str, Any]]) -> StagedFile:
    path = folder / f"{name}.accepted.parquet"
    schema = accepted_schema(BY_NAME[name])
    complete = [dict.fromkeys(schema) | {"sourced_id": f"{name}-{number}"} | row for number, row in enumerate(rows)]
    pl.DataFrame(complete, schema=schema).write_parquet(path)
    return StagedFile(name, mode, path, folder / f"{name}.rejected.parquet", len(rows), 0, 0)

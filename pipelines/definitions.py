"""What Dagster loads: `dagster code-server start -m pipelines.definitions`."""

from pipelines.orchestration.building import build_definitions

defs = build_definitions()

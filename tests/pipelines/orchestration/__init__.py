"""Tests of pipelines.orchestration: a real Dagster instance, real bundles, a real PostgreSQL."""

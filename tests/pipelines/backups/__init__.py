"""Tests of pipelines.backups, on a real PostgreSQL with its real programs."""

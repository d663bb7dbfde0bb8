"""Tests of pipelines.oneroster."""

"""Tests of pipelines.quality."""

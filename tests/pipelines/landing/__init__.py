"""Tests of pipelines.landing."""

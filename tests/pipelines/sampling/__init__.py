"""Tests of pipelines.sampling."""

"""Answers requests: OneRoster 1.2 JSON over HTTP, read from the roster tables.

What may not enter: polars, Dagster, Great Expectations, writes to roster tables, and of pipelines anything but
`pipelines.oneroster` and `pipelines.contract`.
"""

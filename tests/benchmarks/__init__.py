"""Benchmarks: how fast bundles are loaded and the API answers, beside anchors measured in the same run.

    python -m tests.benchmarks [--quick]       measure, print a table, write bench.json
    python -m tests.benchmarks --write-docs    docs/performance.md from that bench.json

Nothing here passes or fails: a slow machine is not a fault. What may not enter: figures typed by hand.
"""

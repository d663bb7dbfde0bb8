"""Typed rows into PostgreSQL: schema and migrations, change set, guard, references, one transaction, ledger.

What may not enter: reading CSV (staged), Dagster (orchestration).
"""

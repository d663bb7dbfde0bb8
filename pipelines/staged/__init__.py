"""Text into typed rows and findings: reading, rules, casting, the bundle's half of the verdict.

What may not enter: a database, Dagster, archives (landing), references (roster.references).
"""

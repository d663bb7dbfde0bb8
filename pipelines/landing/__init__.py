"""Finding what arrived and opening it: folders, zips, single files; manifest, version, modes, fingerprint.

`arrivals` says what lies in the landing folder, `opening.open_bundle` makes a `handover.Bundle` of one of it. Rows are
not read here (staged); neither polars nor a database nor Dagster enters.
"""

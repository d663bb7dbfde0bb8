"""OneRoster CSV bundles in, PostgreSQL rows out. No HTTP is spoken here: that is `api`."""

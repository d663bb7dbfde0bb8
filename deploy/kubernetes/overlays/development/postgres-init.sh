#!/bin/sh
# Run once, when PostgreSQL's data are made: Dagster's database, and the right to stream to replicas.
# Read by the image's entry point, which ends at the first failure.
createdb --username "$POSTGRES_USER" --owner "$POSTGRES_USER" rosterhub_dagster
echo "host replication $POSTGRES_USER all scram-sha-256" >> "$PGDATA/pg_hba.conf"

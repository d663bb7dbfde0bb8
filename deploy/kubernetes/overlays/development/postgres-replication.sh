#!/bin/sh
# Run once, when PostgreSQL's data are made: the right to stream to replicas. Read by the image's entry point.
echo "host replication $POSTGRES_USER all scram-sha-256" >> "$PGDATA/pg_hba.conf"

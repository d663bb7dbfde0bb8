#!/bin/sh
# Run once, when PostgreSQL's data are made, as its superuser: the roles that `rosterhub migrate` gives its grants to, and
# a user for each part of the hub (docs/operator.md, "Database roles"). Their passwords are the files
# $PASSWORDS/<name>-password. Read by the image's entry point, which has made the database $POSTGRES_DB.
: "${PASSWORDS:=/run/secrets}"
export PASSWORDS

for name in owner sync reader dump exporter; do
  [ -s "$PASSWORDS/$name-password" ] || { echo "$PASSWORDS/$name-password is missing or empty" >&2; exit 3; }
done

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE rosterhub_api NOLOGIN;
CREATE ROLE rosterhub_pipelines NOLOGIN;
CREATE ROLE rosterhub_backup NOLOGIN;
CREATE ROLE rosterhub_monitoring NOLOGIN;
GRANT pg_monitor TO rosterhub_monitoring;

-- The owner: migrates, manages keys, restores into new databases, sees and ends sessions.
\set password `cat "$PASSWORDS/owner-password"`
CREATE ROLE rosterhub LOGIN CREATEDB PASSWORD :'password' IN ROLE pg_read_all_stats, pg_signal_backend;
-- Syncs, and Dagster's own database.
\set password `cat "$PASSWORDS/sync-password"`
CREATE ROLE rosterhub_sync LOGIN PASSWORD :'password' IN ROLE rosterhub_pipelines;
-- The API.
\set password `cat "$PASSWORDS/reader-password"`
CREATE ROLE rosterhub_reader LOGIN PASSWORD :'password' IN ROLE rosterhub_api;
-- Backups, which are tried in databases of their own.
\set password `cat "$PASSWORDS/dump-password"`
CREATE ROLE rosterhub_dump LOGIN CREATEDB PASSWORD :'password' IN ROLE rosterhub_backup;
-- Prometheus' exporter.
\set password `cat "$PASSWORDS/exporter-password"`
CREATE ROLE rosterhub_exporter LOGIN PASSWORD :'password' IN ROLE rosterhub_monitoring;

ALTER DATABASE :"DBNAME" OWNER TO rosterhub;
CREATE DATABASE rosterhub_dagster OWNER rosterhub_sync;
REVOKE ALL ON DATABASE :"DBNAME", rosterhub_dagster FROM PUBLIC;
SQL

"""The one-machine stack: PostgreSQL, Valkey, Dagster and the API started, watched and stopped together.

For trying RosterHub out, for development, and for a district that has one server. Containers and clusters do not
use it. Nothing is installed and no account is made on the machine: everything lies in ROSTERHUB_HOME.
"""

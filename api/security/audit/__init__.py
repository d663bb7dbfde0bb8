"""The audit log: who asked what, from where, and what the answer was. Never what was in it.

A row goes to a file on this machine within half a second, and from there to `api_key_audit_logs`, so a worker that is
killed loses half a second and a database that is away loses nothing. Rows are made in rows.py, kept in spool.py,
brought over in shipping.py; trail.py has the threads that do both.
"""

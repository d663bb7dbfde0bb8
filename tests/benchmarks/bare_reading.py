"""The anchor of reading: what a page of users costs at least in Python, with no HTTP, no access rules, no standard.

Pages follow one another by key; their rows come as psycopg gives them, with the rows of their roles, and orjson writes
them as they are.
"""

import time

import orjson
import psycopg
from psycopg.rows import dict_row

from tests.benchmarks.questions import PAGE

_USERS = "SELECT * FROM users WHERE source = %s AND sourced_id > %s ORDER BY sourced_id LIMIT %s"
_ROLES = "SELECT * FROM roles WHERE source = %s AND user_sourced_id = ANY(%s)"


def pages_per_second(url: str, source: str, pages: int) -> float:
    """The rate of that loop in this process."""
    with psycopg.connect(url) as connection:
        cursor, last = connection.cursor(row_factory=dict_row, binary=True), ""
        began = time.perf_counter()
        for _ in range(pages):
            users = cursor.execute(_USERS, (source, last, PAGE)).fetchall()
            ids = [user["sourced_id"] for user in users]
            roles = cursor.execute(_ROLES, (source, ids)).fetchall()
            orjson.dumps({"users": users, "roles": roles})
            last = ids[-1] if len(ids) == PAGE else ""
        return pages / (time.perf_counter() - began)

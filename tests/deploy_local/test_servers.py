"""The fixtures themselves: databases are separate, and their owner is nobody special."""

import psycopg
import redis


def test_a_database_is_empty_utf8_and_sorted_by_code_point(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        ordered = connection.execute("SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,a,B,é,あ}'::text[]) AS x")
        assert ordered.fetchone() == ("Babéあ",)


def test_the_owner_is_no_superuser(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)


def test_redis_is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0

"""What has to be encrypted and what need not; connections that are encrypted are tests/journeys' matter."""

import psycopg
import pytest

from pipelines.doctor import encryption
from pipelines.doctor.diagnosis import State
from pipelines.settings import load


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("postgresql://u:p@127.0.0.1/r", State.OK),
        ("postgresql://u:p@[::1]/r", State.OK),
        ("postgresql://u:p@localhost,127.0.0.1/r", State.OK),
        ("postgresql://u:p@/r?host=/var/run/postgresql", State.OK),
        ("postgresql://u:p@db.example/r?hostaddr=127.0.0.1", State.OK),
        ("postgresql://u:p@db.example/r", State.WARN),
        ("postgresql://u:p@10.0.0.7/r?sslmode=prefer", State.WARN),
        ("postgresql://u:p@localhost,db.example/r", State.WARN),
        ("postgresql://u:p@db.example/r?sslmode=require", State.WARN),
        ("postgresql://u:p@db.example/r?sslmode=verify-full&sslrootcert=/ca.crt", State.OK),
    ],
)
@pytest.mark.parametrize("variable", ["DATABASE_URL", "ROSTERHUB_API_DATABASE_URL", "DAGSTER_PG_URL"])
def test_databases(migrated_url: str, variable: str, url: str, state: State) -> None:
    settings = load({"DATABASE_URL": migrated_url, variable: url}, None, announced=False)
    with psycopg.connect(migrated_url) as plain:
        found = encryption.postgres(plain, settings)
    assert (found.state, variable in found.found) == (state, state is State.WARN)
    assert ("sslmode=verify-full" in found.remedy) == (state is State.WARN)
    assert "u:p" not in found.found + found.remedy


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("", State.OK),
        ("redis://127.0.0.1:6379/0", State.OK),
        ("unix:///run/redis.sock", State.OK),
        ("redis://redis:6379/0", State.WARN),
        ("rediss://redis:6379/0?ssl_cert_reqs=none", State.WARN),
        ("rediss://redis:6379/0?ssl_ca_certs=/ca.crt", State.OK),
    ],
)
def test_redis(url: str, state: State) -> None:
    found = encryption.redis_server(load({"REDIS_URL": url}, None, announced=False))
    assert (found.state, bool(found.remedy)) == (state, state is State.WARN)

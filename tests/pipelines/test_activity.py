"""Sessions of the roster database: seen without values, ended only where they are ours to end."""

import psycopg
import pytest
from click.testing import CliRunner

from pipelines import activity, cli
from pipelines.errors import Refused
from tests.servers import PostgresServer


def test_sessions_are_shown_without_values(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, application_name="psql") as other:
        other.execute("SELECT 'Yamada', 'O''Brien', 1")
        (found,) = activity.sessions(migrated_url)
        assert found.pid == other.info.backend_pid
        assert (found.application, found.state) == ("psql", "idle in transaction")
        assert found.query == "SELECT '…', '…', 1"
        assert found.seconds >= 0


def test_who_waits_says_so(migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as holder:
        holder.execute("LOCK TABLE users")
        (found,) = activity.sessions(migrated_url)
        assert (found.blocked_by, found.pid) == (0, holder.info.backend_pid)


def test_a_session_is_ended_and_what_it_did_is_undone(migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as other:
        other.execute("INSERT INTO maintenance (reason) VALUES ('x')")
        activity.terminate(migrated_url, other.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")
    with psycopg.connect(migrated_url) as connection:
        assert connection.execute("SELECT count(*) FROM maintenance").fetchone() == (0,)


def test_others_databases_and_strangers_are_refused(migrated_url: str, postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.url()) as elsewhere:
        with pytest.raises(Refused, match="another database"):
            activity.terminate(migrated_url, elsewhere.info.backend_pid)
        assert elsewhere.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(Refused, match="no session"):
        activity.terminate(migrated_url, 1)


def test_the_commands(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    with psycopg.connect(migrated_url, application_name="somebody") as other:
        assert "somebody" in CliRunner().invoke(cli.main, ["db", "activity"]).output
        ended = CliRunner().invoke(cli.main, ["db", "terminate", str(other.info.backend_pid)])
        assert (ended.exit_code, ended.output) == (0, f"session {other.info.backend_pid} has ended\n")
    assert CliRunner().invoke(cli.main, ["db", "activity"]).output == "nobody else is connected\n"

"""`rosterhub cache clear`: the bodies go, whatever else is in Redis stays."""

import pytest
import redis
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.commands import cache


def test_only_keys_of_the_cache_are_cleared(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setattr(cache, "_BATCH", 3)
    with redis.Redis.from_url(redis_url) as client:
        client.mset({f"cache:{number}": "x" for number in range(10)} | {"cachet": "x", "other": "x"})
        result = CliRunner().invoke(main, ["cache", "clear"])
        assert (result.exit_code, result.stdout) == (0, "10 cached answers cleared\n")
        assert set(client.scan_iter()) == {b"cachet", b"other"}


def test_a_pattern_chooses_among_them(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    with redis.Redis.from_url(redis_url) as client:
        client.mset({"cache:a1": "x", "cache:a2": "x", "cache:b1": "x"})
        assert CliRunner().invoke(main, ["cache", "clear", "--pattern", "a*"]).stdout == "2 cached answers cleared\n"
        assert set(client.scan_iter()) == {b"cache:b1"}


def test_redis_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    result = CliRunner().invoke(main, ["cache", "clear"])
    assert result.exit_code == 3
    assert "Redis" in result.output

"""How often a client may ask: one window for all workers, per worker while Redis is away, and what clients are told."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import redis

from api.errors import ApiError
from api.security.limits import Allowance, Limiter, Windows
from api.settings import Settings
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.api.roster import HEADER, KEY, SECRET, Roster

ORGS = f"{ROSTERING}/orgs"
NOWHERE = "redis://127.0.0.1:1/0"
DATABASE = "postgresql://hub@db.example/rosterhub"


def limiter(counted: Counter[str] | None = None, **variables: str) -> Limiter:
    """A worker's own."""
    count = Counter() if counted is None else counted
    return Limiter(settings_for(DATABASE, **variables), lambda outcome: count.update([outcome]))


def spend(limiter: Limiter, times: int, limit: int | None = None, key: str = "k") -> list[Allowance | None]:
    """What the client is told, until it is refused."""
    told: list[Allowance | None] = []
    with suppress(ApiError):
        for _ in range(times):
            told.append(limiter.charge(key, limit))
    return told


def test_workers_share_a_window_through_redis(redis_url: str) -> None:
    one, other = limiter(REDIS_URL=redis_url), limiter(REDIS_URL=redis_url)
    assert len(spend(one, 3, limit=5)) == 3
    assert len(spend(other, 9, limit=5)) == 2
    assert spend(one, 1, limit=5) == []
    assert len(spend(one, 1, limit=5, key="another")) == 1


def test_a_busy_client_is_given_many_permits_at_once_and_never_more_than_its_limit(redis_url: str) -> None:
    one, other = limiter(REDIS_URL=redis_url), limiter(REDIS_URL=redis_url)
    served = sum(len(spend(worker, 20_000, limit=20_000)) for worker in (one, other))
    assert 20_000 - 2 * 20 <= served <= 20_000


def test_redis_is_asked_far_less_often_than_clients_ask(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = limiter(REDIS_URL=redis_url)
    asked: Counter[str] = Counter()
    ask = worker._ask

    def counting(question: Callable[[Windows], Any]) -> Any:
        asked["redis"] += 1
        return ask(question)

    monkeypatch.setattr(worker, "_ask", counting)
    assert len(spend(worker, 3_000, limit=60_000)) == 3_000
    assert asked["redis"] < 150


def test_what_is_kept_in_redis_is_no_answer_and_runs_out(redis_url: str) -> None:
    spend(limiter(REDIS_URL=redis_url), 3, limit=5)
    with redis.Redis.from_url(redis_url) as client:
        keys = list(client.scan_iter())
        assert keys
        assert all(key.startswith(b"limits:") and client.ttl(key) > 0 for key in keys)


def test_with_redis_away_every_worker_counts_for_itself_and_asks_it_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[str] = Counter()
    worker = limiter(counted, REDIS_URL=NOWHERE)
    assert len(spend(worker, 9, limit=5)) == 5
    assert counted == {"away": 1, "refused": 1}
    later = time.monotonic() + 1.5
    monkeypatch.setattr("api.security.limits.time.monotonic", lambda: later)
    assert spend(worker, 1, limit=5) == []
    assert counted["away"] == 2


def test_a_key_without_a_rate_of_its_own_has_that_of_the_settings() -> None:
    assert len(spend(limiter(ROSTERHUB_RATE_LIMIT="4"), 9)) == 4
    assert spend(limiter(ROSTERHUB_RATE_LIMIT="0"), 9) == [None] * 9
    assert spend(limiter(ROSTERHUB_RATE_LIMIT="4"), 9, limit=0) == [None] * 9
    assert spend(limiter(), 1)[0] == Allowance(60_000, 59_999, spend(limiter(), 1)[0].reset)  # type: ignore[union-attr]


def test_what_is_left_goes_down_by_one() -> None:
    told = spend(limiter(), 500, limit=6_000)
    remaining = [allowance.remaining for allowance in told if allowance]
    assert remaining == list(range(5_999, 5_499, -1))


def api_with(roster: Roster, **variables: str) -> Settings:
    roster.publish()
    return settings_for(roster.url, **variables)


def test_clients_are_told_how_they_stand(roster: Roster) -> None:
    with serving(api_with(roster)) as api:
        key = roster.key("slow", requests_per_minute=2)
        first, second, third = (api.get(ORGS, key=key) for _ in range(3))
        assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
        assert [answer.headers["RateLimit-Remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
        assert {answer.headers["RateLimit-Limit"] for answer in (first, second, third)} == {"2"}
        assert 1 <= int(third.headers["Retry-After"]) <= 60
        assert third.headers["Retry-After"] == third.headers["RateLimit-Reset"]
        assert third.get_json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "server_busy"
        assert api.get(ORGS).status_code == 200
        assert 'rosterhub_limits_total{outcome="refused"} 1.0' in api.get("/metrics").text


def test_one_rate_holds_for_all_ways_to_ask(roster: Roster) -> None:
    with serving(api_with(roster, ROSTERHUB_TOKEN_KEY="k" * 32)) as api:
        key = roster.key("slow", "secret", requests_per_minute=2)
        own = {"grant_type": "client_credentials", "client_id": "slow", "client_secret": "secret"}
        token = api.client.post("/oauth/token", data=own).get_json()["access_token"]
        assert api.get(ORGS, key=key).status_code == 200
        headers = {"Authorization": f"Bearer {token}"}
        assert api.client.get(ORGS, headers=headers).status_code == 429
        assert api.client.post("/oauth/token", data=own).status_code == 429


def guess(api: Api, peer: str, header: str = f"{KEY}.wrong") -> int:
    return api.client.get(ORGS, headers={"X-API-Key": header}, environ_overrides={"REMOTE_ADDR": peer}).status_code


def test_guessing_is_slowed_by_address_and_good_clients_behind_it_are_not(roster: Roster) -> None:
    with serving(api_with(roster, ROSTERHUB_FAILURE_LIMIT="3")) as api:
        assert [guess(api, "192.0.2.1") for _ in range(5)] == [401, 401, 401, 429, 429]
        assert guess(api, "192.0.2.1", HEADER) == 200
        assert guess(api, "192.0.2.2") == 401
        assert 'rosterhub_limits_total{outcome="guessing"} 2.0' in api.get("/metrics").text
        assert SECRET not in api.get("/metrics").text


def test_wrong_secrets_at_the_token_endpoint_count_too(roster: Roster) -> None:
    with serving(api_with(roster, ROSTERHUB_FAILURE_LIMIT="1", ROSTERHUB_TOKEN_KEY="k" * 32)) as api:
        own = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": "wrong"}
        assert [api.client.post("/oauth/token", data=own).status_code for _ in range(2)] == [401, 429]


def test_no_redis_at_all_is_no_reason_to_warn(caplog: pytest.LogCaptureFixture) -> None:
    spend(limiter(), 3)
    assert caplog.text == ""

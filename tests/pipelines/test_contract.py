"""What both sides accept as a Redis: mistakes in its URL are told at the start, not by the first request."""

import pytest

from api import settings as of_the_api
from pipelines import contract, settings
from pipelines.errors import SettingsError

SOUND = "rediss://:p@redis:6380/0?ssl_ca_certs=/ca.crt&ssl_certfile=/c.crt&ssl_keyfile=/c.key&socket_timeout=1"


@pytest.mark.parametrize("url", ["redis://redis:6379/0", "unix:///run/redis.sock?db=1", SOUND])
def test_a_redis_that_can_be_reached_is_taken_as_it_is_given(url: str) -> None:
    assert contract.redis_url(url) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://redis/0", "starts with redis://"),
        ("redis://:p@redis/0?ssl_ca_certs=/ca.crt", "ssl_ca_certs is about encryption, which takes rediss://"),
        ("rediss://:p@redis/0?ssl_ca_cert=/ca.crt", "ssl_ca_cert is not known"),
    ],
)
def test_mistakes_are_told_by_both_sides_and_no_url_is_shown(url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as ours:
        settings.load({"REDIS_URL": url}, None)
    with pytest.raises(of_the_api.SettingsError, match=told) as theirs:
        of_the_api.load({"DATABASE_URL": "postgresql://x/y", "REDIS_URL": url})
    assert ":p@" not in str(ours.value) + str(theirs.value)

"""Where a request comes from, through proxies that are trusted and others."""

from ipaddress import ip_address, ip_network

import pytest

from api.security.callers import client_address, parsed
from tests.api.conftest import Api, serving, settings_for
from tests.api.roster import Roster

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody vouches for that peer
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the client made the first one up
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.1.1.1", "198.51.100.7"),
        ("10.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2"),  # a client among the proxies
        ("10.0.0.1", "198.51.100.7:51234", "198.51.100.7"),
        ("10.0.0.1", "[2001:db9::7]:51234", "2001:db9::7"),
        ("10.0.0.1", "2001:db9::7", "2001:db9::7"),
        ("2001:db8::1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "garbage", None),
        ("10.0.0.1", "198.51.100.7, unknown", None),
        ("10.0.0.1", "198.51.100.7,", None),
        ("10.0.0.1", " , ", None),
        ("10.0.0.1", "'; DROP TABLE", None),
        ("", "", None),  # a socket of the file system
        ("", "198.51.100.7", None),
        ("gateway", "198.51.100.7", None),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    peer: str, forwarded: str, expected: str | None
) -> None:
    assert client_address(peer, forwarded, PROXIES) == (ip_address(expected) if expected else None)


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.1", "192.0.2.1"])
def test_without_trusted_proxies_nothing_that_is_forwarded_is_believed(peer: str) -> None:
    assert client_address(peer, "198.51.100.7", ()) == ip_address(peer)


@pytest.mark.parametrize("text", ["", " ", "1.2.3", "1.2.3.4.5", "::1::", "[", "[]", "1.2.3.4:a:b"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parsed(text) is None


def metrics(api: Api, peer: str, **headers: str) -> int:
    environ = {"REMOTE_ADDR": peer}
    return api.client.get("/metrics", headers=headers, environ_overrides=environ).status_code


def test_metrics_are_for_this_machine(api: Api) -> None:
    assert [metrics(api, peer) for peer in ("127.0.0.1", "::1", "::ffff:127.0.0.1")] == [200] * 3
    assert [metrics(api, peer) for peer in ("192.0.2.1", "10.0.0.1", "")] == [403] * 3


def test_metrics_are_not_handed_on_by_an_untrusted_proxy_on_this_machine(api: Api) -> None:
    assert metrics(api, "127.0.0.1", **{"X-Forwarded-For": "127.0.0.1"}) == 403


def test_metrics_are_for_the_addresses_of_the_settings_too(roster: Roster) -> None:
    given = {"ROSTERHUB_METRICS_ADDRESSES": "192.0.2.0/24", "ROSTERHUB_TRUSTED_PROXIES": "127.0.0.1"}
    with serving(settings_for(roster.url, **given)) as api:
        assert metrics(api, "192.0.2.1") == 200
        assert metrics(api, "127.0.0.1", **{"X-Forwarded-For": "192.0.2.1"}) == 200
        assert metrics(api, "127.0.0.1", **{"X-Forwarded-For": "192.0.2.1, 203.0.113.9"}) == 403
        assert metrics(api, "127.0.0.1") == 403

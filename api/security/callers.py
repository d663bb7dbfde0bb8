"""From where a request comes: the address of whoever sent it, through proxies that are trusted and no others.

Who may come from where is the credentials' matter, and the settings'.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from flask import Request

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

FORWARDED = "X-Forwarded-For"


def sender(request: Request, trusted: Networks) -> Address | None:
    """The address that a request comes from; None if it cannot be told."""
    return client_address(request.remote_addr or "", request.headers.get(FORWARDED, ""), trusted)


def client_address(peer: str, forwarded: str, trusted: Networks) -> Address | None:
    """The same, of the other end of the connection and of the value of X-Forwarded-For.

    Every proxy adds to the end of that header the address that it was asked from, so it is read from there, and only
    as far as the proxies are trusted: the right-most entry that is no trusted proxy is the client, and what stands
    before it is the client's word.
    """
    address = parsed(peer)
    for entry in reversed(forwarded.split(",") if forwarded.strip() else []):
        if address is None or not _within(address, trusted):
            break
        address = parsed(entry)
    return address


def is_direct(request: Request, allowed: Networks, trusted: Networks) -> bool:
    """Whether a request comes from those networks, and was not handed on by a proxy that nobody vouches for.

    Such a proxy on this machine asks from 127.0.0.1, whoever asked it.
    """
    nearest = parsed(request.remote_addr or "")
    if FORWARDED in request.headers and not (nearest and _within(nearest, trusted)):
        return False
    address = sender(request, trusted)
    return address is not None and _within(address, allowed)


def parsed(text: str) -> Address | None:
    """An address with or without port, zone and brackets; IPv4 within IPv6 becomes IPv4. None for anything else."""
    host = text.strip().partition("%")[0]
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)

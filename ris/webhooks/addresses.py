"""Where a webhook may go: never into our own network, unless the settings name the host (CWE-918).

The name is resolved once, every address that it has is judged, and the connection goes to the one that was judged:
a name that answers otherwise a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Addresses that carry an IPv4 address inside: a gateway would unpack it (RFC 6052 §2.1).
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """The address may not be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address that was judged. `ip` is where to connect; `host` is what the certificate must say."""

    tls: bool
    host: str
    port: int
    ip: str
    path: str


def check(url: str) -> None:
    """Raises Refused for what can be seen without asking DNS."""
    _parts(url)


def place_of(url: str) -> Place:
    """Raises Refused, OSError when the name has no address."""
    parts, host = _parts(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host not in settings.WEBHOOK_INTERNAL_HOSTS and not all(_is_outside(str(one)) for one in found):
        raise Refused("It leads into our own network. WEBHOOK_INTERNAL_HOSTS names the hosts that may.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(tls=tls, host=host, port=port, ip=str(found[0]), path=path)


def _parts(url: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("This is no address.") from None
    if not host or parts.username is not None or parts.fragment or any(ord(each) <= 32 for each in url):
        raise Refused("An address as https://host/path is needed, without a user, a password or a fragment.")
    allowed = {"https", "http"} if host in settings.WEBHOOK_INTERNAL_HOSTS else {"https"}
    if parts.scheme not in allowed:
        raise Refused("Only https leaves the house.")
    return parts, host


def _is_outside(text: str) -> bool:
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _meant(text))


def _meant(text: str) -> Iterator[Address]:
    """The address, and the one that it carries inside."""
    address = ipaddress.ip_address(text.partition("%")[0])
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (one for one in inside if one is not None)

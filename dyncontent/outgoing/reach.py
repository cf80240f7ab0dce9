"""What outgoing requests may reach: web addresses, and the addresses of machines behind them.

Everything but the public network is closed, for whoever names an address here must not get to see
what only this machine can. The ranges are those of IANA's registries of special-purpose addresses,
written out: what the standard library takes for private differs between its versions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from httpx import URL, InvalidURL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

_PLACE = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\]):(\d{1,5})")


class OutgoingError(Exception):
    """A request that came to nothing: why, in plain words."""


class RefusedError(OutgoingError):
    """A request that is not made, or not gone on with: it would be refused again."""


def _ranges(named: dict[str, str]) -> tuple[tuple[Network, str], ...]:
    return tuple(
        (ip_network(network), name)
        for name, networks in named.items()
        for network in networks.split()
    )


_METADATA = "cloud metadata"
_OWN = ("a loopback address", "a private address", "a carrier's shared address")
"""What a name that is allowed on purpose may lead to."""

_CLOSED = _ranges(
    {
        _METADATA: "169.254.169.254 169.254.170.2 169.254.170.23 168.63.129.16 100.100.100.200"
        " 192.0.0.192 fd00:ec2::254 fd00:ec2::23 fd20:ce::254",
        "a loopback address": "127.0.0.0/8 ::1",
        "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "a carrier's shared address": "100.64.0.0/10",
        "a link-local address": "169.254.0.0/16 fe80::/10",
        "an unspecified address": "0.0.0.0/8 ::",
        "a multicast address": "224.0.0.0/4 ff00::/8",
        "an address for documentation": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"
        " 2001:db8::/32 3fff::/20",
        "an address for benchmarks": "198.18.0.0/15 2001:2::/48",
        "an IPv4 address inside of IPv6": "::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96"
        " 64:ff9b:1::/48 2001::/32 2002::/16 ::/96",
        "a reserved address": "192.0.0.0/24 192.88.99.0/24 240.0.0.0/4 2001::/23",
    }
)
"""The first that holds an address tells what it is."""
_GLOBAL = IPv6Network("2000::/3")
_ISATAP = (0x00005EFE, 0x02005EFE)


def closed(address: Address) -> str:
    """What an address is that only this machine should reach; empty if it is public."""
    for network, name in _CLOSED:
        if address in network:
            return name
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL:
            return "a reserved address"
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return "an IPv4 address inside of IPv6"
    return ""


@dataclass(frozen=True, slots=True)
class Reach:
    """`places` are hosts with a port that are allowed on purpose, `networks` addresses. `http`
    tells whether addresses need no encryption; those places never do."""

    places: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[Network, ...] = ()
    http: bool = False

    @classmethod
    def of(cls, allowed: Iterable[str], *, http: bool = False) -> "Reach":
        """`allowed` are `host:port` or networks such as `10.0.0.0/8`. Raises ValueError."""
        places: set[tuple[str, int]] = set()
        networks: list[Network] = []
        for text in allowed:
            found = _PLACE.fullmatch(text.lower())
            if found is not None and 0 < int(found[2]) <= 65535:
                places.add((found[1].strip("[]"), int(found[2])))
                continue
            try:
                networks.append(ip_network(text))
            except ValueError as error:
                raise ValueError(
                    f"{text} is neither host:port, such as intranet.example:8080,"
                    " nor a network, such as 10.0.0.0/8"
                ) from error
        return cls(frozenset(places), tuple(networks), http)

    def read(self, text: str, base: URL | None = None) -> URL:
        """A web address, `base` being the one that it was named by. Raises RefusedError unless it
        may be asked; where its host leads to is checked when that is known."""
        if len(text) > LONGEST_URL:
            raise RefusedError(f"an address has at most {LONGEST_URL} characters")
        if re.search(r"[\x00-\x20\x7f\\]", text):
            raise RefusedError("an address holds no blanks and no backslashes")
        try:
            url = URL(text) if base is None else base.join(text)
            host, port = url.raw_host.decode("ascii").lower(), url.port
        except (InvalidURL, ValueError) as error:
            raise RefusedError(f"this is no web address: {error}") from error
        if url.scheme not in DEFAULT_PORTS or not host:
            raise RefusedError("an address begins with https:// and a host")
        if url.userinfo:
            raise RefusedError("an address holds no name and password: send a header")
        port = DEFAULT_PORTS[url.scheme] if port is None else port
        if (host, port) in self.places:
            return url
        if url.scheme == "http" and not self.http:
            raise RefusedError(
                f"{host} is asked by http://, which anybody on the way can change: use https://,"
                f" or allow it by DYNCONTENT_OUTGOING_ALLOW={_place(host, port)}, or any by"
                " DYNCONTENT_OUTGOING_HTTP=true"
            )
        if port not in DEFAULT_PORTS.values():
            raise RefusedError(
                f"port {port} of {host} is not open to requests: allow it by"
                f" DYNCONTENT_OUTGOING_ALLOW={_place(host, port)}, or use 443"
            )
        return url

    def check(self, host: str, port: int, address: str) -> None:
        """Raises RefusedError unless a host's address may be connected to."""
        found = ip_address(address)
        what = closed(found)
        if not what or any(found in network for network in self.networks):
            return
        if (host.lower(), port) in self.places and (what in _OWN or host.lower() == str(found)):
            return
        where = f"{host} is" if host == address else f"{host} leads to {address},"
        right = f"allow it by DYNCONTENT_OUTGOING_ALLOW={_place(host, port)}; "
        raise RefusedError(
            f"{where} {what}, which is closed to requests: {right if what in _OWN else ''}only the"
            " public network is open, and what DYNCONTENT_OUTGOING_ALLOW names"
        )


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

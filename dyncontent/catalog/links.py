"""Where a click may lead: stored web addresses on the hosts that the workspace allows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator, Field, ValidationInfo

OFFER_LINK = "{{ offer.link }}"
LONGEST = 2000
HOSTS = "allowed_hosts"
"""Where a validation's context holds the AllowedHosts."""

HOST = r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
"""A pattern: `host` or `host:port`."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"^`{|}]")
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


class LinkError(ValueError):
    """An address that a click may not lead to: why, and what would be right."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts as `host` or `host:port`, in lower case."""

    names: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "AllowedHosts":
        return cls(frozenset(name.lower() for name in names))

    def joined(self, names: Iterable[str]) -> "AllowedHosts":
        """These and others."""
        return AllowedHosts(self.names | AllowedHosts.of(names).names)

    def check(self, url: str) -> str:
        """The address, its path and query percent-encoded.

        Raises LinkError unless it is an https address (http on this machine alone) of an allowed
        host.
        """
        if _FORBIDDEN.search(url):
            raise LinkError("an address holds no blanks, backslashes, quotes or braces")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise LinkError(f"this is no web address: {error}") from error
        host = f"[{host}]" if ":" in host else host
        if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
            raise LinkError("an address begins with https://")
        if "@" in parts.netloc or not parts.netloc.isascii():
            raise LinkError("an address has a plain host, an international one as xn--...")
        default = _DEFAULT_PORTS[parts.scheme]
        suffix = "" if port in (None, default) else f":{port}"
        if not {host + suffix, f"{host}:{default if port is None else port}"} & self.names:
            allowed = ", ".join(sorted(self.names)) or "none"
            raise LinkError(f"{host + suffix} is not among the allowed hosts ({allowed})")
        checked = urlunsplit(
            (
                parts.scheme,
                host + suffix,
                quote(parts.path, safe=_SAFE),
                quote(parts.query, safe=_SAFE),
                quote(parts.fragment, safe=_SAFE),
            )
        )
        if len(checked) > LONGEST:
            raise LinkError(f"an address has at most {LONGEST} characters, percent-encoded")
        return checked

    def allows(self, url: str) -> bool:
        try:
            self.check(url)
        except LinkError:
            return False
        return True


def _check(url: str, info: ValidationInfo) -> str:
    """Without a context the address was checked before: it comes from the store."""
    hosts: AllowedHosts | None = (info.context or {}).get(HOSTS)
    return url if hosts is None else hosts.check(url)


def _check_target(url: str, info: ValidationInfo) -> str:
    return url if url == OFFER_LINK else _check(url, info)


Link = Annotated[
    str,
    Field(max_length=LONGEST, examples=["https://www.example.com/trips/rome"]),
    AfterValidator(_check),
]
Target = Annotated[
    str,
    Field(max_length=LONGEST, examples=["https://www.example.com/trips/rome", OFFER_LINK]),
    AfterValidator(_check_target),
]
"""A link of a variant: an address, or the offered product's."""

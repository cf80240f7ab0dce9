"""The primary of a deployment that sentinels watch.

Sentinels are asked all at once: the machine of the first may be the one that was lost. What one of
them says holds if the server there says itself that it is a primary.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

import hiredis
from redis.asyncio import Connection, SSLConnection
from redis.asyncio.connection import parse_url
from redis.asyncio.sentinel import MasterNotFoundError

from dyncontent.store import wire

PORT = 26379
SERVICE = "mymaster"

_URL = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://(?:(?P<user>[^@/?#]*)@)?(?P<sentinels>[^@/?#]+)"
    r"(?:/(?P<service>[^/?#]*)(?:/(?P<database>[0-9]*))?)?(?:\?(?P<options>[^#]*))?"
)
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Sentinels, the name under which they watch a primary, and redis-py's options for connections
    to the servers and to the sentinels themselves, whose encryption is the same."""

    addresses: tuple[tuple[str, int], ...]
    service: str
    encrypted: bool
    servers: Mapping[str, Any] = field(repr=False)
    own: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Of `redis+sentinel://[user:password@]host[:port],…[/service[/database]][?options]`.

        Raises ValueError, which tells no password.
        """
        parts = _URL.fullmatch(url)
        if parts is None:
            raise ValueError("is written redis+sentinel://HOST:26379,HOST:26379/SERVICE/DATABASE")
        user = f"{parts['user']}@" if parts["user"] else ""
        query = f"?{parts['options']}" if parts["options"] else ""
        options: dict[str, Any] = dict(
            parse_url(f"{parts['scheme']}://{user}server/{parts['database'] or ''}{query}")
        )
        del options["host"]
        options.pop("connection_class", None)
        own = {
            name: options.pop(f"sentinel_{name}")
            for name in ("username", "password")
            if f"sentinel_{name}" in options
        }
        return cls(
            addresses=tuple(map(_address, parts["sentinels"].split(","))),
            service=unquote(parts["service"] or "") or SERVICE,
            encrypted=parts["scheme"] == "rediss",
            servers=options,
            own=own | {name: options[name] for name in options if name.startswith("ssl_")},
        )

    async def discover_master(self, service: str) -> tuple[str, int]:
        """The address of the primary, under the name by which redis-py's pools ask for it.

        Raises MasterNotFoundError, a ConnectionError of redis-py.
        """
        reasons = []
        asked = [asyncio.ensure_future(self._told(*address, service)) for address in self.addresses]
        try:
            for answer in asyncio.as_completed(asked):
                try:
                    return await answer
                except (OSError, hiredis.ReplyError) as error:
                    reasons.append(str(error) or type(error).__name__)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        raise MasterNotFoundError(f"no sentinel leads to a primary: {'; '.join(reasons)}")

    async def _told(self, host: str, port: int, service: str) -> tuple[str, int]:
        """What a sentinel says, if it is true."""
        async with asyncio.timeout(wire.CONNECT_SECONDS):
            command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
            found = await self._answer(host, port, self.own, command)
            if found is None:
                raise ConnectionError(f"{host}:{port} watches no {service}")
            address = str(found[0], "utf-8"), int(found[1])
            told = await self._answer(*address, self.servers, ("HELLO",))
            if dict(zip(told[::2], told[1::2], strict=True)).get(b"role") != b"master":
                raise ConnectionError(f"{address[0]}:{address[1]} is no primary")
            return address

    async def _answer(
        self, host: str, port: int, options: Mapping[str, Any], command: tuple[str, ...]
    ) -> Any:
        kind = SSLConnection if self.encrypted else Connection
        connection = await wire.open_to({**options, "host": host, "port": port}, kind)
        try:
            [answer] = await wire.ask(connection, command)
        finally:
            connection.close()
        return answer


def _address(text: str) -> tuple[str, int]:
    parts = _ADDRESS.fullmatch(text)
    if parts is None or not 0 < int(parts["port"] or PORT) < 65536:
        raise ValueError("names each sentinel as 10.0.0.1, 10.0.0.1:26379 or [fd00::1]:26379")
    return parts["six"] or parts["host"], int(parts["port"] or PORT)

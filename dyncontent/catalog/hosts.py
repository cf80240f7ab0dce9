"""The hosts that links may lead to: those of the settings, and those that are stored."""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from dyncontent.catalog.links import HOST, AllowedHosts
from dyncontent.catalog.model import Definition
from dyncontent.catalog.precondition import ANYHOW, Precondition, etag
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Change, Store


def _in_order(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in names}))


HostName = Annotated[str, StringConstraints(pattern=rf"^{HOST}$", max_length=260)]


class Hosts(Definition):
    """Hosts as `host` or `host:port`; they are kept in lower case, in order, each once."""

    hosts: Annotated[tuple[HostName, ...], Field(max_length=500), AfterValidator(_in_order)]


class StoredHosts:
    """Those of the settings and the stored ones, as they are now."""

    def __init__(self, store: Store, of_settings: AllowedHosts) -> None:
        self._store = store
        self.of_settings = of_settings
        self.key = store.keys.hosts

    def decode(self, raw: bytes) -> AllowedHosts:
        """All of them, by what is stored under `key`."""
        return self.of_settings.joined(Hosts.model_validate_json(raw).hosts)

    async def now(self) -> AllowedHosts:
        """From the fresh copy, or the store."""
        copies, hosts = self._store.copies, self.at_hand()
        if hosts is None:
            mark = copies.start_reading()
            [raw] = await self._store.ask(("GET", self.key))
            hosts = self.of_settings if raw is None else self.decode(raw)
            copies.keep(mark, self.key, raw, hosts)
        return hosts

    def at_hand(self) -> AllowedHosts | None:
        """The fresh copy."""
        hosts = self._store.copies.find(self.key)
        return None if hosts is MISSING else hosts

    def last(self) -> AllowedHosts:
        """As they were last known, for when the store does not answer."""
        hosts = self._store.copies.last(self.key)
        return self.of_settings if hosts is MISSING else hosts

    async def stored(self) -> Hosts:
        [raw] = await self._store.ask(("GET", self.key))
        return _read(raw)

    async def put(self, hosts: Hosts, unless: Precondition = ANYHOW) -> None:
        """Every server heeds it at once, in clicks too. Raises PreconditionError; there are always
        hosts, if only none."""

        def written(raw: bytes | None) -> Change:
            unless.require("hosts", etag(_read(raw)))
            return Change((("SET", self.key, hosts.encoded()),), (self.key,))

        await self._store.update(self.key, written)


def _read(raw: bytes | None) -> Hosts:
    return Hosts(hosts=()) if raw is None else Hosts.model_validate_json(raw)

"""Data sources in the store: their definitions, and what is known of each."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.precondition import ANYHOW, Precondition
from dyncontent.catalog.source import DataSource, SourceState, StoredSource
from dyncontent.catalog.sources import definitions
from dyncontent.store.store import Change, Store


class OvertakenError(Exception):
    """The source was defined anew, or deleted, meanwhile."""


class Sources:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys = store.keys

    async def get(self, source: str) -> StoredSource:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("GET", self._keys.source(source)))
        if raw is None:
            raise _absent(source)
        return StoredSource.model_validate_json(raw)

    async def all(self) -> dict[str, StoredSource]:
        """By their ids, in order."""
        return await definitions(self._store)

    async def put(
        self, name: str, source: DataSource, unless: Precondition = ANYHOW
    ) -> StoredSource:
        """Create or replace a definition, with the secrets that are there already. What comes from
        where it came from before is kept. Raises PreconditionError."""
        outcome: list[StoredSource] = []

        def defined(raw: bytes | None) -> Change:
            before = None if raw is None else StoredSource.model_validate_json(raw)
            unless.require(f"source {name}", before.etag if before else None)
            complete = source.following(before.source if before else None)
            outcome[:] = [StoredSource(revision=secrets.token_hex(8), source=complete)]
            listed = ("ZADD", self._keys.sources, 0, name)
            return Change((listed, ("SET", self._keys.source(name), outcome[0].encoded())))

        await self._store.update(self._keys.source(name), defined)
        await self._begin(name, outcome[0])
        return outcome[0]

    async def delete(self, name: str, unless: Precondition = ANYHOW) -> None:
        """Forget a source: its facts are absent. Raises NotFoundError, or PreconditionError."""
        state = self._keys.source_state(name)

        def deleted(raw: bytes | None) -> Change:
            if raw is None:
                raise _absent(name)
            unless.require(f"source {name}", StoredSource.model_validate_json(raw).etag)
            unlisted = ("ZREM", self._keys.sources, name)
            gone = (("DEL", state), ("DEL", self._keys.source(name)))
            return Change((unlisted, *gone), (state,))

        await self._store.update(self._keys.source(name), deleted)

    async def state(self, name: str, stored: StoredSource) -> SourceState:
        """Of this definition, also where the process that wrote it died before it was done."""
        [raw] = await self._store.ask(("GET", self._keys.source_state(name)))
        state = None if raw is None else SourceState.model_validate_json(raw)
        if state is None or state.revision != stored.revision:
            return await self._begin(name, stored)
        return state

    async def note(
        self, name: str, revision: str, change: Callable[[SourceState], SourceState]
    ) -> SourceState:
        """Keep how a request went that was made by the definition of this revision.

        Raises OvertakenError if there is another by now.
        """
        key = self._keys.source_state(name)
        outcome: list[SourceState] = []

        def noted(raw: bytes | None) -> Change:
            before = None if raw is None else SourceState.model_validate_json(raw)
            if before is None or before.revision != revision:
                raise OvertakenError(name)
            outcome[:] = [change(before)]
            known = [f"source.{name}.{one}" for one in outcome[0].values.keys() - before.values]
            provided = (("SADD", self._keys.provided, *sorted(known)),) if known else ()
            written = ("SET", key, outcome[0].encoded())
            changed = (key,) if outcome[0].values != before.values else ()
            return Change((*provided, written), changed)

        await self._store.update(key, noted)
        return outcome[0]

    async def due(self, at: datetime) -> Sequence[str]:
        """The sources that are to be asked by now."""
        stored = await self.all()
        states = await asyncio.gather(*(self.state(name, one) for name, one in stored.items()))
        return [name for name, state in zip(stored, states, strict=True) if state.is_due(at)]

    async def _begin(self, name: str, stored: StoredSource) -> SourceState:
        key = self._keys.source_state(name)
        outcome: list[SourceState] = []

        def begun(raw: bytes | None) -> Change:
            before = None if raw is None else SourceState.model_validate_json(raw)
            outcome[:] = [SourceState.of(stored, before)]
            return Change((("SET", key, outcome[0].encoded()),), (key,))

        await self._store.update(key, begun)
        return outcome[0]


def _absent(source: str) -> NotFoundError:
    return NotFoundError(f"There is no source {source}")

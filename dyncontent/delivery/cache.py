"""Step 4's bytes: from memory, then from the store, then drawn, once for all who wait."""

import asyncio
import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dyncontent.catalog.uploads import uploads
from dyncontent.delivery.faults import DeliveryError, Fault
from dyncontent.metrics import Metrics
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from renderers.drawable import Drawable
from renderers.encode import ImageType

log = logging.getLogger(__name__)

STORED_SECONDS = 24 * 3600
DIGEST_BYTES = 8
"""Before the bytes of a stored picture, so that only a whole one is served."""
MOST_WAITING = 8
"""Pictures waiting to be drawn; in a longer queue nobody would get theirs in time."""
MOST_OF_ONE = MOST_WAITING // 2
"""Those of one block, so that a block which is slow to draw leaves room for others."""


Assets = Mapping[str, bytes]
"""Uploaded files by their ids."""
Drawn = TypeVar("Drawn")


class ByteCache:
    """A map to bytes, bounded by their number; the least recently used go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._items: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        data = self._items.get(key)
        if data is not None:
            self._items.move_to_end(key)
        return data

    def put(self, key: str, data: bytes) -> None:
        self._held += len(data) - len(self._items.pop(key, b""))
        self._items[key] = data
        while self._held > self._most and len(self._items) > 1:
            _, gone = self._items.popitem(last=False)
            self._held -= len(gone)


class Pictures:
    """Drawn pictures by content key. Fallbacks have a share of the memory to themselves, so that
    they are at hand when all else fails."""

    def __init__(self, store: Store, memory: int, threads: int, metrics: Metrics) -> None:
        """`memory` in bytes: half of it for pictures, a quarter each for fallbacks and uploads."""
        self._metrics = metrics
        self._store = store
        self._pictures = ByteCache(memory // 2)
        self._fallbacks = ByteCache(memory // 4)
        self._uploads = ByteCache(memory // 4)
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._waiting: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="draw")

    def has_fallback(self, filled: Drawable, kind: ImageType) -> bool:
        """Whether the picture is in the fallbacks' own share of the memory."""
        return self._fallbacks.get(content_key(filled, kind)) is not None

    def at_hand(self, filled: Drawable, key: str, *, is_fallback: bool = False) -> bytes | None:
        """The picture, which has this content key, if it is in memory or need not be drawn."""
        if not filled.is_kept:
            return filled.at_hand()
        data = self._fallbacks.get(key) or self._pictures.get(key)
        if is_fallback and data is not None:
            self._fallbacks.put(key, data)
        return data

    async def get(
        self, block: str, filled: Drawable, kind: ImageType, *, is_fallback: bool = False
    ) -> bytes:
        """A block's picture, drawn if need be. A caller that is cancelled stops nobody else's.

        Raises DeliveryError if it cannot be drawn for want of room, and whatever drawing raises.
        """
        key = content_key(filled, kind)
        data = self.at_hand(filled, key, is_fallback=is_fallback)
        if data is not None:
            return data
        task = self._making.get(key)
        if task is None:
            if len(self._making) >= MOST_WAITING or self._waiting[block] >= MOST_OF_ONE:
                self._metrics.drawings_shed.inc()
                raise DeliveryError(Fault.RENDER_FAILED)
            task = asyncio.create_task(self._make(key, filled, kind, is_fallback=is_fallback))
            self._making[key] = task
            self._metrics.drawings_waiting.inc()
            self._waiting[block] += 1
            task.add_done_callback(lambda done: self._made(block, key, done))
        return await asyncio.shield(task)

    def _made(self, block: str, key: str, task: asyncio.Task[bytes]) -> None:
        del self._making[key]
        self._metrics.drawings_waiting.dec()
        self._waiting[block] -= 1
        if not self._waiting[block]:
            del self._waiting[block]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):
            log.info("a picture cannot be drawn for its uploads: %s", error)
        elif error is not None:
            log.error("a picture cannot be drawn", exc_info=error)

    async def aclose(self) -> None:
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        self._pool.shutdown()

    async def _make(
        self, key: str, filled: Drawable, kind: ImageType, *, is_fallback: bool
    ) -> bytes:
        memory = self._fallbacks if is_fallback else self._pictures
        name = self._store.keys.rendered(key)
        data = await self._stored(name) if filled.is_kept else None
        if data is None:
            data = await self._draw(filled.assets, lambda assets: filled.file(assets, kind))
            self._metrics.drawn.inc()
            if not filled.is_kept:
                return data
            self._store.tell(("SET", name, _digest(data) + data, "EX", STORED_SECONDS))
        memory.put(key, data)
        return data

    async def prepare(self, assets: Iterable[str], work: Callable[[Assets], None]) -> None:
        """Do what drawing would have to do first, among the drawings; `assets` are the ids of the
        uploads that it needs."""
        await self._draw(assets, work)

    async def _draw(self, assets: Iterable[str], work: Callable[[Assets], Drawn]) -> Drawn:
        uploads = await self._load_uploads(assets)

        def timed() -> Drawn:
            with self._metrics.drawing_seconds.time():
                return work(uploads)

        return await asyncio.get_running_loop().run_in_executor(self._pool, timed)

    async def _stored(self, name: str) -> bytes | None:
        """From the store, if it is whole; a store that does not answer is no reason not to draw."""
        try:
            [stored] = await self._store.ask(("GET", name))
        except StoreError:
            return None
        data = bytes(stored or b"")[DIGEST_BYTES:]
        return data if stored == _digest(data) + data else None

    async def _load_uploads(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The uploads among `ids` that there are."""
        held = {name: self._uploads.get(name) for name in dict.fromkeys(ids)}
        read = await uploads(self._store, [name for name, data in held.items() if data is None])
        for name, data in read.items():
            self._uploads.put(name, data)
        return read | {name: data for name, data in held.items() if data is not None}


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def content_key(filled: Drawable, kind: ImageType) -> str:
    return f"{filled.key}.{kind}"

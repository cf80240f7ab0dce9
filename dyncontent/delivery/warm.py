"""Fallbacks drawn ahead, for the day when the store, or the time to draw, is not there; and clocks
made ready, for the first who sees them.

One after the other, so that people who wait for their own pictures go first.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Any

from dyncontent.catalog.clocks import CountdownDrawing
from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.delivery import facts
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.faults import DeliveryError
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.showing import fallback_picture
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from renderers.encode import BY_EXTENSION, ImageType

log = logging.getLogger(__name__)

REST_SECONDS = 0.5

_ALL = ""


class Warmer:
    def __init__(self, store: Store, pictures: Pictures) -> None:
        self._store = store
        self._pictures = pictures
        self._list_all = False
        self._blocks: set[str] = set()
        self._fallbacks: set[tuple[CompiledBlock, str, ImageType]] = set()
        self._work = asyncio.Event()

    def catalogue_changed(self, key: str | None) -> None:
        """Draw the fallbacks of the block that was published; of all if changes may have been
        missed (None)."""
        if key is None:
            self._list_all = True
        elif (block := self._store.keys.live_block(key)) is not None:
            self._blocks.add(block)
        self._work.set()

    def want(self, block: CompiledBlock, locale: str, kind: ImageType) -> None:
        """Draw one fallback, unless it is at hand."""
        if not self._pictures.has_fallback(fallback_picture(block, locale), kind):
            self._fallbacks.add((block, locale, kind))
            self._work.set()

    async def run(self) -> None:
        """Draw what is wanted, for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._draw_all()
            except StoreError as error:
                log.info("fallbacks are not drawn ahead yet: %s", error)
                self._list_all = True
                self._work.set()
                await asyncio.sleep(REST_SECONDS)

    async def _draw_all(self) -> None:
        """What cannot be drawn is given up; without a store, all begins again. While too many wait
        for their pictures, it waits itself."""
        work: Coroutine[Any, Any, object]
        while self._list_all or self._blocks or self._fallbacks:
            if self._fallbacks:
                wanted = block, locale, kind = self._fallbacks.pop()
                again = partial(self._fallbacks.add, wanted)
                work = self._pictures.get(
                    block.id, fallback_picture(block, locale), kind, is_fallback=True
                )
                name = block.id
            elif self._blocks:
                name = self._blocks.pop()
                again = partial(self._blocks.add, name)
                work = self._prepare(name)
            else:
                self._list_all = False
                name = "all"
                again = partial(self.catalogue_changed, None)
                work = self._list()
            try:
                await work
            except StoreError:
                raise
            except DeliveryError as error:
                log.info("the fallbacks of %s are not drawn ahead yet: %s", name, error)
                again()
                await asyncio.sleep(REST_SECONDS)
            except Exception:
                log.exception("the fallbacks of %s are not drawn ahead", name)

    async def _list(self) -> None:
        [names] = await self._store.ask(("SMEMBERS", self._store.keys.blocks))
        self._blocks |= {name.decode() for name in names}

    async def _prepare(self, name: str) -> None:
        block = await Reading(self._store).run(
            lambda reading: facts.live_block(reading, self._store.keys, name)
        )
        if block is not None:
            kind = BY_EXTENSION[block.block.type]
            for locale in block.fallback.locales | {block.block.locale}:
                self.want(block, locale, kind)
            for variant in block.variants.values():
                if isinstance(variant.drawing, CountdownDrawing):
                    await self._wind(variant.drawing, variant.locales or {block.block.locale})

    async def _wind(self, clock: CountdownDrawing, locales: Iterable[str]) -> None:
        for locale in sorted(locales):
            await self._pictures.prepare(clock.assets, partial(clock.prepare, locale))

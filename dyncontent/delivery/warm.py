"""Fallbacks drawn ahead, for the day when the store, or the time to draw, is not there.

One after the other, so that people who wait for their own pictures go first.
"""

import asyncio
import logging

from dyncontent.catalog.compiled import CompiledBlock
from dyncontent.delivery import facts
from dyncontent.delivery.cache import Pictures
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
        self._blocks: dict[str, None] = {}
        self._single: dict[tuple[CompiledBlock, str, ImageType], None] = {}
        self._work = asyncio.Event()

    def catalogue_changed(self, key: str | None) -> None:
        """Draw the fallbacks of the block that was published; of all if changes may have been
        missed (None)."""
        block = _ALL if key is None else self._store.keys.live_block(key)
        if block is not None:
            self._blocks[block] = None
            self._work.set()

    def want(self, block: CompiledBlock, locale: str, kind: ImageType) -> None:
        """Draw one fallback, unless it is at hand."""
        if self._pictures.at_hand(fallback_picture(block, locale), kind) is None:
            self._single[block, locale, kind] = None
            self._work.set()

    async def run(self) -> None:
        """Draw what is wanted, for ever."""
        while True:
            await self._work.wait()
            try:
                await self._draw_all()
            except StoreError as error:
                log.info("fallbacks are not drawn ahead yet: %s", error)
                await asyncio.sleep(REST_SECONDS)

    async def _draw_all(self) -> None:
        while self._blocks or self._single:
            if self._single:
                await self._draw(*next(iter(self._single)))
                continue
            name = next(iter(self._blocks))
            await (self._list() if name == _ALL else self._prepare(name))
            del self._blocks[name]
        self._work.clear()

    async def _list(self) -> None:
        [names] = await self._store.ask(("SMEMBERS", self._store.keys.blocks))
        self._blocks |= dict.fromkeys(name.decode() for name in names)

    async def _prepare(self, name: str) -> None:
        try:
            block = await Reading(self._store).run(
                lambda reading: facts.live_block(reading, self._store.keys, name)
            )
        except ValueError:
            log.exception("the block %s is stored in a form that is not understood", name)
            return
        if block is not None:
            kind = BY_EXTENSION[block.block.type]
            for locale in block.fallback.locales | {block.block.locale}:
                self.want(block, locale, kind)

    async def _draw(self, block: CompiledBlock, locale: str, kind: ImageType) -> None:
        """One that cannot be drawn is given up."""
        try:
            await self._pictures.get(fallback_picture(block, locale), kind, is_fallback=True)
        except StoreError:
            raise
        except Exception:
            log.exception("the fallback of %s cannot be drawn", block.id)
        del self._single[block, locale, kind]

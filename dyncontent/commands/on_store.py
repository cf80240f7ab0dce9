"""Work on the store itself, not through a running server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dyncontent.serving import reached_store
from dyncontent.settings import Settings, read_settings
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store

Done = TypeVar("Done")


def on_store(work: Callable[[Store, Settings], Awaitable[Done]]) -> Done:
    """What comes of work on the store of the settings."""
    return asyncio.run(_run(work))


async def _run(work: Callable[[Store, Settings], Awaitable[Done]]) -> Done:
    settings = read_settings()
    with reached_store(settings) as url:
        store = Store(connect(url), Keys(settings.store_prefix))
        try:
            return await work(store, settings)
        finally:
            await store.aclose()

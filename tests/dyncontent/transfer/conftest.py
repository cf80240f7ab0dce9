from collections.abc import AsyncIterator

import pytest

from tests.dyncontent.transfer.library import Library


@pytest.fixture
async def library(store_url: str, prefix: str) -> AsyncIterator[Library]:
    library = Library(store_url, prefix)
    await library.fill()
    yield library
    await library.store.aclose()


@pytest.fixture
async def empty(store_url: str, prefix: str) -> AsyncIterator[Library]:
    library = Library(store_url, f"{prefix}b")
    yield library
    await library.store.aclose()

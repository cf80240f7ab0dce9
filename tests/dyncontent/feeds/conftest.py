import pytest

from dyncontent.store.store import Store
from tests.dyncontent.feeds.support import Shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = Shop(store)
    await shop.define()
    return shop

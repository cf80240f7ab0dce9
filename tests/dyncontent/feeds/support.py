"""Feeds for tests: read without a store, and imported into one."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.feed import Feed
from dyncontent.catalog.kinds import PRODUCT
from dyncontent.catalog.links import HOSTS, AllowedHosts
from dyncontent.catalog.product import Product
from dyncontent.feeds import shopify, source
from dyncontent.feeds.columns import mapped
from dyncontent.feeds.importer import Importer
from dyncontent.feeds.offers import Offer, Reading, Refused, Unlisted
from dyncontent.feeds.report import Report
from dyncontent.feeds.rows import Broken, Row
from dyncontent.feeds.stored import Feeds
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store

CASES = Path(__file__).parents[2] / "cases" / "feeds"
ALLOWED = AllowedHosts.of(("shop.example", "store.google.com"))
AT = datetime(2026, 11, 1, tzinfo=UTC)


def feed(**definition: Any) -> Feed:
    return Feed.model_validate_json(orjson.dumps(definition))


def read_rows(data: bytes, **definition: Any) -> tuple[source.Layout, list[Row | Broken]]:
    file = io.BytesIO(data)
    layout = source.examine(file, feed(**definition))
    rows = source.rows(file, layout)
    return layout, list(shopify.variants(rows) if layout.format == "csv" else rows)


def read(
    data: bytes, types: AttributeTypes | None = None, **definition: Any
) -> list[Offer | Unlisted | Refused]:
    """What the rows of a file say."""
    layout, rows = read_rows(data, **definition)
    good = [row for row in rows if isinstance(row, Row)]
    columns = dict.fromkeys(name for row in good for name in row.values)
    decimal = definition.get("decimal", None if layout.format == "csv" else ".")
    wanted = feed(**definition)
    reading = Reading(
        wanted, mapped(wanted, columns), types or AttributeTypes(), {HOSTS: ALLOWED}, AT, decimal
    )
    return [reading.read(row) for row in good]


def offers(data: bytes, **definition: Any) -> list[Offer]:
    """Those of a file in which nothing is wrong."""
    found = read(data, **definition)
    assert all(isinstance(one, Offer) for one in found), found
    return [one for one in found if isinstance(one, Offer)]


class Shop:
    """A store with a feed, and its products."""

    def __init__(self, store: Store, name: str = "shop") -> None:
        self.store = store
        self.name = name
        self.catalogue = Catalogue(store, ALLOWED)
        self.feeds = Feeds(store)
        self.metrics = Metrics()
        self.importer = Importer(store, self.catalogue, self.feeds, self.metrics)

    async def define(self, **definition: Any) -> None:
        await self.feeds.put(self.name, feed(**definition))

    async def run(self, data: bytes, *, force: bool = False) -> Report:
        return await self.importer.run(self.name, pieces(data), force=force)

    async def preview(self, data: bytes) -> Report:
        return await self.importer.preview(self.name, pieces(data))

    async def product(self, name: str) -> Product:
        return await self.catalogue.get(PRODUCT, name)

    async def put(self, name: str, **fields: Any) -> None:
        await self.catalogue.put(PRODUCT, name, Product.model_validate_json(orjson.dumps(fields)))

    async def changes(self) -> int:
        """The length of the change log."""
        [length] = await self.store.ask(("XLEN", self.store.keys.changes))
        return int(length)

    async def present(self) -> set[str]:
        """The feed's products that are not retired."""
        found: set[str] = set()
        async for some in self.feeds.products(self.name):
            found |= {name for name, stands in some if stands == b"1"}
        return found


async def pieces(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def table(*ids: str, price: str = "1.00 EUR", stock: int = 5) -> bytes:
    lines = ["id,title,price,stock", *(f"{name},Title {name},{price},{stock}" for name in ids)]
    return ("\n".join(lines) + "\n").encode()

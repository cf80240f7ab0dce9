"""A catalogue with something of everything, and its folder."""

from pathlib import Path
from typing import Any

import orjson

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.feed import Feed
from dyncontent.catalog.links import AllowedHosts
from dyncontent.feeds.stored import Feeds
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from dyncontent.transfer.exporting import Exported, export
from dyncontent.transfer.importing import Imported, take_in
from renderers import picture, typeface
from tests import samples
from tests.renderers.typeface.support import blocky, few
from tests.samples import GREY, HOST

HOSTS = AllowedHosts.of((HOST,))
DEMO = Path(__file__).parents[3] / "dyncontent" / "demo" / "blocks"
TYPES = {"recipient": {"tier": "text", "age": "number"}, "product": {"season": "text"}}
FEEDS: dict[str, dict[str, Any]] = {
    "shop": {
        "title": "Pood: kõik, 12:30",
        "columns": {"stock": None, "id": ["kood", "no"], "price": "on"},
        "attributes": {},
        "delimiter": "\t",
        "link_prefix": f"https://{HOST}/p/",
        "url": f"https://{HOST}/feed.csv?key=1",
        "every": "PT1H",
        "removal_limit": {"percent": 5.0},
    },
    "b2b": {},
}


class Library:
    def __init__(self, store_url: str, prefix: str) -> None:
        self.store = Store(connect(store_url), Keys(prefix))
        self.catalogue = Catalogue(self.store, HOSTS)
        self.feeds = Feeds(self.store)
        self.pictures: list[str] = []
        self.fonts: list[str] = []

    async def save(self, name: str, block: dict[str, Any], *, publish: bool = False) -> None:
        raw = orjson.dumps(block)
        checks = await self.catalogue.block_checks()
        await self.catalogue.put_draft(name, Block.model_validate_json(raw, context=checks))
        if publish:
            await self.catalogue.publish(name)

    async def fill(self) -> None:
        await self.catalogue.put_attribute_types(
            AttributeTypes.model_validate_json(orjson.dumps(TYPES))
        )
        for data in (samples.a_picture(), samples.a_picture(form="JPEG")):
            shown = picture.accept(data)
            await self.catalogue.put_picture(shown)
            self.pictures.append(shown.id)
        for data in (blocky(), few()):
            letters = typeface.accept(data)
            await self.catalogue.put_font(letters)
            self.fonts.append(letters.id)
        for name, feed in FEEDS.items():
            await self.feeds.put(name, Feed.model_validate_json(orjson.dumps(feed)))
        await self.save("rich", self.rich(), publish=True)
        await self.save("rich", self.rich(title="Rich, edited"))
        await self.save("plain", samples.block(), publish=True)
        await self.save("new", samples.block(title="Uusi\nmatka: no, 12:30"))

    def rich(self, **changes: Any) -> dict[str, Any]:
        """A block with a condition on an attribute, pictures, fonts, languages and a schedule."""
        drawn = samples.canvas(
            GREY,
            {"kind": "picture", "picture": self.pictures[0], "x": 0, "y": 0}
            | {"width": 20, "height": 10},
            samples.text({"fi": "Hei", "no": "on", "en": "2026-12-24"}, font=self.fonts[0]),
        )
        shown = {"kind": "picture", "picture": self.pictures[1], "width": 60, "height": 40}
        condition = {"op": "equals", "fact": "recipient.attributes.tier", "value": "gold"}
        link = {"fi": f"https://{HOST}/fi", "any": f"https://{HOST}/"}
        variants = [
            samples.variant("gold", GREY, f"https://{HOST}/gold", condition=condition)
            | {"creative": drawn},
            samples.variant("shown", GREY, "", schedule={"from": "2026-01-01T00:00:00Z"})
            | {"creative": shown, "link": link, "alt": {"fi": "yö", "en": "off"}},
        ]
        return samples.block(*variants, hold_out=2.5, choose="split", **changes)

    async def export(self, folder: Path) -> Exported:
        return await export(self.store, self.catalogue, folder)

    async def take_in(self, folder: Path, *, publish: bool = False) -> Imported:
        return await take_in(self.store, self.catalogue, HOSTS, folder, publish=publish)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

"""What there is."""

import pytest

from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.inventory import Upload, block_ids, font_ids, upload, upload_type
from dyncontent.catalog.links import AllowedHosts
from dyncontent.store.store import Store
from renderers import picture, typeface
from tests import samples
from tests.renderers.typeface.support import blocky
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_every_block_is_listed_in_order(site: Site, store: Store) -> None:
    assert await block_ids(store) == [samples.BLOCK]
    for name in ("b", "A_1", "a-0"):
        await site.do("PUT", f"blocks/{name}", samples.block())
    assert await block_ids(store) == ["A_1", "a-0", "b", samples.BLOCK]


async def test_uploads_are_given_as_they_are_stored(store: Store) -> None:
    catalogue = Catalogue(store, AllowedHosts.of(()))
    shown = picture.accept(samples.a_picture())
    letters = typeface.accept(blocky())
    await catalogue.put_picture(shown)
    await catalogue.put_font(letters)
    assert await font_ids(store) == [letters.id]
    assert await upload(store, shown.id) == Upload("image/png", shown.data)
    assert await upload(store, letters.id) == Upload(letters.type, letters.data)
    assert await upload_type(store, shown.id) == "image/png"
    assert await upload(store, "0" * 32) is None
    assert await upload_type(store, "0" * 32) is None

"""The files of uploads."""

import pytest

from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.uploads import uploads
from dyncontent.store.store import Store
from renderers.picture import accept
from tests import samples

pytestmark = pytest.mark.anyio


async def test_those_that_there_are_are_read(store: Store) -> None:
    picture = accept(samples.a_picture())
    await Catalogue(store, AllowedHosts.of(())).put_picture(picture)
    assert await uploads(store, [picture.id, "0" * 32]) == {picture.id: picture.data}
    assert await uploads(store, []) == {}

"""URLs from the control plane."""

import pytest

from tests import samples
from tests.samples import BLOCK
from tests.site import BASE_URL, Site

pytestmark = pytest.mark.anyio


async def test_the_three_urls_of_a_block(site: Site) -> None:
    links = await site.links()
    assert set(links) == {"image", "click", "html"}
    assert links["image"].startswith(f"{BASE_URL}/i/{BLOCK}.png?r=aino&m=spring&v=k1&k=")
    assert links["click"].startswith(f"{BASE_URL}/c/{BLOCK}?")
    assert links["html"].startswith(f"{BASE_URL}/h/{BLOCK}?")


async def test_the_type_is_the_blocks_unless_asked_otherwise(site: Site) -> None:
    await site.do("PUT", f"blocks/{BLOCK}", samples.block(type="jpg"))
    assert f"{BLOCK}.jpg?" in (await site.links())["image"]
    assert f"{BLOCK}.gif?" in (await site.links(type="gif"))["image"]


async def test_links_can_be_made_before_the_person_is_known(site: Site) -> None:
    image = (await site.links(recipient="new"))["image"]
    await site.do("PUT", "recipients/new", {"consents": samples.CONSENTS})
    assert samples.colour((await site.client.get(image)).content) == samples.RED


async def test_links_of_no_block_are_refused(site: Site) -> None:
    asked = {"block": "none", "recipient": "r", "message": "m"}
    assert (await site.api("POST", "links", asked)).status_code == 404

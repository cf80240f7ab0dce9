"""URLs from the control plane."""

import orjson
import pytest

from tests import samples
from tests.samples import BLOCK, MESSAGE
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


async def test_links_of_a_list_have_the_tag_as_it_is(site: Site) -> None:
    tag = "{{ person|lookup:'dyncontent_id' }}"
    asked = {"block": BLOCK, "message": MESSAGE, "tag": tag}
    links = await site.do("POST", "links", asked)
    paths = {"image": f"i/{BLOCK}.png", "click": f"c/{BLOCK}", "html": f"h/{BLOCK}"}
    for name, path in paths.items():
        assert links[name].startswith(f"{BASE_URL}/{path}?r={tag}&m={MESSAGE}&v=k1&t=")
    handle = (await site.do("POST", "recipients/aino/handle"))["handle"]
    opened = await site.client.get(links["image"].replace(tag, handle))
    assert samples.colour(opened.content) == samples.RED
    [line] = (await site.api("POST", "links/bulk", asked)).text.splitlines()
    assert orjson.loads(line) == {"tag": tag, **links}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"recipient": "aino", "tag": "*|UNIQID|*"},
        {"tag": ""},
        {"tag": "*|A|*&m=other"},
        {"tag": '"'},
        {"tag": "#"},
        {"tag": "a\nb"},
        {"tag": "ä"},
        {"tag": "x" * 201},
        {"tag": "*|A|*", "message": "*|CAMPAIGN_UID|*"},
    ],
)
async def test_links_that_are_of_nobody_or_of_two_are_refused(
    site: Site, more: dict[str, str]
) -> None:
    refused = await site.api("POST", "links", {"block": BLOCK, "message": MESSAGE} | more)
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["expected"]


async def test_links_of_no_block_are_refused(site: Site) -> None:
    asked = {"block": "none", "recipient": "r", "message": "m"}
    assert (await site.api("POST", "links", asked)).status_code == 404

"""The block as HTML."""

from html.parser import HTMLParser

import pytest

from tests import samples
from tests.samples import BLOCK, HOST
from tests.site import Site

pytestmark = pytest.mark.anyio


class _Attributes(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.of: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.of[tag] = dict(attrs)


async def _fragment(site: Site) -> _Attributes:
    response = await site.client.get((await site.links())["html"])
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "no-store" in response.headers["cache-control"]
    return _Attributes(response.text)


async def test_it_holds_the_picture_and_the_link_of_this_person(site: Site) -> None:
    tags = (await _fragment(site)).of
    links = await site.links()
    assert tags["a"]["href"] == links["click"]
    assert tags["img"]["src"] == links["image"]
    assert (tags["img"]["width"], tags["img"]["height"]) == ("60", "40")


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
async def test_its_picture_is_of_the_blocks_type(site: Site, kind: str) -> None:
    await site.publish(samples.block(type=kind))
    tags = (await _fragment(site)).of
    assert tags["img"]["src"] == (await site.links())["image"]
    assert f"/{BLOCK}.{kind}?" in str(tags["img"]["src"])


async def test_its_text_is_that_of_the_variant_now(site: Site) -> None:
    assert (await _fragment(site)).of["img"]["alt"] == "rome"
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert (await _fragment(site)).of["img"]["alt"] == "similar"


async def test_values_in_its_text_stay_text(site: Site) -> None:
    evil = '"><script>alert(1)</script>'
    await site.do("PATCH", f"recipients/{samples.RECIPIENT}", {"first_name": evil})
    alt = "{{ recipient.first_name }}"
    greeting = samples.variant("hello", samples.BLUE, f"https://{HOST}/") | {"alt": alt}
    await site.publish(samples.block(greeting))
    tags = (await _fragment(site)).of
    assert tags["img"]["alt"] == evil
    assert set(tags) == {"a", "img"}


@pytest.mark.parametrize("path", [f"/h/{BLOCK}", f"/h/{BLOCK}?r=aino&m=spring&v=k1&k=x", "/h/none"])
async def test_of_a_url_that_is_not_ours_it_is_empty(site: Site, path: str) -> None:
    response = await site.client.get(path)
    assert (response.status_code, response.text) == (200, "")

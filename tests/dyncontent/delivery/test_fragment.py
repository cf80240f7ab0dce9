"""The block as HTML."""

from html.parser import HTMLParser
from typing import Any

import pytest

from tests import samples
from tests.renderers.html.support import Reader, amp_problems
from tests.samples import BLOCK, HOST
from tests.site import BASE_URL, Site

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
    assert set(tags) == {"table", "tr", "td", "a", "img"}


@pytest.mark.parametrize("path", [f"/h/{BLOCK}", f"/h/{BLOCK}?r=aino&m=spring&v=k1&k=x", "/h/none"])
async def test_of_a_url_that_is_not_ours_it_is_empty(site: Site, path: str) -> None:
    response = await site.client.get(path)
    assert (response.status_code, response.text) == (200, "")
    assert "img-src 'none'" in response.headers["content-security-policy"]


def _text(content: Any, kind: str = "text") -> dict[str, Any]:
    return {"kind": kind, "text": content}


def _written(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A block whose variants have elements of HTML."""
    html = {"elements": list(elements)}
    chosen = (
        samples.variant(
            "rome", samples.RED, "{{ offer.link }}", offer={"product": "rome"}, html=html
        ),
        samples.variant("similar", samples.GREEN, "{{ offer.link }}", offer={"similar_to": "rome"}),
    )
    return samples.block(*chosen, **more)


async def _html(site: Site, query: str = "") -> Reader:
    response = await site.client.get((await site.links())["html"] + query)
    assert response.status_code == 200
    return Reader(response.text)


async def test_what_a_variant_has_as_html_is_written_for_this_person(site: Site) -> None:
    await site.publish(
        _written(
            _text("{{ recipient.first_name }}, {{ offer.title }}", "heading"),
            {"kind": "picture"},
            _text({"fi": "Varaa", "en": "Book"}, "button"),
            {"kind": "rule"},
        )
    )
    await site.do("PATCH", f"recipients/{samples.RECIPIENT}", {"locale": "fi"})
    found, links = await _html(site), await site.links()
    assert found.text("h2") == "Aino, Rooma"
    assert found.all("table")[0]["lang"] == "fi"
    assert {link["href"] for link in found.all("a")} == {links["click"]}
    assert found.only("img")["src"] == links["image"]
    assert "Varaa" in found.texts


async def test_values_in_a_live_text_stay_text(site: Site) -> None:
    evil = "</p><script>alert(1)</script>\n<img src=x onerror=alert(1)>{{ 7 * 7 }}"
    await site.do("PATCH", f"recipients/{samples.RECIPIENT}", {"first_name": evil})
    await site.publish(_written(_text("{{ recipient.first_name }}")))
    found = await _html(site)
    assert found.text("p") == evil
    assert {tag for tag, _ in found.elements} == {"table", "tr", "td", "p", "br"}


async def test_a_variant_whose_html_would_have_a_hole_is_not_shown(site: Site) -> None:
    await site.publish(_written(_text("{{ recipient.last_name }}")))
    assert (await _html(site)).only("img")["alt"] == "similar"
    assert await site.colour() == samples.GREEN
    await site.do("PATCH", f"recipients/{samples.RECIPIENT}", {"last_name": "Mäkelä"})
    assert (await _html(site)).text("p") == "Mäkelä"
    assert await site.colour() == samples.RED


async def test_the_fallback_has_html_too(site: Site) -> None:
    fallback = samples.block()["fallback"] | {"html": {"elements": [_text("Travel well")]}}
    await site.publish(samples.block(variants=[], fallback=fallback))
    assert (await _html(site)).text("p") == "Travel well"


async def test_the_click_follows_the_text_that_was_read(site: Site) -> None:
    await site.publish(_written(_text("{{ offer.stock }} left", "button")))
    assert (await _html(site)).text("a") == "30 left"
    await site.do("PATCH", "products/rome", {"stock": 0})
    location = (await site.click()).headers["location"]
    assert location == f"https://{HOST}/oslo?dyncontent=offer-ended"


async def test_what_only_looks_is_not_remembered(site: Site) -> None:
    await site.publish(_written(_text("{{ offer.stock }} left", "button")))
    response = await site.client.head((await site.links())["html"])
    assert (response.status_code, response.text) == (200, "")
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert (await site.click()).headers["location"] == f"https://{HOST}/oslo"


async def test_as_amp_it_is_what_amp_for_email_takes(site: Site) -> None:
    await site.publish(_written({"kind": "picture"}, _text("{{ recipient.first_name }}", "button")))
    response = await site.client.get((await site.links())["html"] + "&format=amp")
    assert amp_problems(response.text) == []
    assert Reader(response.text).only("amp-img")["src"] == (await site.links())["image"]


async def test_a_linked_picture_is_amp_too(site: Site) -> None:
    found = await _html(site, "&format=amp")
    assert (found.only("amp-img")["width"], found.all("img")) == ("60", [])


async def test_a_browser_may_show_it_and_follow_its_links_and_nothing_else(site: Site) -> None:
    policy = (await site.client.get((await site.links())["html"])).headers[
        "content-security-policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "img-src": BASE_URL,
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }

"""Drafts and versions."""

import asyncio
from typing import Any

import pytest

from tests import samples
from tests.samples import BLOCK, BLUE, HOST
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio


def _plain(title: str) -> dict[str, Any]:
    return samples.block(samples.variant("v", BLUE, f"https://{HOST}/"), title=title)


async def test_a_draft_is_kept_and_a_version_stays(site: Site) -> None:
    before = await site.do("GET", f"blocks/{BLOCK}")
    assert (before["published_version"], before["changed_since"]) == (1, False)
    edited = await site.do("PUT", f"blocks/{BLOCK}", _plain("New"))
    assert (edited["published_version"], edited["changed_since"]) == (1, True)
    assert edited["block"]["title"] == "New"
    first = await site.do("GET", f"blocks/{BLOCK}/versions/1")
    assert (first["version"], first["block"]) == (1, before["block"])
    await site.do("POST", f"blocks/{BLOCK}/publish")
    assert (await site.do("GET", f"blocks/{BLOCK}/versions/2"))["block"] == edited["block"]
    assert await site.do("GET", f"blocks/{BLOCK}/versions/1") == first


async def test_publishing_twice_makes_one_version(site: Site) -> None:
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 1
    await site.do("PUT", f"blocks/{BLOCK}", samples.block())
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 1


async def test_publishing_at_once_numbers_each_version_once(site: Site) -> None:
    async def change(number: int) -> int:
        await site.do("PUT", "blocks/b", _plain(str(number)))
        return int((await site.do("POST", "blocks/b/publish"))["published_version"])

    numbers = await asyncio.gather(*(change(number) for number in range(10)))
    last = max(numbers)
    titles = [
        (await site.do("GET", f"blocks/b/versions/{number}"))["block"]["title"]
        for number in range(1, last + 1)
    ]
    assert len(set(titles)) == len(titles) == last


async def test_a_block_with_a_picture_that_is_not_there_is_refused(site: Site) -> None:
    layer = {"kind": "picture", "picture": "0" * 32, "x": 0, "y": 0, "width": 9, "height": 9}
    shown = samples.variant("v", BLUE, f"https://{HOST}/", samples.text("a"), layer)
    response = await site.api("PUT", "blocks/b", samples.block(shown))
    assert response.json()["fields"] == [
        {
            "path": "variants.0.creative.canvas.layers.1.picture",
            "value": "0" * 32,
            "expected": "the id of an uploaded picture (POST /api/v1/assets)",
        }
    ]


async def test_pictures_of_different_sizes_are_refused(site: Site) -> None:
    wide = samples.variant("v", BLUE, f"https://{HOST}/")
    wide["creative"]["canvas"]["width"] = 80
    problem = (await site.api("PUT", "blocks/b", samples.block(wide))).json()
    assert "60x40, that of v 80x40" in problem["fields"][0]["expected"]


async def test_two_variants_of_one_name_are_refused(site: Site) -> None:
    twice = [samples.variant("v", BLUE, f"https://{HOST}/")] * 2
    problem = (await site.api("PUT", "blocks/b", samples.block(*twice))).json()
    assert "same id" in problem["fields"][0]["expected"]


@pytest.mark.parametrize(
    "change",
    [
        {"alt": "{{ recipient.first_name }}"},
        {"alt": "{{ recipient.first_name | default('you') }}"},
        {"link": "{{ offer.link }}"},
        {"creative": samples.canvas(BLUE, samples.text("{{ product['rome'].stock }}"))},
        {
            "creative": samples.canvas(
                BLUE,
                {"kind": "picture", "picture": "{{offer.picture}}", "x": 0, "y": 0, "width": 9,
                 "height": 9},
            )
        },
    ],
)  # fmt: skip
async def test_a_fallback_needs_no_facts(site: Site, change: dict[str, Any]) -> None:
    fallback = samples.block()["fallback"] | change
    problem = (await site.api("PUT", "blocks/b", samples.block(fallback=fallback))).json()
    assert [bad["path"] for bad in problem["fields"]] == ["fallback"]


@pytest.mark.parametrize(
    "change",
    [{"link": "{{ offer.link }}"}, {"alt": "{{ offer.title }}"}],
)
async def test_without_an_offer_there_is_none_to_show(site: Site, change: dict[str, Any]) -> None:
    shown = samples.variant("v", BLUE, f"https://{HOST}/") | change
    problem = (await site.api("PUT", "blocks/b", samples.block(shown))).json()
    assert "without an offer" in problem["fields"][0]["expected"]


async def test_a_draft_whose_host_is_no_longer_allowed_is_not_published(
    site: Site, store_url: str
) -> None:
    await site.do("PUT", "blocks/b", _plain("b"))
    stricter = site.settings.model_copy(update={"allowed_hosts": ("other.example",)})
    async with running_site(stricter, store_url) as other:
        response = await other.api("POST", "blocks/b/publish")
        assert response.status_code == 422
        paths = {bad["path"] for bad in response.json()["fields"]}
        assert paths == {"variants.0.link.any", "fallback.link.any"}
    assert (await site.do("GET", "blocks/b"))["published_version"] is None


@pytest.mark.parametrize("number", ["0", "9", "-1", "x", "9" * 5000])
async def test_a_version_that_is_not_there_is_said(site: Site, number: str) -> None:
    response = await site.api("GET", f"blocks/{BLOCK}/versions/{number}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


async def test_a_product_with_a_picture_that_is_not_there_is_refused(site: Site) -> None:
    for method in ("PUT", "PATCH"):
        response = await site.api(method, "products/rome", {"picture": "0" * 32})
        assert [bad["path"] for bad in response.json()["fields"]] == ["picture"]
    stored = await site.do("POST", "assets", samples.a_picture())
    assert (await site.do("PATCH", "products/rome", {"picture": stored["id"]}))["picture"]

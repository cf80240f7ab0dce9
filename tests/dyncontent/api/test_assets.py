"""Uploads of pictures and fonts."""

from typing import Any

import pytest

from dyncontent.apart import accept_apart
from dyncontent.api import assets
from renderers import picture, typeface
from renderers.fonts import Font
from tests import samples
from tests.renderers.typeface.support import blocky, few
from tests.samples import BLUE, HOST
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_a_picture_is_uploaded_and_used(site: Site) -> None:
    stored = await site.do("POST", "assets", samples.a_picture(60, 40, "GIF"))
    assert (stored["width"], stored["height"], stored["type"]) == (60, 40, "image/png")
    creative = {"kind": "picture", "picture": stored["id"], "width": 60, "height": 40}
    shown = samples.variant("v", "", f"https://{HOST}/") | {"creative": creative}
    await site.publish(samples.block(shown))
    assert await site.colour() == BLUE


async def test_the_same_picture_has_the_same_id(site: Site) -> None:
    uploads = [await site.do("POST", "assets", samples.a_picture()) for _ in range(2)]
    assert uploads[0] == uploads[1]


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"x" * 99])
async def test_what_is_no_picture_is_refused(site: Site, data: bytes) -> None:
    response = await site.api("POST", "assets", data)
    assert (response.status_code, response.json()["code"]) == (422, "NOT_A_PICTURE")


async def test_a_font_is_uploaded_and_told(site: Site) -> None:
    stored = await site.do("POST", "fonts", few(Font.SERIF, flavor="woff2"))
    assert stored == {
        "id": stored["id"],
        "type": "font/ttf",
        "family": "Playfair Display",
        "style": "Bold",
        "weight": 700,
        "glyphs": stored["glyphs"],
        "languages": [],
        "lacks": [],
        "warnings": [],
        "bytes": len(typeface.accept(few(Font.SERIF)).data),
    }
    assert await site.do("GET", f"fonts/{stored['id']}") == stored
    assert await site.do("POST", "fonts", few(Font.SERIF)) == stored


async def test_fonts_are_listed_by_family_and_weight(site: Site) -> None:
    assert await site.do("GET", "fonts") == {"fonts": []}
    uploads = [few(Font.SERIF), few(Font.SEMIBOLD), few(Font.REGULAR), few(Font.REGULAR), blocky()]
    stored = [await site.do("POST", "fonts", data) for data in uploads]
    listed = (await site.do("GET", "fonts"))["fonts"]
    assert listed == [stored[4], stored[2], stored[1], stored[0]]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "one of TTF, OTF, WOFF, WOFF2"),
        (b"<svg/>", "one of TTF, OTF, WOFF, WOFF2"),
        (b"ttcf" + bytes(40), "a collection of fonts"),
        (few()[:-200], "is the file whole"),
    ],
)
async def test_what_is_no_font_is_refused(site: Site, data: bytes, why: str) -> None:
    response = await site.api("POST", "fonts", data)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "NOT_A_FONT")
    assert why in problem["message"]
    assert await site.do("GET", "fonts") == {"fonts": []}


@pytest.mark.parametrize(
    ("path", "most"), [("assets", picture.MOST_BYTES), ("fonts", typeface.MOST_BYTES)]
)
async def test_a_large_body_is_refused(site: Site, path: str, most: int) -> None:
    response = await site.api("POST", path, bytes(most + 1))
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize("name", ["0" * 32, "x", "G" * 32, "0" * 5000])
async def test_a_font_that_is_not_there_is_said(site: Site, name: str) -> None:
    response = await site.api("GET", f"fonts/{name}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


async def test_a_picture_is_no_font_and_a_font_no_picture(site: Site) -> None:
    shown = await site.do("POST", "assets", samples.a_picture())
    letters = await site.do("POST", "fonts", blocky())
    assert (await site.api("GET", f"fonts/{shown['id']}")).status_code == 404
    creative = {"kind": "picture", "picture": letters["id"], "width": 60, "height": 40}
    block: dict[str, Any] = samples.variant("v", "", f"https://{HOST}/") | {"creative": creative}
    problem = (await site.api("PUT", "blocks/b", samples.block(block))).json()
    assert [bad["value"] for bad in problem["fields"]] == [letters["id"]]


async def test_a_font_that_crashes_its_reader_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(data: bytes) -> typeface.Typeface:
        return await accept_apart(data, memory=1024)

    monkeypatch.setattr(assets, "accept_apart", crash)
    response = await site.api("POST", "fonts", few())
    assert (response.status_code, response.json()["code"]) == (422, "NOT_A_FONT")
    assert (await site.client.get("/health/live")).status_code == 200


async def test_pictures_are_listed_page_by_page(site: Site) -> None:
    uploaded = [
        (await site.api("POST", "assets", samples.a_picture(width))).json()
        for width in (10, 11, 12)
    ]
    await site.api("POST", "assets", samples.a_picture(10))
    first = await site.do("GET", "assets?limit=2")
    second = await site.do("GET", f"assets?limit=2&cursor={first['next_cursor']}")
    assert second["next_cursor"] is None
    listed = first["assets"] + second["assets"]
    assert listed == sorted(uploaded, key=lambda one: one["id"])


async def test_a_page_of_pictures_begins_behind_a_picture(site: Site) -> None:
    assert (await site.api("GET", "assets?cursor=eA")).status_code == 422

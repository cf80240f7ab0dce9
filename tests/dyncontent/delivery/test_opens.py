"""The open: the variant that holds now, and a valid picture whatever happens."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from PIL import Image, ImageSequence

from dyncontent.store.embedded import embedded_store
from dyncontent.store.store import Store
from renderers.canvas import Filled
from renderers.encode import LAST_RESORT, ImageType
from tests import samples
from tests.renderers.typeface.support import blocky
from tests.samples import BLOCK, BLUE, GREEN, GREY, HOST, MESSAGE, RECIPIENT, RED
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio


async def test_the_first_variant_that_holds_is_served(site: Site) -> None:
    assert await site.colour() == RED


async def test_sold_out_gives_way_to_a_similar_product(site: Site) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    assert await site.colour() == GREEN


async def test_bought_is_not_offered_again(site: Site) -> None:
    await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "rome"})
    assert await site.colour() == GREEN


async def test_when_nothing_holds_the_fallback_is_served(site: Site) -> None:
    for product in samples.PRODUCTS:
        await site.do("PATCH", f"products/{product}", {"stock": 0})
    assert await site.colour() == GREY


@pytest.mark.parametrize("stock", [None])
async def test_an_absent_stock_is_not_zero_and_not_plenty(site: Site, stock: None) -> None:
    for product in samples.PRODUCTS:
        await site.do("PATCH", f"products/{product}", {"stock": stock})
    assert await site.colour() == GREY
    assert (await site.counted())["FACT_MISSING"] == 1


async def test_without_consent_no_marketing(site: Site) -> None:
    assert await site.colour() == RED
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"marketing": False}})
    assert await site.colour() == GREY
    assert (await site.counted())["CONSENT_MISSING"] == 1


async def test_no_marketing_in_a_transactional_message(site: Site) -> None:
    await site.do("PUT", "messages/receipt", {"class": "transactional"})
    assert await site.colour(message="receipt") == GREY
    assert (await site.counted())["MESSAGE_CLASS"] == 1


async def test_an_unknown_person_gets_the_fallback(site: Site) -> None:
    assert await site.colour(recipient="nobody") == GREY


async def test_an_unknown_message_gets_the_fallback(site: Site) -> None:
    assert await site.colour(message="nothing") == GREY


@pytest.mark.parametrize(
    ("kind", "media_type", "form"),
    [("png", "image/png", "PNG"), ("jpg", "image/jpeg", "JPEG"), ("gif", "image/gif", "GIF")],
)
async def test_the_extension_names_the_type(
    site: Site, kind: str, media_type: str, form: str
) -> None:
    response = await site.open(type=kind)
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    with Image.open(BytesIO(response.content)) as image:
        assert (image.format, image.size) == (form, (60, 40))


async def test_nothing_on_the_way_may_keep_the_picture(site: Site) -> None:
    headers = (await site.open()).headers
    assert "no-store" in headers["cache-control"]
    assert "no-cache" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_head_answers_like_get_without_the_body_and_shows_nothing(
    site: Site, store: Store
) -> None:
    image = (await site.links())["image"]
    head = await site.client.head(image)
    assert head.content == b""
    assert await store.ask(("EXISTS", store.keys.events)) == [0]
    assert await store.ask(("EXISTS", store.keys.shown(RECIPIENT, MESSAGE))) == [0]
    get = await site.client.get(image)
    assert {**head.headers} == {**get.headers}


async def test_a_client_that_holds_the_picture_is_spared_it(site: Site) -> None:
    image = (await site.links())["image"]
    etag = (await site.client.get(image)).headers["etag"]
    again = await site.client.get(image, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    await site.do("PATCH", "products/rome", {"stock": 29})
    changed = await site.client.get(image, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_other_methods_are_refused(site: Site) -> None:
    response = await site.client.post((await site.links())["image"])
    assert response.status_code == 405
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


async def _events(store: Store) -> list[dict[str, Any]]:
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    return [orjson.loads(fields[b"event"]) for _, fields in entries]


async def test_the_event_tells_what_was_decided_and_why(site: Site, store: Store) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    agent = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) (via ggpht.com GoogleImageProxy)"
    await site.client.get((await site.links())["image"], headers={"user-agent": agent})
    [event] = await _events(store)
    assert event.pop("at") > 1_700_000_000_000
    assert event == {
        "kind": "open",
        "block": BLOCK,
        "version": 1,
        "recipient": RECIPIENT,
        "message": MESSAGE,
        "variant": "similar",
        "offer": "oslo",
        "reason": "TARGETING_MATCH",
        "detail": "VARIANT_HOLDS",
        "swap": True,
        "withheld": None,
        "verdict": "proxy",
        "type": "png",
    }


async def test_without_tracking_consent_the_event_names_nobody(site: Site, store: Store) -> None:
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"tracking": False}})
    assert await site.colour() == RED
    [event] = await _events(store)
    assert "recipient" not in event
    assert "message" not in event


async def test_two_people_each_see_their_own(site: Site) -> None:
    person = {"first_name": "Märt", "consents": samples.CONSENTS}
    await site.do("PUT", "recipients/mart", person)
    await site.do("POST", "recipients/mart/purchases", {"product": "rome"})
    for _ in range(3):
        assert await site.colour(recipient="mart") == GREEN
        assert await site.colour() == RED


async def test_a_new_version_is_seen_by_the_next_open(site: Site) -> None:
    assert await site.colour() == RED
    await site.publish(samples.block(samples.variant("new", samples.BLUE, "https://shop.example/")))
    assert await site.colour() == samples.BLUE


async def test_a_draft_is_seen_by_nobody(site: Site) -> None:
    draft = samples.block(samples.variant("new", samples.BLUE, "https://shop.example/"))
    await site.do("PUT", f"blocks/{BLOCK}", draft)
    assert await site.colour() == RED


async def test_an_archived_block_keeps_serving_its_fallback(site: Site, store: Store) -> None:
    assert await site.colour() == RED
    await site.do("POST", f"blocks/{BLOCK}/archive")
    for kind in ("png", "jpg", "gif"):
        _is_valid(await site.open(type=kind), kind)
    assert await site.colour() == GREY
    assert (await site.counted())["ARCHIVED"] == 4
    event = (await _events(store))[-1]
    assert (event["variant"], event["offer"], event["version"]) == (None, None, 1)
    assert (event["reason"], event["detail"], event["swap"]) == ("DISABLED", "ARCHIVED", False)
    await site.do("POST", f"blocks/{BLOCK}/unarchive")
    assert await site.colour() == RED


async def test_a_block_is_archived_on_every_server(site: Site, store_url: str) -> None:
    async with running_site(site.settings, store_url) as other:
        assert await other.colour() == RED
        await site.do("POST", f"blocks/{BLOCK}/archive")
        async with asyncio.timeout(2):
            while await other.colour() != GREY:
                await asyncio.sleep(0.005)


async def test_an_archived_block_gives_back_what_it_held(site: Site, store: Store) -> None:
    await site.publish(samples.block(no_repeats=True))
    assert await site.colour() == RED
    claimed = store.keys.claimed(RECIPIENT, MESSAGE)
    assert await store.ask(("HLEN", claimed)) == [1]
    await site.do("POST", f"blocks/{BLOCK}/archive")
    assert await site.colour() == GREY
    assert await store.ask(("HLEN", claimed)) == [0]


# Never a broken image


def _is_valid(response: httpx.Response, kind: str) -> None:
    assert response.status_code == 200
    forms = {"png": "PNG", "jpg": "JPEG", "gif": "GIF"}
    with Image.open(BytesIO(response.content)) as image:
        image.load()
        assert image.format == forms[kind]


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
@pytest.mark.parametrize(
    ("change", "detail", "shown"),
    [
        (lambda url: url.replace("/trip.", "/unknown."), "BAD_SIGNATURE", None),
        (lambda url: url.partition("?")[0], "BAD_URL", GREY),
        (lambda url: url.replace("r=aino", "r=mart"), "BAD_SIGNATURE", GREY),
        (lambda url: url + "x", "BAD_SIGNATURE", GREY),
        (lambda url: url.replace("v=k1", "v=k2"), "BAD_SIGNATURE", GREY),
        (lambda url: url + "&r=aino", "BAD_URL", GREY),
        (lambda url: url.replace("r=aino", "r=%00%FF"), "BAD_URL", GREY),
    ],
)
async def test_a_url_that_is_not_ours_gets_the_fallback(
    site: Site, kind: str, change: Any, detail: str, shown: str | None
) -> None:
    url = change((await site.links(type=kind))["image"])
    response = await site.client.get(url)
    _is_valid(response, kind)
    if shown is None:
        assert response.content == LAST_RESORT[ImageType(kind)]
    elif kind == "png":
        assert samples.colour(response.content) == shown
    assert (await site.counted()) == {detail: 1}


@pytest.mark.parametrize("path", ["/i/", "/i/a", "/i/a.webp", "/i/.png", "/i/a/b.png", "/i/ä.png"])
async def test_a_path_that_is_no_block_gets_a_valid_picture(site: Site, path: str) -> None:
    _is_valid(await site.client.get(path), "png")


async def test_an_unknown_block_gets_the_last_resort(site: Site) -> None:
    await site.do("PUT", "blocks/later", samples.block())
    response = await site.open(block="later")
    assert response.content == LAST_RESORT[ImageType.PNG]
    assert await site.counted() == {"BLOCK_UNKNOWN": 1}


async def test_a_renderer_that_raises_gives_the_fallback(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Filled.file

    def broken(filled: Filled, *arguments: Any) -> bytes:
        if filled.personal:
            raise RuntimeError("no ink")
        return real(filled, *arguments)

    monkeypatch.setattr(Filled, "file", broken)
    response = await site.open()
    assert samples.colour(response.content) == GREY
    assert await site.counted() == {"RENDER_FAILED": 1}
    [event] = await _events(store)
    assert (event["variant"], event["reason"], event["detail"]) == (None, "ERROR", "RENDER_FAILED")


@pytest.mark.parametrize("code", ["qr", "ean13"])
async def test_a_code_that_cannot_be_drawn_gives_the_fallback(site: Site, code: str) -> None:
    """Whether the value is too long for its box, or none that the code can hold."""
    layer = {"kind": "code", "code": code, "text": "{{ recipient.first_name }}"}
    box = {"x": 0, "y": 0, "width": 40, "height": 40}
    drawing = samples.canvas(RED, layer | box)
    await site.publish(
        samples.block(samples.variant("v", RED, f"https://{HOST}/", creative=drawing))
    )
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"first_name": "x" * 400})
    response = await site.open()
    assert samples.colour(response.content) == GREY
    assert await site.counted() == {"RENDER_FAILED": 1}


async def test_when_not_even_the_fallback_can_be_drawn_a_blank_of_its_size_is_served(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(Filled, "file", broken)
    response = await site.open(type="gif")
    with Image.open(BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("GIF", (60, 40))
    assert await site.counted() == {"RENDER_FAILED": 1}


async def test_a_renderer_that_is_late_is_not_waited_for(
    tmp_path: Path, prefix: str, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, go_on = Filled.file, threading.Event()

    def slow(filled: Filled, *arguments: Any) -> bytes:
        if filled.personal:
            go_on.wait(20)
        return real(filled, *arguments)

    monkeypatch.setattr(Filled, "file", slow)
    settings = site_settings(tmp_path, prefix, budget_ms=1000)
    async with running_site(settings, store_url) as site:
        await site.fill()
        assert await site.colour(recipient="nobody") == GREY
        response = await site.open()
        assert samples.colour(response.content) == GREY
        assert (await site.counted())["RENDER_TIMEOUT"] == 1
        go_on.set()


async def test_a_store_that_stops_and_starts_again(tmp_path: Path, prefix: str) -> None:
    data = tmp_path / "data"
    settings = site_settings(tmp_path, prefix)
    running = embedded_store(data)
    url = running.__enter__()
    async with running_site(settings, url) as site:
        await site.fill()
        image = (await site.links())["image"]
        assert samples.colour((await site.client.get(image)).content) == RED
        running.__exit__(None, None, None)
        for kind in ("png", "jpg", "gif"):
            stopped = await site.client.get(image.replace(".png", f".{kind}"))
            _is_valid(stopped, kind)
        assert samples.colour((await site.client.get(image)).content) == GREY
        assert (await site.counted())["STORE_DOWN"] == 4
        with embedded_store(data):
            assert samples.colour((await site.client.get(image)).content) == RED
            await site.do("PATCH", "products/rome", {"stock": 0})
            assert samples.colour((await site.client.get(image)).content) == GREEN


async def test_a_server_that_never_saw_the_store_still_answers_with_pictures(
    tmp_path: Path, prefix: str
) -> None:
    settings = site_settings(tmp_path, prefix)
    async with running_site(settings, f"unix://{tmp_path}/none.sock") as site:
        response = await site.client.get(f"/i/{BLOCK}.jpg?r=a&m=b&v=k1&k=x")
        assert response.content == LAST_RESORT[ImageType.JPG]


SALE = {
    "kind": "countdown",
    "until": "message.deadline",
    "clock": {
        "face": samples.canvas(RED)["canvas"],
        "expired": samples.canvas(BLUE)["canvas"],
        "units": [
            {"unit": "minutes", "x": 2, "y": 20, "width": 26, "height": 16, "size": 10},
            {"unit": "seconds", "x": 30, "y": 20, "width": 26, "height": 16, "size": 10},
        ],
    },
    "still": samples.canvas(GREEN, samples.text("{{ message.deadline | time }}"))["canvas"],
}


async def test_a_clock_ticks_for_each_opening_and_nothing_of_it_is_kept(
    site: Site, store: Store
) -> None:
    variant = samples.variant("sale", RED, f"https://{HOST}/", creative=SALE)
    await site.publish(samples.block(variant, type="gif"))
    assert await site.colour() == GREY  # there is no deadline
    at = datetime.now(UTC) + timedelta(minutes=30)
    sale = {"class": "marketing", "deadline": at.isoformat()}
    await site.do("PUT", f"messages/{MESSAGE}", sale)
    kept = await store.ask(("KEYS", store.keys.rendered("*")))
    opened = await site.open()
    with Image.open(BytesIO(opened.content)) as image:
        assert (image.format, image.info["duration"]) == ("GIF", 1000)
        assert len(list(ImageSequence.Iterator(image))) == 60
    assert samples.colour(opened.content) == RED
    assert await store.ask(("KEYS", store.keys.rendered("*"))) == kept
    image_url = (await site.links())["image"]
    ahead = await site.client.get(image_url, headers={"user-agent": "Mozilla/5.0"})
    assert samples.colour(ahead.content) == GREEN
    assert samples.colour((await site.open(type="png")).content) == GREEN
    over = datetime.now(UTC) - timedelta(seconds=1)
    await site.do("PATCH", f"messages/{MESSAGE}", {"deadline": over.isoformat()})
    assert await site.colour() == BLUE


async def test_a_text_is_drawn_in_an_uploaded_font(site: Site) -> None:
    """A font whose A is a square of half an em."""
    font = (await site.do("POST", "fonts", blocky()))["id"]
    text = {"kind": "text", "text": "A", "size": 40, "smallest": 40, "line_height": 1.0}
    box = {"x": 0, "y": 0, "width": 60, "height": 60}
    drawn = []
    for name in (font, "regular"):
        canvas = samples.canvas("#FFFFFF", text | box | {"font": name})
        canvas["canvas"] |= {"width": 60, "height": 60}
        fallback = samples.block()["fallback"] | {"creative": canvas}
        await site.publish(samples.block(variants=[], fallback=fallback))
        with Image.open(BytesIO((await site.open()).content)) as image:
            drawn.append(image.convert("L").histogram()[0])
    assert drawn[0] == 20 * 20 != drawn[1]

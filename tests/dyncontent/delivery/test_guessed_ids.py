"""What a stranger learns and changes who has the tagged URL of a send and guesses ids for its tag:
nothing of anybody. Each test asks for a block by every id that there is, as an attacker would."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.delivery.urls import Purpose, make_tagged
from dyncontent.settings import Settings
from dyncontent.store.store import Store
from renderers.encode import ImageType
from tests import samples
from tests.samples import BLOCK, BLUE, GREEN, GREY, HOST, MESSAGE, RED
from tests.site import BASE_URL, Site, running_site, site_settings

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
NOTICE = "notice"
"""A transactional message: nobody has to agree to it."""
VICTIMS: dict[str, dict[str, Any]] = {
    "1001": {
        "first_name": "Aino",
        "locale": "fi",
        "time_zone": "Asia/Tokyo",
        "consents": samples.CONSENTS,
        "cart": ["rome"],
        "watched": ["oslo"],
        "attributes": {"plan": "gold"},
    },
    "1002": {
        "first_name": "Märt",
        "consents": {"marketing": False},
        "attributes": {"plan": "basic"},
    },
}
GUESSES = (*VICTIMS, "1003", "nobody")


async def _fill(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    for name, document in VICTIMS.items():
        await site.do("PUT", f"recipients/{name}", document)
    await site.do("POST", "recipients/1001/purchases", {"product": "rome"})
    await site.do("PUT", "orders/o1", {"status": "shipped"})
    await site.do("PUT", f"messages/{NOTICE}", {"class": "transactional", "order": "o1"})


@pytest.fixture
async def victims(site: Site) -> Site:
    await _fill(site)
    return site


def _url(site: Site, purpose: Purpose, tag: str, message: str = NOTICE, block: str = BLOCK) -> str:
    return BASE_URL + make_tagged(site.settings.keyring, purpose, block, tag, message)


async def _open(site: Site, tag: str, message: str = NOTICE, block: str = BLOCK) -> httpx.Response:
    return await site.client.get(_url(site, Purpose.PICTURE, tag, message, block))


async def _answers(site: Site, tags: Iterable[str], message: str = NOTICE) -> set[Any]:
    """All that the three URLs of a block answer, for each guess."""
    found = set()
    for tag in tags:
        picture = await _open(site, tag, message)
        click = await site.client.get(_url(site, Purpose.CLICK, tag, message))
        html = await site.client.get(_url(site, Purpose.HTML, tag, message))
        bare = html.text.replace(f"r={tag}&amp;", "")
        found.add((picture.content, picture.headers["etag"], click.headers["location"], bare))
    return found


async def _kept(store: Store) -> set[str]:
    """The keys beside the profiles."""
    beginning, _ = store.keys.of_person("~").split("~")
    return await store.find(beginning)


async def _everything(store: Store) -> dict[bytes, Any]:
    """What is kept of people: every key of theirs, with its value."""
    names = await store.find(store.keys.recipient("")) | await _kept(store)
    commands = {"shown": "HGETALL", "claimed": "HGETALL", "seen": "ZCARD", "receipts": "XLEN"}
    found: dict[bytes, Any] = {}
    for name in sorted(names):
        kind = name.partition("}:")[2].partition(":")[0]
        if kind != "consents":
            [found[name.encode()]] = await store.ask((commands.get(kind, "GET"), name))
    return found


def _within_two_hours(hour: int) -> dict[str, Any]:
    """Which is so in no other part of the world."""
    since = {"op": "at_least", "fact": "now.hour", "value": hour}
    until = {"op": "below", "fact": "now.hour", "value": (hour + 2) % 24}
    return {"op": "all" if hour < 22 else "any", "of": [since, until]}


TELLING = {
    "a name": samples.variant(
        "a", RED, HOME, samples.text("{{ recipient.first_name | default('you') }}")
    ),
    "a share": samples.variant(
        "a", RED, HOME, condition={"op": "share", "percent": 50, "salt": "x"}
    ),
    "a purchase": samples.variant("a", RED, HOME, offer={"product": "rome"}),
    "an attribute": samples.variant(
        "a",
        RED,
        HOME,
        condition={"op": "equals", "fact": "recipient.attributes.plan", "value": "gold"},
    ),
    "not an attribute": samples.variant(
        "a",
        RED,
        HOME,
        condition={
            "op": "not",
            "of": {"op": "equals", "fact": "recipient.attributes.plan", "value": "gold"},
        },
    ),
    "who it is": samples.variant(
        "a", RED, HOME, condition={"op": "in", "fact": "recipient.id", "values": ["1001"]}
    ),
    "a consent": samples.variant(
        "a",
        RED,
        HOME,
        condition={"op": "contains", "fact": "recipient.consents", "value": "marketing"},
    ),
    "a cart": samples.variant("a", RED, HOME, offer={"personal": "cart", "not_bought": False}),
    "an order": samples.variant(
        "a", RED, HOME, condition={"op": "equals", "fact": "order.status", "value": "shipped"}
    ),
    "a cap": samples.variant("a", RED, HOME, cap={"times": 1, "over": "P1D"}),
    "a language": samples.variant("a", RED, HOME, samples.text({"en": "Trip", "fi": "Matka"})),
    "an hour": samples.variant("a", RED, HOME, condition=_within_two_hours(datetime.now(UTC).hour)),
}


@pytest.mark.parametrize("what", TELLING)
async def test_every_guess_is_answered_alike(victims: Site, what: str) -> None:
    block = samples.block(TELLING[what], time_zone="UTC", **{"class": "transactional"})
    await victims.publish(block)
    assert len(await _answers(victims, GUESSES)) == 1
    own = {await victims.colour(recipient=name, message=NOTICE) for name in VICTIMS}
    assert RED in own or what in ("a cap", "a share"), "by their own URLs it is shown"


@pytest.mark.parametrize("message", [MESSAGE, NOTICE])
async def test_a_marketing_block_tells_nothing_of_consent(victims: Site, message: str) -> None:
    assert len(await _answers(victims, GUESSES, message)) == 1
    assert samples.colour((await _open(victims, "1001", message)).content) == GREY


async def test_what_a_person_was_shown_is_not_told(victims: Site) -> None:
    """Aino saw red by her own URL. Then the picture changed for all."""
    await victims.publish(
        samples.block(samples.variant("a", RED, f"{HOME}red"), **{"class": "transactional"})
    )
    assert await victims.colour(recipient="1001", message=NOTICE) == RED
    own = await victims.click(recipient="1001", message=NOTICE)
    await victims.publish(
        samples.block(samples.variant("b", BLUE, f"{HOME}blue"), **{"class": "transactional"})
    )
    [(_, _, location, _)] = await _answers(victims, GUESSES)
    assert (own.headers["location"], location) == (f"{HOME}red", f"{HOME}blue")
    again = await victims.click(recipient="1001", message=NOTICE)
    assert again.headers["location"] == f"{HOME}red"


async def test_lots_by_guesses_tell_nothing_of_lots_by_persons(victims: Site) -> None:
    arms = [samples.variant(name, colour, HOME) for name, colour in (("a", RED), ("b", BLUE))]
    await victims.publish(samples.block(*arms, choose="split", **{"class": "transactional"}))
    people = [f"u{number}" for number in range(40)]
    own = [await victims.colour(recipient=name, message=NOTICE) for name in people]
    guessed = [samples.colour((await _open(victims, name)).content) for name in people]
    again = [samples.colour((await _open(victims, name)).content) for name in people]
    assert guessed == again, "the same URL shows the same arm"
    assert set(guessed) == {RED, BLUE}
    assert guessed != own
    assert 8 <= sum(a == b for a, b in zip(own, guessed, strict=True)) <= 32


async def test_a_guess_writes_into_nobodys_history(victims: Site, store: Store) -> None:
    capped = samples.variant("a", RED, HOME, cap={"times": 3, "over": "P1D"})
    offer = samples.variant("rome", GREEN, HOME, offer={"product": "rome", "not_bought": False})
    written = {"html": {"elements": [{"kind": "text", "text": "Hello"}]}}
    blocks = {
        "capped": samples.block(capped, offer, **{"class": "transactional"}),
        "alone": samples.block(offer, no_repeats=True, **{"class": "transactional"}),
        "plain": samples.block(offer | written, **{"class": "transactional"}),
    }
    for name, block in blocks.items():
        await victims.publish(block, name)
    for name in blocks:
        await victims.colour(recipient="1001", message=NOTICE, block=name)
    before = await _everything(store)
    assert any(b"1001}:shown:" in name for name in before)
    assert any(b"1001}:seen:" in name for name in before)
    assert any(b"1001}:claimed:" in name for name in before)
    for name in (BLOCK, *blocks):
        for tag in GUESSES:
            for purpose in Purpose:
                for message in (NOTICE, MESSAGE, "unknown"):
                    url = _url(victims, purpose, tag, message, name)
                    assert (await victims.client.get(url)).status_code in (200, 302)
    assert await _everything(store) == before


async def test_no_event_of_a_guess_names_a_person(victims: Site, store: Store) -> None:
    for tag in GUESSES:
        await _open(victims, tag, MESSAGE)
        await victims.client.get(_url(victims, Purpose.CLICK, tag, MESSAGE))
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    events = [orjson.loads(fields[b"event"]) for _, fields in entries]
    assert len(events) == 2 * len(GUESSES)
    assert not any({"recipient", "message"} & event.keys() for event in events)
    assert {event["detail"] for event in events} == {"RECIPIENT_UNKNOWN"}


async def test_a_block_that_is_not_personal_works(victims: Site, store: Store) -> None:
    stocked = samples.variant(
        "rome",
        RED,
        "{{ offer.link }}",
        samples.text("{{ offer.stock }}"),
        offer={"product": "rome", "not_bought": False},
    )
    await victims.publish(samples.block(stocked, **{"class": "transactional"}))
    for tag in GUESSES:
        assert samples.colour((await _open(victims, tag)).content) == RED
        click = await victims.client.get(_url(victims, Purpose.CLICK, tag))
        assert click.headers["location"] == samples.PRODUCTS["rome"]["link"]
    await victims.do("PATCH", "products/rome", {"stock": 0})
    assert samples.colour((await _open(victims, "1001")).content) == GREY
    assert not any("}:shown:" in name for name in await _kept(store))


async def test_a_handle_shows_its_person_alone(victims: Site, store: Store) -> None:
    handle = (await victims.do("POST", "recipients/1001/handle"))["handle"]
    other = (await victims.do("POST", "recipients/1002/handle"))["handle"]
    assert samples.colour((await _open(victims, handle, MESSAGE)).content) == GREEN
    assert (await _open(victims, handle, MESSAGE)).content == (
        await victims.open(recipient="1001", message=MESSAGE)
    ).content
    assert samples.colour((await _open(victims, other, MESSAGE)).content) == GREY
    click = await victims.client.get(_url(victims, Purpose.CLICK, handle, MESSAGE))
    assert click.headers["location"] == samples.PRODUCTS["oslo"]["link"]
    assert await store.find(store.keys.shown("1001", MESSAGE))
    forged = other.replace("1002", "1001")
    assert samples.colour((await _open(victims, forged, MESSAGE)).content) == GREY
    assert (await victims.counted())["BAD_SIGNATURE"] == 1


UUID = "7f2c9d0e-3b1a-4c55-9e0f-1a2b3c4d5e6f"


@asynccontextmanager
async def _of_uuids(settings: Settings, store_url: str) -> AsyncIterator[Site]:
    said = settings.model_copy(update={"tagged_ids": "unguessable"})
    async with running_site(said, store_url) as site:
        await site.fill()
        await _fill(site)
        await site.do("PUT", f"recipients/{UUID}", VICTIMS["1001"])
        yield site


async def test_where_ids_cannot_be_guessed_they_show_what_is_personal(
    settings: Settings, store_url: str, store: Store
) -> None:
    async with _of_uuids(settings, store_url) as site:
        assert samples.colour((await _open(site, UUID, MESSAGE)).content) == RED
        click = await site.client.get(_url(site, Purpose.CLICK, UUID, MESSAGE))
        assert click.headers["location"] == samples.PRODUCTS["rome"]["link"]
        assert await store.find(store.keys.shown(UUID, MESSAGE))


async def test_ids_that_can_be_guessed_stay_so_whatever_the_workspace_says(
    settings: Settings, store_url: str
) -> None:
    async with _of_uuids(settings, store_url) as site:
        long = "1" * 40
        await site.do("PUT", f"recipients/{long}", VICTIMS["1001"])
        assert len(await _answers(site, (*GUESSES, long), MESSAGE)) == 1
        assert samples.colour((await _open(site, long, MESSAGE)).content) == GREY


async def test_of_one_who_is_not_there_nothing_is_kept(
    settings: Settings, store_url: str, store: Store
) -> None:
    """Whoever has a tagged URL could make up ids for ever."""
    async with _of_uuids(settings, store_url) as site:
        offer = samples.variant("rome", GREEN, HOME, offer={"product": "rome", "not_bought": False})
        await site.publish(samples.block(offer, no_repeats=True, **{"class": "transactional"}))
        before = await _everything(store)
        for number in range(3):
            made_up = f"{number}{UUID[1:]}"
            assert samples.colour((await _open(site, made_up)).content) == GREY
            for purpose in (Purpose.CLICK, Purpose.HTML):
                await site.client.get(_url(site, purpose, made_up))
        assert await _everything(store) == before


@pytest.mark.parametrize("tag", ["*|UNIQID|*", "", "%2A%7CUNIQID%7C%2A", "a@b.example"])
async def test_what_names_nobody_gets_the_fallback_and_makes_nobody(
    victims: Site, store: Store, tag: str
) -> None:
    before = await _everything(store)
    assert samples.colour((await _open(victims, tag, MESSAGE)).content) == GREY
    click = await victims.client.get(_url(victims, Purpose.CLICK, tag, MESSAGE))
    assert click.headers["location"] == HOME
    assert (await victims.client.get(_url(victims, Purpose.HTML, tag, MESSAGE))).text == ""
    assert await _everything(store) == before
    assert await store.ask(("EXISTS", store.keys.events)) == [0]


async def test_a_fragment_of_a_tagged_url_has_urls_of_the_same_kind(victims: Site) -> None:
    await victims.publish(samples.block(TELLING["a name"], **{"class": "transactional"}))
    handle = (await victims.do("POST", "recipients/1001/handle"))["handle"]
    for tag in (handle, "1001"):
        html = (await victims.client.get(_url(victims, Purpose.HTML, tag))).text
        picture = make_tagged(
            victims.settings.keyring, Purpose.PICTURE, BLOCK, tag, NOTICE, ImageType.PNG
        )
        assert f'src="{BASE_URL}{picture}"'.replace("&", "&amp;") in html
        assert "&amp;k=" not in html


async def test_settings_of_tests_are_those_of_a_careful_workspace(tmp_path: Path) -> None:
    assert site_settings(tmp_path, "p").tagged_ids == "guessable"

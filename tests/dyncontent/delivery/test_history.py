"""What a person was shown before, and what that changes."""

import asyncio

import pytest

from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, GREY, HOST, MESSAGE, RECIPIENT, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
CAPPED = samples.variant("capped", RED, HOME, cap={"times": 2, "over": "P1D"})


async def test_a_capped_variant_is_shown_so_many_times(site: Site, store: Store) -> None:
    await site.publish(samples.block(CAPPED))
    assert [await site.colour() for _ in range(3)] == [RED, RED, GREY]
    assert await site.colour(message="another") == GREY
    assert await site.colour(recipient="nobody") == GREY
    name = store.keys.seen(RECIPIENT, BLOCK)
    [count, left] = await store.ask(("ZCARD", name), ("PTTL", name))
    assert count == 2
    assert 24 * 3600 * 1000 < left <= 2 * 24 * 3600 * 1000


async def test_what_was_shown_before_the_period_does_not_count(site: Site, store: Store) -> None:
    await site.publish(samples.block(CAPPED))
    await store.ask(("ZADD", store.keys.seen(RECIPIENT, BLOCK), 1000, "capped 1", 1001, "capped 2"))
    assert [await site.colour() for _ in range(3)] == [RED, RED, GREY]


async def test_a_machine_that_looks_ahead_is_not_counted(site: Site) -> None:
    await site.publish(samples.block(CAPPED))
    image = (await site.links())["image"]
    for _ in range(3):
        ahead = await site.client.get(image, headers={"user-agent": "Mozilla/5.0"})
        assert samples.colour(ahead.content) == RED


async def test_without_consent_to_tracking_nothing_is_counted_and_nothing_capped_shown(
    site: Site, store: Store
) -> None:
    await site.publish(samples.block(CAPPED))
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"tracking": False}})
    assert await site.colour() == GREY
    assert await store.ask(("EXISTS", store.keys.seen(RECIPIENT, BLOCK))) == [0]


async def test_a_person_keeps_their_arm_while_it_holds(site: Site) -> None:
    arms = [
        samples.variant(name, colour, HOME, offer={"product": name})
        for name, colour in (("rome", RED), ("oslo", samples.GREEN), ("riga", samples.BLUE))
    ]
    await site.publish(samples.block(*arms, choose="split"))
    first = await site.colour()
    product = {RED: "rome", samples.GREEN: "oslo", samples.BLUE: "riga"}[first]
    for salt in "abcdef":
        await site.publish(samples.block(*arms, choose="split", salt=salt))
        assert await site.colour() == first
    await site.do("PATCH", f"products/{product}", {"stock": 0})
    second = await site.colour()
    assert second not in (first, GREY)
    await site.do("PATCH", f"products/{product}", {"stock": 9})
    assert await site.colour() == second


async def test_a_product_is_not_repeated_in_a_message(site: Site) -> None:
    rome = samples.variant("rome", RED, HOME, offer={"product": "rome"})
    await site.publish(samples.block(rome, no_repeats=True), "other")
    assert await site.colour() == RED
    assert await site.colour(block="other") == GREY
    assert await site.colour(block="other", message="another-message") == GREY


async def test_a_product_is_not_repeated_by_blocks_that_are_opened_at_once(
    site: Site, store: Store
) -> None:
    offers = [
        samples.variant(name, colour, HOME, offer={"product": name})
        for name, colour in (("rome", RED), ("oslo", samples.GREEN))
    ]
    names = ("one", "two", "three")
    for name in names:
        await site.publish(samples.block(*offers, no_repeats=True), name)
    shown = [await asyncio.gather(*(site.colour(block=name) for name in names)) for _ in range(4)]
    assert sorted(shown[0]) == sorted((RED, samples.GREEN, GREY))
    assert shown == [shown[0]] * 4
    await site.do("PATCH", "products/rome", {"stock": 0})
    await asyncio.gather(*(site.colour(block=name) for name in names))
    claimed = store.keys.claimed(RECIPIENT, MESSAGE)
    assert await store.ask(("HKEYS", claimed)) == [[b"oslo"]]


async def test_who_is_held_out_gets_the_fallback_and_the_event_says_what_was_withheld(
    site: Site, store: Store
) -> None:
    arm = samples.variant("a", RED, HOME)
    await site.publish(samples.block(arm, hold_out=50))
    colours = {}
    for number in range(40):
        person = f"person-{number}"
        await site.do("PUT", f"recipients/{person}", {"consents": samples.CONSENTS})
        colours[person] = await site.colour(recipient=person)
    assert set(colours.values()) == {RED, GREY}
    [events] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    held = [event for event in events if b'"withheld":"a"' in event[1][b"event"]]
    assert len(held) == list(colours.values()).count(GREY)
    assert (await site.counted())["HELD_OUT"] == len(held)

"""What is known at an open, and in how many rounds it is read."""

from datetime import UTC, datetime

import pytest

from dyncontent.delivery import facts
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.facts import Situation
from dyncontent.delivery.reading import Reading
from dyncontent.store.command import Command
from dyncontent.store.store import Store
from rules.facts import Selector
from tests import samples
from tests.samples import BLOCK, HOST, MESSAGE, RECIPIENT
from tests.site import Site

pytestmark = pytest.mark.anyio


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIMILAR = Selector("similar_to", "rome")


async def _situation(store: Store) -> Situation:
    found = await Reading(store).run(
        lambda reading: facts.situation(
            reading,
            store.keys,
            facts.live_block(reading, store.keys, BLOCK),
            facts.Asked(RECIPIENT, MESSAGE, NOW, Verdict.HUMAN),
        )
    )
    assert found is not None
    return found


async def test_similar_are_the_own_alternatives_then_the_nearest_price(
    site: Site, store: Store
) -> None:
    assert (await _situation(store)).facts.candidates == {SIMILAR: ("oslo", "riga")}
    await site.do("PATCH", "products/rome", {"alternatives": []})
    assert (await _situation(store)).facts.candidates == {SIMILAR: ("riga", "oslo")}


async def test_a_product_that_changes_its_category_or_price_is_found_anew(
    site: Site, store: Store
) -> None:
    await site.do("PATCH", "products/rome", {"alternatives": []})
    await site.do("PATCH", "products/oslo", {"price": {"amount": "985.00"}})
    assert (await _situation(store)).facts.candidates == {SIMILAR: ("oslo", "riga")}
    await site.do("PATCH", "products/oslo", {"category": "beaches"})
    assert (await _situation(store)).facts.candidates == {SIMILAR: ("riga",)}
    await site.do("PATCH", "products/riga", {"price": {"amount": "900.00", "currency": "SEK"}})
    assert (await _situation(store)).facts.candidates == {SIMILAR: ()}


async def test_with_copies_at_hand_an_open_reads_the_person_alone_in_one_round(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.copies.prove(float("inf"))
    await _situation(store)
    asked: list[tuple[Command, ...]] = []
    real = store.ask

    def watched(*commands: Command) -> object:
        asked.append(commands)
        return real(*commands)

    monkeypatch.setattr(store, "ask", watched)
    await _situation(store)
    assert asked == [(("GET", store.keys.recipient(RECIPIENT)),)]


@pytest.mark.parametrize(
    ("message", "person", "spoken"),
    [({"locale": "fi"}, {"locale": "et"}, "fi"), ({}, {"locale": "et"}, "et"), ({}, {}, "ru")],
)
async def test_the_email_speaks_its_own_language_then_the_persons_then_the_blocks(
    site: Site, store: Store, message: dict[str, str], person: dict[str, str], spoken: str
) -> None:
    await site.publish(samples.block(locale="ru"))
    await site.do("PUT", f"messages/{MESSAGE}", {"class": "marketing"} | message)
    await site.do("PUT", f"recipients/{RECIPIENT}", person)
    assert (await _situation(store)).locale == spoken


async def test_an_order_is_read_only_where_a_block_shows_it(site: Site, store: Store) -> None:
    await site.do("PUT", "orders/A-1", {"status": "shipped"})
    await site.do("PUT", f"messages/{MESSAGE}", {"class": "marketing", "order": "A-1"})
    assert (await _situation(store)).facts.order == {}
    condition = {"op": "equals", "fact": "order.status", "value": "shipped"}
    shipped = samples.variant("s", samples.RED, f"https://{HOST}/", condition=condition)
    await site.publish(samples.block(shipped))
    assert (await _situation(store)).facts.order == {"status": "shipped"}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"op": "equals", "fact": "open.client", "value": "human"}, True),
        ({"op": "equals", "fact": "open.client", "value": "prefetch"}, False),
        ({"op": "equals", "fact": "recipient.id", "value": RECIPIENT}, True),
        ({"op": "after", "fact": "now.instant", "value": "2026-11-20"}, True),
        ({"op": "share", "percent": 100, "salt": "all"}, True),
        ({"op": "share", "percent": 0, "salt": "all"}, False),
        ({"op": "above", "fact": "now.hour", "value": 0}, True),
    ],
)
async def test_what_the_server_itself_knows_can_be_asked_of(
    site: Site, condition: dict[str, object], holds: bool
) -> None:
    asking = samples.variant("a", samples.RED, f"https://{HOST}/", condition=condition)
    await site.publish(samples.block(asking, time_zone="Pacific/Kiritimati"))
    assert (await site.colour() == samples.RED) is holds


@pytest.mark.parametrize(
    ("person", "block", "zone"),
    [
        ({"time_zone": "Europe/Riga"}, {"time_zone": "Europe/Oslo"}, "Europe/Riga"),
        ({}, {"time_zone": "Europe/Oslo"}, "Europe/Oslo"),
        ({}, {}, "None"),
    ],
)
async def test_the_clock_is_the_persons_then_the_blocks(
    site: Site, store: Store, person: dict[str, str], block: dict[str, str], zone: str
) -> None:
    await site.publish(samples.block(**block))
    await site.do("PUT", f"recipients/{RECIPIENT}", person)
    assert str((await _situation(store)).facts.moment.zone) == zone

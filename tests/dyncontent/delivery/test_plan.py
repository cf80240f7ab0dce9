"""What is found once for a block: on it the short way answers as the long one does."""

import itertools
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.catalog.message import Message
from dyncontent.delivery import facts
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.plan import Plan, Plans
from dyncontent.delivery.reading import Reading
from dyncontent.delivery.urls import Address, Purpose
from dyncontent.delivery.visit import Visit
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Store
from renderers.encode import ImageType
from tests import samples
from tests.samples import BLOCK, GREEN, GREY, HOST, MESSAGE, RECIPIENT, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
ADDRESS = Address(Purpose.PICTURE, BLOCK, ImageType.PNG, RECIPIENT, MESSAGE)
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _visit(at: float = 0, **changes: Any) -> Visit:
    """A visit that began at an instant of the server's clock."""
    address = ADDRESS._replace(**changes)
    return Visit(address, False, Verdict.HUMAN, b"", at, at, AT.timestamp())


PLAIN = samples.block(
    samples.variant("rome", RED, "{{ offer.link }}", offer={"product": "rome"}),
    samples.variant(
        "golden",
        GREEN,
        HOME,
        condition={"op": "equals", "fact": "recipient.attributes.level", "value": "gold"},
    ),
)
PEOPLE: tuple[dict[str, Any], ...] = (
    {},
    {"consents": {"marketing": True}},
    {"consents": samples.CONSENTS, "time_zone": "Europe/Riga", "locale": "et"},
    {"consents": samples.CONSENTS, "attributes": {"level": "gold", "other": "x"}},
    {"consents": samples.CONSENTS | {"tracking": False}, "attributes": {"level": "gold"}},
)


@pytest.fixture
async def plain(site: Site) -> Site:
    await site.do("PUT", "attributes", {"recipient": {"level": "text", "other": "text"}})
    await site.publish(PLAIN)
    return site


async def _read(store: Store) -> facts.Situation | None:
    """The long way's situation; all that it read is at hand then."""
    store.copies.prove(float("inf"))
    asked = facts.Asked(RECIPIENT, MESSAGE, AT, Verdict.HUMAN)
    return await Reading(store).run(
        lambda reading: facts.situation(
            reading, store.keys, facts.live_block(reading, store.keys, BLOCK), asked
        )
    )


async def _found(store: Store) -> tuple[Plan, Message] | None:
    await _read(store)
    return Plans(store).find(_visit())


@pytest.mark.parametrize("person", PEOPLE)
async def test_a_plan_finds_the_situation_that_a_reading_finds(
    plain: Site, store: Store, person: dict[str, Any]
) -> None:
    await plain.do("PUT", f"recipients/{RECIPIENT}", person)
    await plain.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "oslo"})
    whole = await _read(store)
    found = await _found(store)
    assert whole is not None
    assert found is not None
    plan, sent = found
    key = store.keys.recipient(RECIPIENT)
    [raw] = await store.ask(("GET", key))
    quick = plan.situation(_visit(), sent, key, raw)
    names = {"consents", "purchases", "attributes.level"}
    known = {name: value for name, value in whole.facts.recipient.items() if name in names}
    assert quick.facts.recipient == known
    assert (quick.facts.moment.at, quick.facts.moment.zone) == (AT, whole.facts.moment.zone)
    assert quick.facts.person == whole.facts.person
    for source in ("message", "order", "cart", "source", "open", "products", "shown"):
        assert getattr(quick.facts, source) == getattr(whole.facts, source)
    assert quick.facts.unit == whole.facts.unit
    assert quick._replace(facts=whole.facts) == whole


@pytest.mark.parametrize(
    "more",
    [
        {"choose": "split"},
        {"no_repeats": True},
        {"variants": [samples.variant("s", RED, HOME, offer={"similar_to": "rome"})]},
        {"variants": [samples.variant("s", RED, HOME, offer={"personal": "cart"})]},
        {"variants": [samples.variant("s", RED, HOME, cap={"times": 1, "over": "P1D"})]},
        {
            "variants": [
                samples.variant("s", RED, HOME, condition={"op": "is_set", "fact": "order.status"})
            ]
        },
    ],
)
async def test_a_block_that_needs_more_has_no_plan(
    plain: Site, store: Store, more: dict[str, Any]
) -> None:
    await plain.publish(PLAIN | more)
    assert await _found(store) is None


async def test_there_is_a_plan_only_while_all_is_at_hand(plain: Site, store: Store) -> None:
    plans = Plans(store)
    assert plans.find(_visit()) is None
    assert await _found(store) is not None
    assert plans.find(_visit()) is not None
    assert plans.find(_visit(message="other")) is None
    assert plans.find(_visit(block="other")) is None
    assert plans.find(_visit(recipient="")) is None
    await plain.do("PATCH", "products/rome", {"stock": 0})
    store.copies.forget(store.keys.product("rome"))
    assert plans.find(_visit()) is None
    await _read(store)
    found = plans.find(_visit())
    assert found is not None
    assert found[0].has("rome")
    store.copies.doubt()
    assert plans.find(_visit()) is None


async def test_a_plan_is_worth_nothing_once_its_copies_may_be_stale(
    plain: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = Plans(store)
    await _read(store)
    assert plans.find(_visit()) is not None
    monkeypatch.setattr(type(store.copies), "fresh", False)
    assert plans.find(_visit()) is None


async def test_the_copies_that_a_plan_rests_on_count_as_used(plain: Site, store: Store) -> None:
    """Else its block would be the first to go, and have no fallback once the store is gone."""
    plans = Plans(store)
    await _read(store)
    raw = b"x" * (1 << 20)
    for second in range(100):
        assert plans.find(_visit(second * 1.1)) is not None
        store.copies.keep(store.copies.start_reading(), f"other {second}", raw, None)
    assert facts.last_block(store.copies, store.keys, BLOCK) is not None
    assert store.copies.last("other 0") is MISSING


async def _left(store: Store) -> list[Any]:
    """What opens and clicks left, without when it was."""
    keys = store.keys
    events, shown, receipts = await store.ask(
        ("XRANGE", keys.events, "-", "+"),
        ("HGETALL", keys.shown(RECIPIENT, MESSAGE)),
        ("XRANGE", keys.receipts(RECIPIENT), "-", "+"),
    )
    told = [orjson.loads(fields[b"event"]) for _, fields in events]
    kept = [orjson.loads(fields[b"receipt"]) for _, fields in receipts]
    await store.ask(("UNLINK", keys.events), ("UNLINK", keys.receipts(RECIPIENT)))
    return [[one | {"at": 0} for one in told], shown, [one | {"at": 0} for one in kept]]


def _told(response: httpx.Response) -> tuple[Any, ...]:
    headers = {name: value for name, value in response.headers.items() if name != "date"}
    return response.status_code, headers, response.content


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets which way is gone, and tells how often a plan was found."""
    found: list[bool] = []
    real = Plans.find

    def set_way(way: str) -> int:
        def find(plans: Plans, visit: Visit) -> Any:
            plan = real(plans, visit) if way == "short" else None
            found.append(plan is not None)
            return plan

        count = sum(found)
        found.clear()
        monkeypatch.setattr(Plans, "find", find)
        return count

    return set_way


@pytest.mark.parametrize("person", PEOPLE)
async def test_both_ways_answer_and_leave_the_same(
    plain: Site, store: Store, ways: Any, person: dict[str, Any]
) -> None:
    await plain.do("PUT", f"recipients/{RECIPIENT}", person)
    links = await plain.links()
    etag = (await plain.client.get(links["image"])).headers["etag"]
    asked = [
        ("GET", links["image"], {}),
        ("GET", links["click"], {}),
        ("HEAD", links["image"], {}),
        ("HEAD", links["click"], {}),
        ("GET", links["image"], {"if-none-match": etag}),
        ("GET", links["image"], {"user-agent": "Mozilla/5.0 GoogleImageProxy"}),
    ]
    for stock in (7, 0):
        await plain.do("PATCH", "products/rome", {"stock": stock})
        for kind in ("image", "click"):
            await plain.client.get(links[kind])
        both: list[Any] = []
        for way in ("long", "short"):
            await _left(store)
            ways(way)
            answers = []
            for method, url, headers in asked:
                response = await plain.client.request(method, url, headers=headers)
                answers.append(_told(response))
            both.append((answers, await _left(store)))
        assert ways("long") == len(asked)
        assert both[0] == both[1]


@pytest.mark.parametrize("erased", [False, True])
async def test_the_short_way_turns_off_where_nobody_is_stored(
    plain: Site, store: Store, ways: Any, *, erased: bool
) -> None:
    links = await plain.links()
    ways("short")
    assert samples.colour((await plain.client.get(links["image"])).content) == RED
    if erased:
        await plain.do("POST", f"recipients/{RECIPIENT}/erase")
    else:
        await plain.do("DELETE", f"recipients/{RECIPIENT}")
    assert samples.colour((await plain.client.get(links["image"])).content) == GREY
    assert (await plain.client.get(links["click"])).headers["location"] == HOME


async def test_a_click_on_what_another_version_showed_turns_off(plain: Site, ways: Any) -> None:
    links = await plain.links()
    ways("short")
    for _ in range(2):
        await plain.client.get(links["image"])
    await plain.publish(samples.block(samples.variant("new", GREEN, f"{HOME}new")))
    target = (await plain.client.get(links["click"])).headers["location"]
    assert target == samples.PRODUCTS["rome"]["link"]


async def test_a_picture_that_is_not_at_hand_is_drawn_on_the_long_way(
    plain: Site, ways: Any
) -> None:
    links = await plain.links()
    ways("short")
    colours = []
    for number in itertools.count():
        colours.append(samples.colour((await plain.client.get(links["image"])).content))
        if number == 2:
            await plain.do("PATCH", "products/rome", {"stock": 0})
            gold = {"attributes": {"level": "gold"}}
            await plain.do("PATCH", f"recipients/{RECIPIENT}", gold)
        if number == 4:
            break
    assert colours == [RED, RED, RED, GREEN, GREEN]

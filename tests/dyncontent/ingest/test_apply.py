"""Events on a real store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.product import Product
from dyncontent.errors import ProblemError
from dyncontent.ingest import apply as apply_module
from dyncontent.ingest.apply import Ingest, Outcome
from dyncontent.ingest.happenings import (
    Bought,
    Changed,
    Event,
    Happening,
    Level,
    Listed,
    Ordered,
    Parts,
    Refunded,
    Withdrawn,
)
from dyncontent.metrics import Metrics
from dyncontent.store.store import Store
from rules.facts import FactType

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Told:
    """Events that are told one after the other, each an hour after the last if nothing is said."""

    def __init__(self, store: Store) -> None:
        self.catalogue = Catalogue(store, AllowedHosts.of(("shop.example",)))
        self.ingest = Ingest(store, self.catalogue, Metrics())
        self.count = 0

    async def __call__(self, *happenings: Happening, at: int | None = None) -> Outcome:
        self.count += 1
        event = Event(f"e{self.count}", _at(self.count if at is None else at), happenings)
        [outcome] = await self.ingest.take("s", [event], NOW + timedelta(days=30))
        return outcome


def _at(hour: int) -> datetime:
    return NOW + timedelta(hours=hour)


@pytest.fixture
def told(store: Store) -> Told:
    return Told(store)


async def test_outcomes(told: Told) -> None:
    first = await told(Changed("recipient", "r", {"first_name": "A"}), at=2)
    assert first == Outcome("applied")
    late = await told(Changed("recipient", "r", {"first_name": "B"}), at=1)
    assert late == Outcome("unchanged")
    assert await told() == Outcome("ignored")
    refused = await told(Changed("recipient", "r", {"first_name": 5}))
    assert refused.result == "refused"
    assert refused.problem is not None
    partly = await told(Changed("recipient", "r", {"first_name": 5, "last_name": "K"}))
    assert (partly.result, partly.problem is not None) == ("applied", True)
    person = await told.catalogue.get(RECIPIENT, "r")
    assert (person.first_name, person.last_name) == ("A", "K")


async def test_a_part_of_what_is_known_already_may_be_refused_too(told: Told) -> None:
    await told(Changed("recipient", "r", {"first_name": "A"}), at=5)
    partly = await told(Changed("recipient", "r", {"first_name": "B", "last_name": 5}), at=1)
    assert (partly.result, partly.problem is not None) == ("unchanged", True)


async def test_what_events_tell_is_provided(told: Told, store: Store) -> None:
    await told(Changed("recipient", "r", {"attributes.plan": "x"}))
    [provided] = await store.ask(("SMEMBERS", store.keys.provided))
    assert b"recipient.attributes.plan" in provided


async def test_a_product_is_told_to_all_processes(told: Told, store: Store) -> None:
    await told(Changed("product", "p", {"stock": 3}))
    [entries] = await store.ask(("XRANGE", store.keys.changes, "-", "+"))
    assert [fields[b"key"].decode() for _, fields in entries] == [store.keys.product("p")]
    await told(Changed("product", "p", {"stock": 4}), at=0)
    [entries] = await store.ask(("XRANGE", store.keys.changes, "-", "+"))
    assert len(entries) == 1


async def test_a_product_keeps_its_place_in_its_category(told: Told, store: Store) -> None:
    price = {"amount": "5.00", "currency": "EUR"}
    await told(Changed("product", "p", {"category": "x", "price": price}))
    assert await store.ask(("ZRANGE", store.keys.category("x", "EUR"), 0, -1)) == [[b"p"]]


async def test_unknown_products_are_made_by_those_alone_who_may(told: Told) -> None:
    outcome = await told(Changed("product", "p", {"stock": 1}, create=False))
    assert outcome.result == "refused"
    assert outcome.problem is not None
    assert [field.path for field in outcome.problem.fields] == ["product"]
    with pytest.raises(NotFoundError):
        await told.catalogue.get(PRODUCT, "p")
    await told.catalogue.put(PRODUCT, "p", Product())
    later = Changed("product", "p", {"stock": 1}, create=False)
    [outcome] = await told.ingest.take("s", [Event("x", None, (later,))], datetime.now(UTC))
    assert outcome == Outcome("applied")


async def test_a_message_needs_a_class(told: Told) -> None:
    refused = await told(Changed("message", "m", {"locale": "fi"}))
    assert refused.problem is not None
    assert [field.path for field in refused.problem.fields] == ["class"]
    assert (await told(Changed("message", "m", {"class": "marketing"}))).result == "applied"
    assert (await told(Changed("message", "m", {"locale": "fi"}))).result == "applied"
    assert (await told.catalogue.get(MESSAGE, "m")).locale == "fi"


async def test_an_order_reaches_its_people_whenever_they_are_known(told: Told) -> None:
    await told(Refunded("o", "r1", {"b": 1}))
    await told(Ordered("o", None, {"a": 1, "b": 1}, void=False, fields={"status": "received"}))
    assert (await told.catalogue.get(ORDER, "o")).status == "received"
    await told(Ordered("o", "r"))
    assert set((await told.catalogue.get(RECIPIENT, "r")).purchases) == {"a"}
    await told(Refunded("o", "r2", None))
    assert (await told.catalogue.get(RECIPIENT, "r")).purchases == {}


async def test_what_failed_in_between_is_made_good_by_a_repeat(
    told: Told, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order was written, and its person was not."""
    event = Event("e", _at(1), (Ordered("o", "r", {"a": 1}, void=False),))
    amend = Catalogue.amend

    async def failing(self: Catalogue, kind: Any, *more: Any) -> None:
        if kind is RECIPIENT:
            raise RuntimeError("killed")
        await amend(self, kind, *more)

    monkeypatch.setattr(Catalogue, "amend", failing)
    with pytest.raises(RuntimeError):
        await told.ingest.take("s", [event], _at(2))
    monkeypatch.undo()
    assert await told.ingest.take("s", [event], _at(2)) == [Outcome("applied")]
    assert set((await told.catalogue.get(RECIPIENT, "r")).purchases) == {"a"}
    assert await told.ingest.take("s", [event], _at(2)) == [Outcome("unchanged")]


async def test_levels_wait_for_their_product_and_then_stay(told: Told, store: Store) -> None:
    await told(Level("i", "tallinn", 4))
    key = store.keys.stock_part("i")
    [left] = await store.ask(("TTL", key))
    assert 0 < left <= apply_module.STRAY_PARTS_KEPT
    await told(Changed("product", "p", {"category": "x"}), Parts("p", ("i",), {"i": 9}))
    assert (await told.catalogue.get(PRODUCT, "p")).stock == 4
    assert await store.ask(("TTL", key)) == [-1]
    await told(Level("i", "tartu", 3))
    assert (await told.catalogue.get(PRODUCT, "p")).stock == 7


async def test_a_withdrawal_is_recorded(told: Told) -> None:
    await told(Withdrawn("r"))
    records, _ = await told.catalogue.consent_history("r", 10)
    assert [(record.purpose, record.given) for record in records] == [("marketing.email", False)]


async def test_lists_heed_declared_types(told: Told) -> None:
    types = AttributeTypes(recipient={"viewed": FactType.TEXT})
    await told.catalogue.put_attribute_types(types)
    assert (await told(Listed("r", "attributes.viewed", "p"))).result == "refused"
    assert (await told(Listed("r", "watched", "p"))).result == "applied"


async def test_what_cannot_be_kept_changes_nothing(told: Told) -> None:
    many = {f"attributes.a{number}": number for number in range(200)}
    assert (await told(Changed("recipient", "r", many))).result == "applied"
    one_more = await told(Changed("recipient", "r", {"attributes.b": 1}), Bought("r", "p"))
    assert (one_more.result, one_more.problem is not None) == ("applied", True)
    person = await told.catalogue.get(RECIPIENT, "r")
    assert "b" not in person.attributes
    assert set(person.purchases) == {"p"}
    assert (await told(Changed("recipient", "r", {"attributes.a1": None}))).result == "applied"
    assert (await told(Changed("recipient", "r", {"attributes.b": 1}))).result == "applied"


async def test_very_many_events_at_once(told: Told) -> None:
    def event(number: int) -> Event:
        return Event(str(number), _at(0), (Bought(f"r{number % 3}", f"p{number}"),))

    outcomes = await told.ingest.take("s", [event(number) for number in range(450)], _at(1))
    assert outcomes == [Outcome("applied")] * 450
    assert len((await told.catalogue.get(RECIPIENT, "r1")).purchases) == 150


def _undated(event: str, name: str) -> Event:
    return Event(event, None, (Changed("recipient", "r", {"first_name": name}),))


async def test_the_first_arrival_of_what_is_not_dated_counts(told: Told) -> None:
    async def take(events: Sequence[Event | ProblemError], hour: int) -> list[str]:
        return [outcome.result for outcome in await told.ingest.take("s", events, _at(hour))]

    bad = ProblemError(422, "INVALID", "no")
    assert await take([bad, _undated("1", "A")], 1) == ["refused", "applied"]
    assert await take([_undated("2", "B"), bad], 2) == ["applied", "refused"]
    assert await take([_undated("1", "A")], 3) == ["unchanged"]
    assert (await told.catalogue.get(RECIPIENT, "r")).first_name == "B"


async def test_a_shaky_instant_is_that_of_the_first_telling(told: Told) -> None:
    def event(hour: int) -> Event:
        happening = Changed("recipient", "r", {"first_name": "A"})
        return Event("1", _at(hour), (happening,), shaky=True)

    await told.ingest.take("s", [event(1)], _at(5))
    await told(Changed("recipient", "r", {"first_name": "B"}), at=2)
    assert await told.ingest.take("s", [event(3)], _at(5)) == [Outcome("unchanged")]


@pytest.mark.parametrize(("minutes", "result"), [(5, "applied"), (6, "refused")])
async def test_the_future_is_refused(told: Told, minutes: int, result: str) -> None:
    event = Event("1", NOW + timedelta(minutes=minutes), (Bought("r", "p"),))
    [outcome] = await told.ingest.take("s", [event], NOW)
    assert outcome.result == result
    if outcome.problem:
        assert outcome.problem.code == "FUTURE"

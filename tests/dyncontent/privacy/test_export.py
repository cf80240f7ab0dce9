"""All that is held of a person is told."""

import pytest

from dyncontent.privacy.erasure import erase
from dyncontent.privacy.export import export
from dyncontent.privacy.kept import KINDS
from dyncontent.store.store import Store
from tests.dyncontent.privacy.support import OTHER, PERSON, fill
from tests.dyncontent.privacy.test_erasure import KEYRING
from tests.samples import BLOCK, MESSAGE
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_everything_is_told(site: Site, store: Store) -> None:
    await fill(site)
    await fill(site, OTHER)
    told = await export(store, PERSON)
    assert told is not None
    assert set(told) >= {"id", "exported_at", "profile", "events", "messages", "orders", *KINDS}
    assert told["profile"]["first_name"] == "Leida"
    assert set(told["profile"]["purchases"]) == {"riga"}
    assert [record["purpose"] for record in told["consents"]] == [
        "marketing.email",
        "tracking",
        "profiling",
    ]
    assert told["shown"][MESSAGE][BLOCK] == {"version": 1, "variant": "rome", "offer": "rome"}
    assert told["claimed"] == {MESSAGE: {"oslo": "alone"}}
    assert [showing["variant"] for showing in told["seen"]["capped"]] == ["a"]
    assert {event["recipient"] for event in told["events"]} == {PERSON}
    assert len(told["events"]) == 6


async def test_orders_of_messages_that_the_person_opened_are_told(site: Site, store: Store) -> None:
    await site.do("PUT", "orders/o1", {"status": "shipped", "tracking": "JJFI"})
    await site.do("PUT", "messages/m1", {"class": "transactional", "order": "o1"})
    await site.do("PUT", "messages/m2", {"class": "transactional", "order": "lost"})
    await fill(site)
    for message in ("m1", "m2", "unknown"):
        await site.open(recipient=PERSON, message=message)
    told = await export(store, PERSON)
    assert told is not None
    assert set(told["messages"]) == {"m1", "m2"}
    assert told["orders"] == {"o1": {"status": "shipped", "tracking": "JJFI"}}


async def test_of_who_is_not_held_there_is_nothing_to_tell(site: Site, store: Store) -> None:
    assert await export(store, PERSON) is None
    await site.open(recipient=PERSON)
    told = await export(store, PERSON)
    assert told is not None
    assert (told["profile"], set(told["shown"])) == (None, {MESSAGE})
    await erase(store, KEYRING, PERSON)
    assert await export(store, PERSON) is None

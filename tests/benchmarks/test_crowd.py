"""Very many people are written as the control plane writes them."""

from typing import Any

import orjson
import pytest

from benchmarks import crowd
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.catalog.recipient import Recipient
from dyncontent.store.store import Store
from tests.site import Site

pytestmark = pytest.mark.anyio
PEOPLE = range(7, 12)


async def test_they_are_what_the_control_plane_leaves(site: Site, store: Store) -> None:
    before = await _everything(store)
    for number in PEOPLE:
        name = crowd.recipient_id(number)
        await site.do("POST", "recipients/bulk", orjson.dumps({"id": name} | crowd.person(number)))
        for product, at in crowd.purchases(number):
            said = {"product": product} | ({"at": at.isoformat()} if at else {})
            await site.do("POST", f"recipients/{name}/purchases", said)
    made = await _everything(store)
    assert before.keys() < made.keys()
    for number in PEOPLE:
        key = store.keys.recipient(crowd.recipient_id(number))
        as_of = Recipient.read(made[key]).as_of
        told = [as_of[f"purchases.{product}"] for product, _ in crowd.purchases(number)]
        assert crowd.recipient(number, as_of[""], told).encoded() == made[key]

    for number in PEOPLE:
        await site.do("DELETE", f"recipients/{crowd.recipient_id(number)}")
        await store.ask(("UNLINK", store.keys.consents(crowd.recipient_id(number))))
    assert await _everything(store) == before
    await store.ask(*crowd.written(store.keys, PEOPLE))
    written = await _everything(store)
    assert written.keys() == made.keys()
    for key in written.keys() - before.keys():
        assert type(written[key]) is type(made[key])
        if key in RECIPIENT.lists(store.keys):
            assert written[key] == made[key]


async def test_those_who_are_alike_differ_in_their_names_alone(store: Store) -> None:
    await store.ask(*crowd.written(store.keys, range(6), different=3))
    keys = [store.keys.recipient(crowd.recipient_id(number)) for number in range(6)]
    documents = await store.ask(*(("GET", key) for key in keys))
    assert documents[:3] == documents[3:]
    assert len(set(documents)) == 3


async def _everything(store: Store) -> dict[str, Any]:
    """What is under each key of people, and in the lists of them."""
    keys = sorted(await store.find(f"{store.keys.prefix}:recipient"))
    keys += sorted(await store.find(f"{{{store.keys.recipient('')}"))
    types = [await _type(store, key) for key in keys]
    read = {"string": ("GET",), "zset": ("ZRANGE", 0, -1), "list": ("LRANGE", 0, -1)}
    found: dict[str, Any] = {}
    for key, kind in zip(keys, types, strict=True):
        name, *rest = read[kind]
        [found[key]] = await store.ask((name, key, *rest))
    return found


async def _type(store: Store, key: str) -> str:
    [kind] = await store.ask(("TYPE", key))
    return str(kind.decode() if isinstance(kind, bytes) else kind)

"""Stored hosts, and what servers know of them."""

import pytest

from dyncontent.catalog.hosts import Hosts, StoredHosts
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.precondition import Precondition, PreconditionError, etag
from dyncontent.store.connection import connect
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio
OF_SETTINGS = AllowedHosts.of(("set.example",))


async def test_they_are_joined_with_those_of_the_settings(store: Store) -> None:
    hosts = StoredHosts(store, OF_SETTINGS)
    assert await hosts.now() == OF_SETTINGS
    assert (await hosts.stored()).hosts == ()
    await hosts.put(Hosts(hosts=("B.example", "a.example:81", "b.example")))
    assert (await hosts.stored()).hosts == ("a.example:81", "b.example")
    assert (await hosts.now()).names == {"set.example", "a.example:81", "b.example"}


async def test_without_push_they_are_asked_for_each_time(store: Store, store_url: str) -> None:
    other = Store(connect(store_url), store.keys)
    here, there = StoredHosts(store, OF_SETTINGS), StoredHosts(other, OF_SETTINGS)
    for names in (("a.example",), ()):
        await here.put(Hosts(hosts=names))
        assert (await there.now()).names == {"set.example", *names}
    await other.aclose()


@pytest.mark.parametrize("names", [None, ("a.example",)])
async def test_a_fresh_copy_is_used(store: Store, names: tuple[str, ...] | None) -> None:
    hosts = StoredHosts(store, OF_SETTINGS)
    if names:
        await hosts.put(Hosts(hosts=names))
    store.copies.prove(store.copies._clock() + 60)
    now = await hosts.now()
    assert store.copies.find(hosts.key) == now
    await store.aclose()  # what is asked from here on fails
    assert await hosts.now() is now


async def test_the_last_known_ones_are_left_when_the_store_is_gone(store: Store) -> None:
    hosts = StoredHosts(store, OF_SETTINGS)
    assert hosts.last() == OF_SETTINGS
    await hosts.put(Hosts(hosts=("a.example",)))
    await hosts.now()
    store.copies.doubt()
    assert store.copies.find(hosts.key) is MISSING
    assert hosts.last().names == {"set.example", "a.example"}


async def test_of_two_editors_one_is_told(store: Store) -> None:
    hosts = StoredHosts(store, OF_SETTINGS)
    seen = Precondition((etag(await hosts.stored()),))
    await hosts.put(Hosts(hosts=("a.example",)), seen)
    with pytest.raises(PreconditionError):
        await hosts.put(Hosts(hosts=("b.example",)), seen)

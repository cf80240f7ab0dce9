"""Documents changed atomically, and changes that reach every process."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from redis import Redis

from dyncontent.store import store as store_module
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Change, ContentionError, Store, Writing

pytestmark = pytest.mark.anyio


@pytest.fixture
def other(store_url: str) -> Iterator[Redis]:
    """A client of its own, that has written when it returns."""
    with Redis.from_url(store_url) as client:
        yield client


async def test_no_change_is_lost_however_many_write(store_url: str, prefix: str) -> None:
    stores = [Store(connect(store_url), Keys(prefix)) for _ in range(4)]
    key = f"{{{prefix}}}:count"

    async def count(store: Store) -> None:
        def one_more(raw: bytes | None) -> Change:
            return Change((("SET", key, int(raw or 0) + 1),))

        await store.update(key, one_more)

    await asyncio.gather(*(count(store) for store in stores for _ in range(50)))
    assert await stores[0].ask(("GET", key)) == [b"200"]
    for store in stores:
        await store.aclose()


async def test_a_change_and_its_companions_are_written_as_one(store: Store) -> None:
    key, other = store.keys.product("a"), store.keys.product("b")
    await store.update(key, lambda _: Change((("SET", key, "1"), ("SADD", other, "x", "y"))))
    assert await store.ask(("GET", key), ("SCARD", other)) == [b"1", 2]


async def test_a_change_that_is_refused_writes_nothing(store: Store, prefix: str) -> None:
    def refused(_: bytes | None) -> Change:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.update(prefix, refused)
    assert await store.ask(("EXISTS", prefix)) == [0]


async def test_endless_contention_is_given_up_with_an_error(
    store: Store, other: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_TRIES", 3)
    calls = 0

    def always_too_late(_: bytes | None) -> Change:
        nonlocal calls
        calls += 1
        other.set(prefix, calls)
        return Change((("SET", prefix, "mine"),))

    with pytest.raises(ContentionError):
        await store.update(prefix, always_too_late)
    assert calls == 3


async def test_a_write_of_which_a_part_fails_leaves_the_document_as_it_was(store: Store) -> None:
    key = store.keys.product("a")
    await store.ask(("SET", store.keys.changes, "in the way"))
    with pytest.raises(StoreError):
        await store.update(key, lambda _: Change((("SET", key, "new"),), (key,)))
    assert await store.ask(("EXISTS", key)) == [0]


async def test_keys_are_found_by_their_beginning(store: Store) -> None:
    for name in ("a*b", "a*c", "axb", "a"):
        await store.ask(("SET", f"{store.keys.prefix}:{name}", "1"))
    beginning = f"{store.keys.prefix}:a*"
    assert await store.find(beginning) == {f"{beginning}b", f"{beginning}c"}
    assert await store.find(f"{store.keys.prefix}:z") == set()


async def test_many_documents_are_changed_each_as_if_nobody_else_wrote(
    store_url: str, prefix: str
) -> None:
    stores = [Store(connect(store_url), Keys(prefix)) for _ in range(3)]
    names = [f"{{{prefix}}}:{number}" for number in range(20)]

    def one_more(key: str) -> Writing:
        return lambda raw: Change(
            (("SADD", f"{key}:beside", raw or b""), ("SET", key, int(raw or 0) + 1))
        )

    await asyncio.gather(
        *(store.update_all({key: one_more(key) for key in names}) for store in stores * 5)
    )
    assert await stores[0].ask(*(("GET", key) for key in names)) == [b"15"] * 20
    assert await stores[0].ask(*(("SCARD", f"{key}:beside") for key in names)) == [15] * 20
    for store in stores:
        await store.aclose()


async def test_names_are_entered_into_sorted_sets_of_any_slot(store: Store, prefix: str) -> None:
    place = f"{prefix}:list"

    def write(key: str) -> Writing:
        return lambda _: Change((("SET", key, "1"),), entries=((place, key),))

    keys = [f"{prefix}:{number}" for number in range(3)]
    await store.update_all({key: write(key) for key in keys})
    assert await store.ask(("ZRANGE", place, 0, -1)) == [[key.encode() for key in keys]]


async def test_documents_that_belong_together_are_changed_as_one(
    store: Store, other: Redis
) -> None:
    one, two = store.keys.product("a"), store.keys.product("b")
    rival = [(two, "rival")]
    seen: list[Sequence[bytes | None]] = []

    def change(found: Sequence[bytes | None]) -> Change:
        seen.append(found)
        if rival:
            other.set(*rival.pop())
        return Change((("SET", one, "1"), ("SET", two, "2")), (one,))

    await store.update_together((one, two), change)
    assert seen == [[None, None], [None, b"rival"]]
    assert await store.ask(("MGET", one, two)) == [[b"1", b"2"]]
    [entries] = await store.ask(("XRANGE", store.keys.changes, "-", "+"))
    assert [fields[b"key"].decode() for _, fields in entries] == [one]


async def test_where_nothing_is_to_be_changed_nothing_is_written(store: Store) -> None:
    key = store.keys.product("a")
    await store.update_together((key,), lambda _: Change((), (key,)))
    assert await store.ask(("EXISTS", key), ("EXISTS", store.keys.changes)) == [0, 0]


async def test_endless_contention_for_several_is_given_up_too(
    store: Store, other: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_TRIES", 3)
    calls = 0

    def always_too_late(_: Sequence[bytes | None]) -> Change:
        nonlocal calls
        calls += 1
        other.set(prefix, calls)
        return Change((("SET", prefix, "mine"),))

    with pytest.raises(ContentionError):
        await store.update_together((prefix,), always_too_late)
    assert calls == 3


async def test_what_reads_does_not_wait_behind_a_write_that_is_held_up(
    store: Store, other: Redis, prefix: str
) -> None:
    await store.ask(("SET", prefix, "1"))
    other.client_pause(10_000, all=False)
    writing = store.ask(("SET", prefix, "2"))
    async with asyncio.timeout(1):
        assert await store.ask(("GET", prefix)) == [b"1"]
    assert not writing.done()
    other.client_unpause()
    assert await writing == [True]

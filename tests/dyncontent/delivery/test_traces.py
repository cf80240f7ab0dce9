"""What is kept of a person who was erased meanwhile is taken away again."""

import asyncio

import pytest

from dyncontent.delivery.traces import Proof, leave, leave_unasked
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[True, False])
def keeping(store_url: str, prefix: str, request: pytest.FixtureRequest) -> Store:
    """A store whose commands are done in order, and one as on a cluster."""
    kind = type("_Kind", (Store,), {"in_order": request.param})
    store: Store = kind(connect(store_url), Keys(prefix))
    return store


@pytest.mark.parametrize(("there", "stays"), [(True, True), (False, False)])
async def test_what_is_left_stays_while_the_proof_holds(
    keeping: Store, store: Store, *, there: bool, stays: bool
) -> None:
    events, shown = store.keys.events, store.keys.shown("a", "m")
    if there:
        await store.ask(("SET", store.keys.recipient("a"), "{}"))
    await store.ask(("XADD", events, "*", "event", "other"))
    proof = Proof(store.keys.recipient("a"), there=True)
    first, second, *_ = await leave(
        keeping, proof, ("HSET", shown, "b", "x"), ("XADD", events, "*", "event", "named")
    )
    assert first == 1
    assert isinstance(second, bytes)
    await keeping.aclose()
    assert await store.ask(("EXISTS", shown), ("XLEN", events)) == [stays, 1 + stays]


async def test_a_proof_can_be_that_something_is_not_there(keeping: Store, store: Store) -> None:
    erased, shown = store.keys.erased(b"", "a"), store.keys.shown("a", "m")
    proof = Proof(erased, there=False)
    await leave(keeping, proof, ("HSET", shown, "b", "x"))
    assert await store.ask(("EXISTS", shown)) == [1]
    await store.ask(("SET", erased, "receipt"))
    leave_unasked(keeping, proof, ("HSET", shown, "b", "x"))
    await keeping.aclose()
    assert await store.ask(("EXISTS", shown)) == [0]


async def test_who_goes_away_stops_neither_the_keeping_nor_the_look(
    keeping: Store, store: Store
) -> None:
    shown = store.keys.shown("a", "m")
    leaving = leave(
        keeping, Proof(store.keys.recipient("a"), there=True), ("HSET", shown, "b", "x")
    )
    leaving.cancel()
    await asyncio.sleep(0)
    await keeping.aclose()
    assert await store.ask(("EXISTS", shown)) == [0]


async def test_without_a_proof_it_is_only_asked_or_told(store: Store, prefix: str) -> None:
    assert await leave(store, None, ("SET", prefix, "1")) == [True]
    leave_unasked(store, None, ("SET", prefix, "2"))
    assert await store.ask(("GET", prefix)) == [b"2"]


async def test_a_store_that_does_not_answer_is_said_to_who_waits_alone() -> None:
    store = Store(connect("redis://127.0.0.1:1"), Keys("p"))
    proof = Proof("p", there=True)
    leave_unasked(store, proof, ("SET", "k", "1"))
    with pytest.raises(StoreError):
        await leave(store, proof, ("SET", "k", "1"))
    await store.aclose()

"""One door to the store, one round trip a tick."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from dyncontent.store.connection import connect
from dyncontent.store.roundtrip import RoundTrips, StoreError
from dyncontent.store.store import Store
from tests.valkeys import free_port, valkey

pytestmark = pytest.mark.anyio


async def _calls(store: Store) -> int:
    """How many times the server has read from its sockets."""
    [info] = await store.ask(("INFO", "stats"))
    return int(info["total_reads_processed"])


async def test_all_that_is_asked_in_one_tick_shares_one_round_trip(
    store: Store, prefix: str
) -> None:
    await asyncio.gather(*(store.ask(("SET", f"{prefix}{n}", n)) for n in range(100)))
    before = await _calls(store)
    replies = await asyncio.gather(*(store.ask(("GET", f"{prefix}{n}")) for n in range(100)))
    assert replies == [[str(n).encode()] for n in range(100)]
    assert await _calls(store) - before <= 3  # this call's own among them


async def test_each_asker_gets_the_replies_to_its_own_commands(store: Store) -> None:
    first, second = store.ask(("ECHO", "a"), ("ECHO", "b")), store.ask(("ECHO", "c"))
    assert (await first, await second) == ([b"a", b"b"], [b"c"])


async def test_a_refused_command_fails_its_asker_alone(store: Store, prefix: str) -> None:
    await store.ask(("SET", prefix, "text"))
    bad, good = store.ask(("INCR", prefix)), store.ask(("GET", prefix))
    with pytest.raises(StoreError, match="not an integer"):
        await bad
    assert await good == [b"text"]


async def test_a_store_that_is_not_there_is_an_error_for_all(tmp_path: Any) -> None:
    client = connect(f"unix://{tmp_path}/none.sock")
    trips = RoundTrips(client)
    asked = [trips.ask(("GET", "a")), trips.ask(("GET", "b"))]
    for future in asked:
        with pytest.raises(StoreError):
            await future
    await trips.settle()
    trips.close()
    await client.aclose()


async def test_a_waiter_that_leaves_does_not_stop_the_round_trip(store: Store, prefix: str) -> None:
    leaving, staying = store.ask(("SET", prefix, "1")), store.ask(("GET", prefix))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == [b"1"]


async def test_what_is_told_in_vain_disturbs_nobody(
    store: Store, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await store.ask(("SET", prefix, "text"))
    store.tell(("INCR", prefix))
    await store.ping()
    await asyncio.sleep(0)
    assert "told in vain" in caplog.text


@pytest.mark.parametrize(
    ("stale", "refused", "why"),
    [
        ("yes", ("SET", "a", "1"), "READONLY"),
        ("yes", ("EVAL", "return redis.call('SET', KEYS[1], '1')", 1, "a"), "READONLY"),
        ("no", ("GET", "a"), "MASTERDOWN"),
    ],
)
async def test_a_server_that_is_no_primary_any_more_is_left(
    tmp_path: Path, stale: str, refused: Any, why: str
) -> None:
    with valkey(tmp_path, replica_serve_stale_data=stale) as url, Redis.from_url(url) as server:
        client = connect(url)
        trips = RoundTrips(client)
        [before] = await trips.ask(("CLIENT", "ID"))
        server.replicaof("127.0.0.1", free_port())
        beside = trips.ask(("CLIENT", "ID"))
        with pytest.raises(StoreError, match=why):
            await trips.ask(refused)
        assert await beside == [before]
        [after] = await trips.ask(("CLIENT", "ID"))
        assert after != before
        trips.close()
        await client.aclose()

"""A cluster: one batch a node, also while slots move and nodes are lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from dyncontent.store import wire
from dyncontent.store.command import Command
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.nodes import slot_of
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from tests.clusters import Clustered, cluster
from tests.site import running_site, site_settings

pytestmark = pytest.mark.anyio
FAILOVER_SECONDS = 30


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clustered]:
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
async def spread(clustered: Clustered, prefix: str) -> AsyncIterator[Store]:
    store = Store(connect(clustered.url), Keys(prefix))
    yield store
    await store.aclose()


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("GET", "a"), "a"),
        (("GET", b"a"), "a"),
        (("SET", 1, "b"), "1"),
        (("HSET", "{a}b", "c", "d"), "a"),
        (("MGET", "{a}b", "{a}c"), "a"),
        (("EVAL", "return 1", 2, "{a}b", "{a}c", "d"), "a"),
        (("EVAL", "return 1", "1", "a", "b"), "a"),
    ],
)
def test_the_slot_of_a_command_is_that_of_its_keys(command: Command, key: str) -> None:
    assert slot_of(command) == key_slot(key.encode())


@pytest.mark.parametrize(
    "command",
    [("MGET", "a", "b"), ("DEL", "a", "b"), ("EVAL", "return 1", 0, "a"), ("PING",), ("GET",)],
)
def test_other_commands_have_no_slot(command: Command) -> None:
    assert slot_of(command) is None


async def test_replies_come_in_the_order_of_commands(spread: Store, prefix: str) -> None:
    keys = [f"{prefix}{number}" for number in range(200)]
    writes = [("SET", key, number) for number, key in enumerate(keys)]
    assert await spread.ask(*writes) == [True] * 200
    in_one, *each = await asyncio.gather(
        spread.ask(*(("GET", key) for key in keys)),
        *(spread.ask(("STRLEN", key), ("GET", key)) for key in reversed(keys)),
    )
    assert in_one == [b"%d" % number for number in range(200)]
    assert each == [[len(str(n)), b"%d" % n] for n in reversed(range(200))]


async def test_replies_have_the_forms_of_a_single_server(spread: Store, prefix: str) -> None:
    await spread.ask(("HSET", f"{prefix}h", "a", "1"), ("SADD", f"{prefix}s", "a", "b"))
    [table, members, none] = await spread.ask(
        ("HGETALL", f"{prefix}h"), ("SMEMBERS", f"{prefix}s"), ("GET", f"{prefix}n")
    )
    assert (table, set(members), none) == ({b"a": b"1"}, {b"a", b"b"}, None)


async def test_a_node_gets_one_batch_a_tick(
    clustered: Clustered, spread: Store, prefix: str
) -> None:
    first, second, third = clustered.ports
    mine = [*clustered.keys_of(first, prefix, 40), *clustered.keys_of(second, prefix, 40)]
    await asyncio.gather(*(spread.ask(("GET", key)) for key in mine))
    before = {port: clustered.read(port) for port in clustered.ports}
    await asyncio.gather(*(spread.ask(("GET", key), ("TTL", key)) for key in mine))
    batches = {port: clustered.read(port) - before[port] for port in clustered.ports}
    assert batches == {first: 1, second: 1, third: 0}


async def test_reads_of_one_slot_travel_as_one_command(
    clustered: Clustered, spread: Store, prefix: str
) -> None:
    keys = [f"{{{prefix}}}{number}" for number in range(10)]
    beside = clustered.keys_of(clustered.port_of(keys[0]), prefix, 2)
    await spread.ask(*(("SET", key, number) for number, key in enumerate(keys)))
    node = clustered.nodes[clustered.port_of(keys[0])]
    node.config_resetstat()
    asked = [spread.ask(*(("GET", key) for key in some)) for some in (beside, keys[:5], keys[5:])]
    assert await asyncio.gather(*asked) == [
        [None, None],
        [b"%d" % number for number in range(5)],
        [b"%d" % number for number in range(5, 10)],
    ]
    told = node.info("commandstats")
    assert (told["cmdstat_mget"]["calls"], "cmdstat_get" in told) == (3, False)


async def test_what_no_node_can_do_fails_alone(spread: Store, prefix: str) -> None:
    good, bad, keyless, wrong = (
        spread.ask(("SET", prefix, "1"), ("PING",)),
        spread.ask(("MGET", f"{prefix}1", f"{prefix}2")),
        spread.ask(("PING",)),
        spread.ask(("GET",)),
    )
    assert (await good, await keyless) == ([True, True], [True])
    for refused, why in ((bad, "same key slot"), (wrong, "Missing key")):
        with pytest.raises(StoreError, match=why):
            await refused


async def test_nothing_asked_is_answered_with_nothing(spread: Store) -> None:
    assert await spread.ask() == []


async def test_nodes_are_told_the_password_of_the_url(clustered: Clustered, prefix: str) -> None:
    for node in clustered.nodes.values():
        node.config_set("requirepass", "a-password")
    try:
        for password, works in (("a-password", True), ("wrong", False)):
            url = clustered.url.replace("//", f"//:{password}@")
            store = Store(connect(url), Keys(prefix))
            asked = store.ask(*(("GET", f"{prefix}{number}") for number in range(50)))
            if works:
                assert await asked == [None] * 50
            else:
                with pytest.raises(StoreError):
                    await asked
            await store.aclose()
    finally:
        for node in clustered.nodes.values():
            node.config_set("requirepass", "")


async def test_a_slot_that_is_moved_is_asked_where_it_is(
    clustered: Clustered, spread: Store, prefix: str
) -> None:
    gone, here, new, never = (f"{{{prefix}}}{name}" for name in ("gone", "here", "new", "never"))
    slot, source = key_slot(prefix.encode()), clustered.port_of(gone)
    target = next(port for port in clustered.ports if port != source)
    await spread.ask(("SET", gone, "1"), ("SET", here, "2"))
    clustered.migrate(slot, source, target)
    clustered.move(gone, source, target)
    for number in range(5):
        asked = [
            spread.ask(("GET", gone), ("GET", here), ("GET", never)),
            spread.ask(("INCR", new), ("GET", new)),
            spread.ask(("EVAL", "return redis.call('GET', KEYS[1])", 1, gone)),
            spread.ask(("GET", never)),
        ]
        wanted = [[b"1", b"2", None], [number + 1, b"%d" % (number + 1)], [b"1"], [None]]
        assert await asyncio.gather(*asked) == wanted
    clustered.move(here, source, target)
    clustered.settle(slot, target)
    for _ in range(2):
        asked = [spread.ask(("GET", gone), ("GET", here)), spread.ask(("GET", new))]
        assert await asyncio.gather(*asked) == [[b"1", b"2"], [b"5"]]
    before = clustered.read(source)
    assert await spread.ask(("GET", gone), ("INCR", new)) == [b"1", 6]
    assert clustered.read(source) == before


async def test_what_is_counted_while_a_slot_moves_is_counted_once(
    clustered: Clustered, spread: Store, prefix: str
) -> None:
    keys = [f"{{{prefix}}}{number}" for number in range(20)]
    slot, source = key_slot(prefix.encode()), clustered.port_of(keys[0])
    target = next(port for port in clustered.ports if port != source)
    moved = asyncio.Event()

    async def count(key: str) -> int:
        counted = 0
        while not moved.is_set():
            counted += 1
            told, seen = await spread.ask(("INCR", key), ("GET", key))
            assert (told, int(seen)) == (counted, counted)
        return counted

    async def move() -> None:
        clustered.migrate(slot, source, target)
        for key in keys:
            await spread.ask(("GET", key))
            clustered.move(key, source, target)
        clustered.settle(slot, target)
        await spread.ask(("GET", keys[0]))
        moved.set()

    counting = asyncio.gather(*map(count, keys))
    await spread.ask(("GET", keys[0]))
    await move()
    counted = await counting
    assert await spread.ask(*(("GET", key) for key in keys)) == [b"%d" % n for n in counted]


async def test_a_silent_node_holds_up_no_other(
    clustered: Clustered, spread: Store, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "REPLY_SECONDS", 0.2)
    silent, other, _ = clustered.ports
    [lost], [kept] = (clustered.keys_of(port, prefix, 1) for port in (silent, other))
    await spread.ask(("GET", lost), ("GET", kept))
    clustered.halt(silent)
    try:
        waiting, both, answered = (
            spread.ask(("GET", lost)),
            spread.ask(("GET", kept), ("GET", lost)),
            spread.ask(("GET", kept)),
        )
        assert await answered == [None]
        assert not waiting.done()
        for failed in (waiting, both):
            with pytest.raises(StoreError, match=f"127.0.0.1:{silent}: .* did not answer"):
                await failed
    finally:
        clustered.resume(silent)
    assert await spread.ask(("GET", lost)) == [None]


async def test_a_node_that_is_lost_is_lost_alone_and_its_replica_takes_over(
    tmp_path: Path, prefix: str
) -> None:
    with cluster(tmp_path, replicas=1) as failing:
        killed, other, third, replica = failing.ports
        mine, others = failing.keys_of(killed, prefix, 3), failing.keys_of(other, prefix, 3)
        store = Store(connect(failing.url), Keys(prefix))
        await store.ask(*(("SET", key, key) for key in (*mine, *others)))
        assert failing.tell(killed, "WAIT", 1, 0) == 1
        failing.kill(killed)
        refused, written = 0, [0]
        async with asyncio.timeout(FAILOVER_SECONDS):
            while not refused or len(written) < 20:
                number = refused + len(written)
                lost, kept = (
                    store.ask(("RPUSH", f"{{{mine[0]}}}list", number)),
                    store.ask(*(("GET", key) for key in others)),
                )
                assert await kept == [key.encode() for key in others]
                try:
                    await lost
                except StoreError:
                    refused += 1
                else:
                    written.append(number)
        assert await store.ask(*(("GET", key) for key in mine)) == [key.encode() for key in mine]
        [found] = await store.ask(("LRANGE", f"{{{mine[0]}}}list", 0, -1))
        assert [0, *map(int, found)] == written
        before = failing.read(replica), failing.read(third)
        await store.ask(*(("TTL", key) for key in mine))
        assert (failing.read(replica), failing.read(third)) == (before[0] + 1, before[1])
        await store.aclose()


async def test_opens_are_right_on_many_nodes(
    tmp_path: Path, prefix: str, clustered: Clustered
) -> None:
    async with running_site(site_settings(tmp_path, prefix), clustered.url) as site:
        await site.fill()
        first = (await site.open()).headers["etag"]
        await site.do("PATCH", "products/rome", {"stock": 0})
        assert (await site.open()).headers["etag"] != first


async def test_a_cluster_that_is_not_there_is_an_error_for_all(
    clustered: Clustered, prefix: str
) -> None:
    store = Store(connect("redis+cluster://127.0.0.1:1"), Keys(prefix))
    for asked in [store.ask(("GET", "a"), ("GET", "b")), store.ask(("GET", "c"))]:
        with pytest.raises(StoreError):
            await asked
    await store.aclose()

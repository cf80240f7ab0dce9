"""Whether the store keeps what it was given: reached, durable, evicting nothing but cache, its
clock like ours."""

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import RedisCluster
from redis.exceptions import RedisError

from dyncontent.doctor.finding import Finding, Severity, well
from dyncontent.store.connection import Client, connect

PINGS = 5
MOST_DRIFT_SECONDS = 2.0
FULL = 0.8
"""The part of its memory from which on a store is said to be nearly full."""
SAFE_POLICIES = ("noeviction", "volatile-lru", "volatile-lfu", "volatile-ttl", "volatile-random")


@dataclass(frozen=True, slots=True)
class Node:
    """What one server of the store tells of itself. `round_trip` and `drift` are seconds; `sync`
    and `snapshots` are empty where the server does not tell."""

    name: str
    version: str
    round_trip: float
    drift: float
    append_only: bool
    sync: str
    snapshots: str
    policy: str
    memory: int
    most_memory: int


async def examine_store(url: str, budget_ms: int, *, embedded: bool = False) -> list[Finding]:
    """`budget_ms` is the time for an open. An embedded store may use what memory there is."""
    client = connect(url)
    try:
        nodes = [await _told(client, node) for node in await _primaries(client)]
    except (RedisError, OSError) as error:
        advice = "start the store, or mend DYNCONTENT_STORE_URL"
        return [Finding("store", "error", f"does not answer: {error}", advice)]
    finally:
        await client.aclose()
    return [
        finding for node in nodes for finding in examine_node(node, budget_ms, embedded=embedded)
    ]


def examine_node(node: Node, budget_ms: int, *, embedded: bool = False) -> Iterator[Finding]:
    yield _reached(node, budget_ms)
    yield _durable(node)
    yield _evicts(node)
    yield _clock(node)
    yield _memory(node, embedded)


async def _primaries(client: Client) -> list[Any]:
    """Where commands are sent: None for a single server."""
    if isinstance(client, RedisCluster):
        await client.initialize()
        return list(client.get_primaries())
    return [None]


async def _told(client: Client, node: Any) -> Node:
    async def ask(*command: str) -> Any:
        targets = {} if node is None else {"target_nodes": node}
        return await cast("Any", client).execute_command(*command, **targets)

    trips = []
    for _ in range(PINGS):
        begin = time.perf_counter()
        await ask("PING")
        trips.append(time.perf_counter() - begin)
    before = time.time()
    seconds, micros = await ask("TIME")
    after = time.time()
    info: Mapping[str, Any] = await ask("INFO")
    configured: dict[str, str] = {}
    for name in ("appendfsync", "save"):
        with suppress(RedisError):  # managed stores forbid it
            answered = await ask("CONFIG GET", name)
            configured |= {_text(key): _text(value) for key, value in _pairs(answered)}
    server = "Valkey" if "valkey_version" in info else "Redis"
    return Node(
        name="store" if node is None else f"store {node.name}",
        version=f"{server} {info.get('valkey_version') or info.get('redis_version', '?')}",
        round_trip=statistics.median(trips),
        drift=_drift(int(seconds) + int(micros) / 1e6, before, after),
        append_only=bool(info.get("aof_enabled")),
        sync=configured.get("appendfsync", ""),
        snapshots=configured.get("save", ""),
        policy=str(info.get("maxmemory_policy", "")),
        memory=int(info.get("used_memory", 0)),
        most_memory=int(info.get("maxmemory", 0)),
    )


def _pairs(answered: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(answered, Mapping):
        yield from answered.items()
    else:
        yield from zip(answered[::2], answered[1::2], strict=True)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _drift(told: float, before: float, after: float) -> float:
    """Seconds by which a clock is surely ahead (or behind, negative), which was read at some time
    between two instants of ours."""
    return max(0.0, told - after) + min(0.0, told - before)


def _reached(node: Node, budget_ms: int) -> Finding:
    took = node.round_trip * 1000
    found = f"{node.version} answers in {took:.1f} ms"
    if took > budget_ms / 3:
        severity: Severity = "error" if took > budget_ms / 2 else "warning"
        found = f"{found}; an open makes two round trips within {budget_ms} ms"
        return Finding(node.name, severity, found, "bring the store nearer to the server")
    return well(node.name, found)


def _durable(node: Node) -> Finding:
    check = f"{node.name}: durable"
    advice = "set `appendonly yes` and `appendfsync always`, or `everysec`"
    if node.append_only:
        if node.sync == "no":
            found = "the append-only file is written when the system likes to"
            return Finding(check, "warning", found, advice)
        how = f", flushed: {node.sync}" if node.sync else ""
        return well(check, f"the append-only file is on{how}")
    if node.snapshots:
        found = f"snapshots alone ({node.snapshots}): what came after the last is lost in a crash"
        return Finding(check, "warning", found, advice)
    found = "the append-only file is off"
    found = f"{found}, no snapshots are known of: a restart may lose everything"
    return Finding(check, "error", found, advice)


def _evicts(node: Node) -> Finding:
    check = f"{node.name}: eviction"
    if node.policy in SAFE_POLICIES:
        return well(check, f"{node.policy}: only what expires may be evicted")
    advice = "set `maxmemory-policy` to noeviction, volatile-lru or volatile-ttl"
    if not node.policy:
        return Finding(check, "warning", "the store does not tell its policy", advice)
    return Finding(check, "error", f"{node.policy} may drop definitions and facts", advice)


def _clock(node: Node) -> Finding:
    check = f"{node.name}: clock"
    if abs(node.drift) > MOST_DRIFT_SECONDS:
        which = "ahead of" if node.drift > 0 else "behind"
        found = f"the store is {abs(node.drift):.1f} s {which} this machine"
        return Finding(check, "error", found, "let NTP set the clocks of both machines")
    return well(check, f"differs by less than {MOST_DRIFT_SECONDS:g} s from this machine's")


def _memory(node: Node, embedded: bool) -> Finding:
    check = f"{node.name}: memory"
    used = f"{node.memory / 2**20:.1f} MB used"
    if not node.most_memory:
        if embedded:
            return well(check, f"{used}, no limit")
        advice = "set `maxmemory` below what the machine has, or the system may kill the store"
        return Finding(check, "warning", f"{used}, no limit", advice)
    found = f"{used} of {node.most_memory / 2**20:.1f} MB"
    if node.memory > node.most_memory * FULL:
        advice = "raise `maxmemory`: a full store refuses writes, or drops its cache"
        return Finding(check, "warning", found, advice)
    return well(check, found)

"""The nodes of a cluster, each of which gets what a tick asks of it as one batch.

Where keys are is known to redis-py. What a node refuses because a slot is elsewhere is asked there,
and redis-py's map is mended; it is done here, since redis-py closes connections on which others
wait, and may send ASKING on another connection than the command that it is for. What could not be
sent, because a node is gone, is left to redis-py, which learns the map anew. What was sent and not
answered fails.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import hiredis
from redis.asyncio import RedisCluster
from redis.crc import key_slot
from redis.exceptions import ClusterDownError, MovedError
from redis.exceptions import ConnectionError as UnreachedError
from redis.exceptions import TimeoutError as LateError

from dyncontent.store.command import Command, Reply
from dyncontent.store.joining import apart, joined
from dyncontent.store.line import Line, NotSentError
from dyncontent.store.wire import Done, open_to, replies

# fmt: off
_ONE_KEY = frozenset({
    "GET", "SET", "INCR", "INCRBY", "EXPIRE", "PEXPIRE", "TTL", "PTTL", "STRLEN",
    "HGET", "HSET", "HSETNX", "HMGET", "HGETALL", "HDEL", "HINCRBY", "HLEN",
    "SADD", "SREM", "SMEMBERS", "SISMEMBER", "SMISMEMBER", "SCARD",
    "ZADD", "ZREM", "ZRANGE", "ZSCORE", "ZCARD", "ZCOUNT", "ZREMRANGEBYSCORE",
    "LPUSH", "RPUSH", "LRANGE", "LLEN", "LTRIM",
    "XADD", "XDEL", "XLEN", "XRANGE", "XREVRANGE", "XTRIM",
})
# fmt: on
"""Commands whose first argument is their only key."""
_ALL_KEYS = frozenset({"MGET", "EXISTS", "DEL", "UNLINK"})

_ELSEWHERE = ("MOVED ", "ASK ", "TRYAGAIN", "CLUSTERDOWN")
"""How refusals begin after which a command may be sent again: nothing of it was done."""
_UNREACHED = (UnreachedError, LateError, ClusterDownError, OSError)

MOST_REDIRECTIONS = 5

Asked = tuple[Sequence[Command], Done]


def slot_of(command: Command) -> int | None:
    """The slot of all keys of a command; None if they are of several, or not known."""
    name = command[0]
    if name in _ONE_KEY:
        keys: Command = command[1:2]
    elif name in _ALL_KEYS:
        keys = command[1:]
    elif name == "EVAL":
        keys = command[3 : 3 + int(command[2])]
    else:
        return None
    slots = {key_slot(key if isinstance(key, bytes) else str(key).encode()) for key in keys}
    return slots.pop() if len(slots) == 1 else None


class Nodes:
    def __init__(self, client: RedisCluster) -> None:
        self._client = client
        self._lines: dict[str, Line] = {}
        self._running: set[asyncio.Task[None]] = set()

    def carry(self, asked: Sequence[Asked], arrived: Callable[[], None]) -> None:
        """Each of those who asked is answered when all that it asked for is, and does not wait for
        other nodes. `arrived` is called after the last of them."""
        tick = _Tick(asked, arrived)
        if self._client.nodes_manager.slots_cache:
            self._spread(tick)
        else:
            self._start(self._learn(tick))

    def close(self) -> None:
        for line in self._lines.values():
            line.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _learn(self, tick: "_Tick") -> None:
        try:
            await self._client.initialize()
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it
            for place in range(len(tick.commands)):
                tick.put(place, error)
        else:
            self._spread(tick)

    def _spread(self, tick: "_Tick") -> None:
        holders = self._client.nodes_manager.slots_cache
        parts: dict[str, _Part] = {}
        others: dict[int, list[int]] = {}
        for place, command in enumerate(tick.commands):
            slot = slot_of(command)
            nodes = None if slot is None else holders.get(slot)
            if slot is None or not nodes:
                others.setdefault(tick.askers[place], []).append(place)
                continue
            name = nodes[0].name
            if name not in parts:
                parts[name] = _Part(self._line(nodes[0]))
            parts[name].places.append(place)
            parts[name].slots.append(slot)
        for part in parts.values():
            self._send(tick, part)
        for places in others.values():
            self._start(self._leave(tick, [(place, None) for place in places]))

    def _line(self, node: Any) -> Line:
        if node.name not in self._lines:
            connect = partial(open_to, node.connection_kwargs, node.connection_class)
            self._lines[node.name] = Line(node.name, connect, self._client.response_callbacks)
        return self._lines[node.name]

    def _send(self, tick: "_Tick", part: "_Part") -> None:
        batch, counts = joined([tick.commands[place] for place in part.places], part.slots)

        def done(told: Sequence[Reply] | Exception) -> None:
            if isinstance(told, NotSentError):
                self._start(self._leave(tick, [(place, None) for place in part.places]))
                return
            if isinstance(told, Exception):
                for place in part.places:
                    tick.put(place, told)
                return
            refused: list[tuple[int, Reply]] = []
            for place, reply in zip(part.places, apart(told, counts), strict=True):
                if _is_elsewhere(reply):
                    refused.append((place, reply))
                else:
                    tick.put(place, reply)
            if refused:
                self._start(self._leave(tick, refused, part.line))

        part.line.carry(batch, done)

    async def _leave(
        self, tick: "_Tick", refused: Sequence[tuple[int, Reply]], line: Line | None = None
    ) -> None:
        """Have commands done elsewhere, one after the other: they may be on the same key. What
        comes after one for which no node was reached is not tried."""
        failure: Exception | None = None
        for place, refusal in refused:
            if failure is not None:
                tick.put(place, failure)
                continue
            try:
                reply = await self._elsewhere(tick.commands[place], refusal, line)
            except Exception as error:  # noqa: BLE001  whoever waits must hear of it
                reply = error
                if isinstance(error, _UNREACHED):
                    failure = error
            tick.put(place, reply)

    async def _elsewhere(self, command: Command, refusal: Reply, line: Line | None) -> Reply:
        """The reply to a command that a node refused in this way, or was not asked."""
        for _ in range(MOST_REDIRECTIONS):
            why = str(refusal).partition(" ")[0]
            if why == "MOVED":
                line = await self._moved(refusal)
                [refusal] = await replies(line.carry, command)
            elif why == "ASK":
                node = self._client.get_node(node_name=str(refusal).split()[2])
                if node is None:
                    break
                _, refusal = await replies(self._line(node).carry, ("ASKING",), command)
            elif why == "TRYAGAIN" and line is not None and command[0] == "GET":
                # It was joined with others, of which some are here and some are there.
                [refusal] = await replies(line.carry, command)
            else:
                break
            if not _is_elsewhere(refusal):
                return refusal
        return await self._client.execute_command(*command)

    async def _moved(self, refusal: Reply) -> Line:
        """The line to the node that has a slot now."""
        told = MovedError(str(refusal).partition(" ")[2])
        await self._client.nodes_manager.move_slot(told)
        return self._line(self._client.nodes_manager.get_node_from_slot(told.slot_id))


class _Part:
    """What a node is asked for in a tick, by its places."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.places: list[int] = []
        self.slots: list[int] = []


class _Tick:
    """The commands of all who asked, at places that count through, and for each of them who."""

    def __init__(self, asked: Sequence[Asked], arrived: Callable[[], None]) -> None:
        self.commands = [command for commands, _ in asked for command in commands]
        self.askers = [asker for asker, (commands, _) in enumerate(asked) for _ in commands]
        self._dones = [done for _, done in asked]
        self._missing = [len(commands) for commands, _ in asked]
        self._replies: list[list[Reply]] = [[None] * missing for missing in self._missing]
        self._begins = list(accumulate(self._missing, initial=0))
        self._left = len(asked)
        self._arrived = arrived

    def put(self, place: int, reply: Reply) -> None:
        asker = self.askers[place]
        self._replies[asker][place - self._begins[asker]] = reply
        self._missing[asker] -= 1
        if not self._missing[asker]:
            self._dones[asker](self._replies[asker])
            self._left -= 1
            if not self._left:
                self._arrived()


def _is_elsewhere(reply: Reply) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith(_ELSEWHERE)

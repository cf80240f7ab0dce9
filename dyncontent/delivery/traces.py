"""What an open or click leaves of a person, and takes away again where they were erased meanwhile.

An open reads that a person is there, and keeps something of them a moment later. Whoever erases the
person in between looks for traces too early to find that. So the open itself looks once more,
after it has written, whether they are still there; the request need not wait for it, and cannot
stop it by going away.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from dyncontent.store.command import Command, Reply
from dyncontent.store.roundtrip import StoreError, checked
from dyncontent.store.store import Store

log = logging.getLogger(__name__)

Commands = tuple[Command, ...]
Replies = Sequence[Reply]
Then = Callable[[Replies | StoreError], None]


class Proof(NamedTuple):
    """What tells that a person was not erased: a key that is `there`, or one that is not."""

    key: str
    there: bool

    @property
    def command(self) -> Command:
        return ("EXISTS", self.key)

    def holds(self, reply: Reply) -> bool:
        return bool(reply) is self.there


def leave(store: Store, proof: Proof | None, *commands: Command) -> asyncio.Future[Replies]:
    """Keep something of a person, unless the proof that they are there fails; the replies are as
    those of `Store.ask`, with others behind them. Without a proof nothing of anybody is kept."""
    answered: asyncio.Future[Replies] = asyncio.get_running_loop().create_future()
    leave_then(store, proof, commands, partial(_settle, answered))
    return answered


def leave_then(store: Store, proof: Proof | None, commands: Commands, then: Then) -> None:
    """The same with a callback, which gets the replies or what went wrong."""
    _Leaving(store, proof, commands, then).begin()


def leave_unasked(store: Store, proof: Proof | None, *commands: Command) -> None:
    """The same without waiting for the answer, for what may be lost."""
    leave_then(store, proof, commands, _ignore)


def _settle(answered: asyncio.Future[Replies], told: Replies | StoreError) -> None:
    if answered.done():
        return
    if isinstance(told, StoreError):
        answered.set_exception(told)
    else:
        answered.set_result(told)


def _ignore(_: Replies | StoreError) -> None:
    """Nobody waits."""


class _Leaving:
    """Commands that are to be kept while the proof holds."""

    __slots__ = ("_commands", "_proof", "_store", "_then")

    def __init__(self, store: Store, proof: Proof | None, commands: Commands, then: Then) -> None:
        self._store = store
        self._proof = proof
        self._commands = commands
        self._then = then

    def begin(self) -> None:
        if self._proof is not None and self._store.in_order:
            self._store.write((*self._commands, self._proof.command), self._kept)
        else:
            self._store.write(self._commands, self._kept)

    def _kept(self, told: Sequence[Reply] | Exception) -> None:
        replies = checked(told)
        if isinstance(replies, StoreError):
            log.info("the store was told in vain: %s", replies)
        elif self._proof is not None:
            if not self._store.in_order:
                # Where keys are on several servers, one tells about another only afterwards.
                asked = self._store.ask(self._proof.command)
                asked.add_done_callback(partial(self._look, replies))
            elif not self._proof.holds(replies[-1]):
                _take_away(self._store, self._commands, replies)
        self._then(replies)

    def _look(self, kept: Replies, asked: asyncio.Future[list[Reply]]) -> None:
        if error := asked.exception():
            log.info("whether what was left may stay is not known: %s", error)
        elif self._proof is not None and not self._proof.holds(asked.result()[0]):
            _take_away(self._store, self._commands, kept)


def _take_away(store: Store, commands: Commands, replies: Replies) -> None:
    taken: dict[Command, None] = {}
    for command, reply in zip(commands, replies, strict=False):
        _, name, *_ = command
        # What is a person's is theirs alone; among the events are those of all.
        taken[("XDEL", name, reply) if name == store.keys.events else ("UNLINK", name)] = None
    store.tell(*taken)

"""What an open or click leaves of a person, and takes away again where they were erased meanwhile.

An open reads that a person is there, and keeps something of them a moment later. Whoever erases the
person in between looks for traces too early to find that. So the open itself looks once more,
after it has written, whether they are still there; the request need not wait for it, and cannot
stop it by going away.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from dyncontent.store.command import Command, Reply
from dyncontent.store.store import Store

log = logging.getLogger(__name__)


class Proof(NamedTuple):
    """What tells that a person was not erased: a key that is `there`, or one that is not."""

    key: str
    there: bool

    @property
    def command(self) -> Command:
        return ("EXISTS", self.key)

    def holds(self, reply: Reply) -> bool:
        return bool(reply) is self.there


def leave(store: Store, proof: Proof | None, *commands: Command) -> asyncio.Future[list[Reply]]:
    """Keep something of a person, unless the proof that they are there fails; the replies are as
    those of `Store.ask`, with others behind them. Without a proof nothing of anybody is kept."""
    if proof is None:
        return store.ask(*commands)
    answered: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
    _leave(store, proof, commands).add_done_callback(partial(_answer, answered))
    return answered


def _answer(answered: asyncio.Future[list[Reply]], kept: asyncio.Future[list[Reply]]) -> None:
    """To who waits, if they still do: their going away does not concern what is kept."""
    if answered.done():
        return
    if error := kept.exception():
        answered.set_exception(error)
    else:
        answered.set_result(kept.result())


def leave_unasked(store: Store, proof: Proof | None, *commands: Command) -> None:
    """The same without waiting for the answer, for what may be lost."""
    if proof:
        _leave(store, proof, commands)
    else:
        store.tell(*commands)


def _leave(
    store: Store, proof: Proof, commands: tuple[Command, ...]
) -> asyncio.Future[list[Reply]]:
    def look(before: Sequence[Reply], done: asyncio.Future[list[Reply]]) -> None:
        replies = [*before, *_replies(done)]
        if len(replies) > len(commands) and not proof.holds(replies[-1]):
            _take_away(store, commands, replies)

    def look_later(done: asyncio.Future[list[Reply]]) -> None:
        """Where keys are on several servers, one tells about another only afterwards."""
        if replies := _replies(done):
            store.ask(proof.command).add_done_callback(partial(look, replies))

    kept = store.ask(*commands, *((proof.command,) if store.in_order else ()))
    kept.add_done_callback(partial(look, ()) if store.in_order else look_later)
    return kept


def _replies(done: asyncio.Future[list[Reply]]) -> list[Reply]:
    """Nothing if the store did not answer."""
    if done.cancelled() or done.exception() is not None:
        log.info("the store was told in vain: %s", done)
        return []
    return done.result()


def _take_away(store: Store, commands: Sequence[Command], replies: Sequence[Reply]) -> None:
    taken: dict[Command, None] = {}
    for command, reply in zip(commands, replies, strict=False):
        taken[_undo(command, reply)] = None
    store.tell(*taken)


def _undo(command: Command, reply: Reply) -> Command:
    match command[0]:
        case "XADD":
            return ("XDEL", command[1], reply)
        case "EVAL":  # of one key
            return ("UNLINK", command[3])
        case _:
            return ("UNLINK", command[1])

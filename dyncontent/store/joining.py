"""Single reads travel as one command, which costs the server and us a tenth of as many: all of them
where the order does not matter, else those that follow each other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat

from dyncontent.store.command import Command, Reply


def joined(
    commands: Sequence[Command], slots: Sequence[int]
) -> tuple[Sequence[Command], Mapping[int, int]]:
    """The commands in their order, each run of single reads of one slot as one; and, for the places
    of these, of how many reads. `slots` has one for each command."""
    batch: list[Command] = []
    counts: dict[int, int] = {}
    run: list[str | bytes | int | float] = ["MGET"]
    slot = None
    for place, command in enumerate((*commands, ())):
        reads = bool(command) and command[0] == "GET"
        here = slots[place] if reads else None
        if len(run) > 1 and not (reads and here == slot):
            counts[len(batch)] = len(run) - 1
            batch.append(tuple(run))
            run = ["MGET"]
        if reads:
            run.append(command[1])
            slot = here
        elif command:
            batch.append(command)
    return batch, counts


def apart(replies: Sequence[Reply], counts: Mapping[int, int]) -> Iterator[Reply]:
    """A reply for each of the commands that were joined."""
    for place, reply in enumerate(replies):
        if place not in counts:
            yield reply
        elif isinstance(reply, Exception):
            yield from (reply for _ in range(counts[place]))
        else:
            yield from reply


def gathered(commands: Sequence[Command]) -> Sequence[Command]:
    """Commands that only read, the single reads as one before all others."""
    keys = [command[1] for command in commands if command[0] == "GET"]
    others = [command for command in commands if command[0] != "GET"]
    return [("MGET", *keys), *others] if keys else others


def dealt(commands: Sequence[Command], replies: Sequence[Reply]) -> Iterator[Reply]:
    """A reply for each of the commands that were gathered."""
    others = iter(replies)
    values = others
    if any(command[0] == "GET" for command in commands):
        together = next(others)
        values = repeat(together) if isinstance(together, Exception) else iter(together)
    for command in commands:
        yield next(values) if command[0] == "GET" else next(others)

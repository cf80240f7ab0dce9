"""Single reads that follow each other travel as one command, which costs the server and us a tenth
of as many."""

from collections.abc import Iterator, Mapping, Sequence

from dyncontent.store.command import Command, Reply


def joined(
    commands: Sequence[Command], slots: Sequence[int] | None = None
) -> tuple[Sequence[Command], Mapping[int, int]]:
    """The commands in their order, each run of single reads as one; and, for the places of these,
    of how many reads. With `slots`, one for each command, a run is of one slot."""
    batch: list[Command] = []
    counts: dict[int, int] = {}
    run: list[str | bytes | int | float] = ["MGET"]
    slot = None
    for place, command in enumerate((*commands, ())):
        reads = bool(command) and command[0] == "GET"
        here = slots[place] if slots and reads else None
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

"""Lists of documents by their names, page by page.

A list is one sorted set, or parts of it, each for the names of one checksum: on a cluster what
belongs to one person is spread over all servers, and so is the list of all. Its parts are read one
after the other.
"""

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from dyncontent.store.store import Store

if TYPE_CHECKING:
    from dyncontent.catalog.kinds import Kind

MOST_AT_ONCE = 16
"""Parts that are read in one round trip."""


class Start(NamedTuple):
    """A page starts in this part of the list, behind this name."""

    part: int
    after: str


BEGINNING = Start(0, "")


ALL = -1
"""As many as there are."""


async def read_listed(
    store: Store, index: str, key: Callable[[str], str], most: int = ALL, after: str = ""
) -> list[tuple[str, bytes]]:
    """At most so many of the names of a list, in their order, of those after a name; each with the
    document under its key, without those deleted meanwhile. All keys are in one hash slot."""
    first = f"({after}" if after else "-"
    [found] = await store.ask(("ZRANGE", index, first, "+", "BYLEX", "LIMIT", 0, most))
    if not found:
        return []
    names = [name.decode() for name in found]
    [documents] = await store.ask(("MGET", *map(key, names)))
    return [(name, raw) for name, raw in zip(names, documents, strict=True) if raw is not None]


async def read_page(
    store: Store, parts: Sequence[str], most: int, start: Start
) -> tuple[list[str], Start | None]:
    """At most so many names, and where the next page starts, None after the last."""
    found: list[Start] = []
    part, after = start
    at_once = 1
    while part < len(parts) and len(found) <= most:
        asked = range(part, min(part + at_once, len(parts)))
        wanted = most + 1 - len(found)
        first = f"({after}" if after else "-"
        replies = await store.ask(
            *(
                ("ZRANGE", parts[number], beginning, "+", "BYLEX", "LIMIT", 0, wanted)
                for number, beginning in zip(asked, chain([first], repeat("-")), strict=False)
            )
        )
        for number, names in zip(asked, replies, strict=True):
            found += (Start(number, name.decode()) for name in names)
        part, after = asked.stop, ""
        at_once = min(4 * at_once, MOST_AT_ONCE)
    page = found[:most]
    return [name for _, name in page], page[-1] if len(found) > most else None


async def unlist(store: Store, kind: "Kind[Any]", name: str) -> None:
    """Take the name of a document that was deleted out of a list that is spread. Whoever makes it
    anew meanwhile has it listed."""
    place, key = kind.place(store.keys, name), kind.key(store.keys, name)
    await store.ask(("ZREM", place, name))
    [is_there] = await store.ask(("EXISTS", key))
    if is_there:
        await store.ask(("ZADD", place, 0, name))

"""What differs between two JSON documents, as a list that people can read.

It is written like a JSON Patch (RFC 6902) with the values before and after. What has an id, such as
a variant, is known by it wherever it stands; in other lists what is alike is found, and the rest is
told in the places where it stands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import orjson


class Change(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` is a JSON Pointer (RFC 6901): into the document before for what is removed, into the
    one after for all else. Of what moved, `before` and `after` are its places in the list."""

    op: Change
    path: str
    before: Any = None
    after: Any = None


def differences(before: Any, after: Any) -> Iterator[Difference]:
    """In the order of the documents. Nothing for documents that are the same."""
    yield from _between(before, after, _Path())


@dataclass(frozen=True, slots=True)
class _Path:
    """Where something stood in the document before, and where it stands in the one after."""

    old: str = ""
    new: str = ""

    def at(self, old: str | int, new: str | int) -> "_Path":
        return _Path(f"{self.old}/{old}", f"{self.new}/{new}")


def _between(before: Any, after: Any, path: _Path) -> Iterator[Difference]:
    if _same(before) == _same(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _in_objects(before, after, path)
    elif (
        isinstance(before, Sequence) and isinstance(after, Sequence) and not _is_text(before, after)
    ):
        named = _by_id(before), _by_id(after)
        if named[0] is not None and named[1] is not None:
            yield from _in_named(before, after, named[0], named[1], path)
        else:
            yield from _in_lists(before, after, path)
    else:
        yield Difference(Change.REPLACE, path.new, before, after)


def _in_objects(
    before: Mapping[str, Any], after: Mapping[str, Any], path: _Path
) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        here = path.at(_escaped(name), _escaped(name))
        if name not in after:
            yield Difference(Change.REMOVE, here.old, before=before[name])
        elif name not in before:
            yield Difference(Change.ADD, here.new, after=after[name])
        else:
            yield from _between(before[name], after[name], here)


def _in_named(
    before: Sequence[Any],
    after: Sequence[Any],
    old: Mapping[str, int],
    new: Mapping[str, int],
    path: _Path,
) -> Iterator[Difference]:
    for name, place in old.items():
        if name not in new:
            yield Difference(Change.REMOVE, f"{path.old}/{place}", before=before[place])
    stayed = [name for name in old if name in new], [name for name in new if name in old]
    moved = set(stayed[0]).difference(*_alike(*stayed))
    for name, place in new.items():
        if name not in old:
            yield Difference(Change.ADD, f"{path.new}/{place}", after=after[place])
            continue
        here = path.at(old[name], place)
        if name in moved:
            yield Difference(Change.MOVE, here.new, old[name], place)
        yield from _between(before[old[name]], after[place], here)


def _alike(before: Sequence[str], after: Sequence[str]) -> Iterable[Sequence[str]]:
    for match in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        yield before[match.a : match.a + match.size]


def _in_lists(before: Sequence[Any], after: Sequence[Any], path: _Path) -> Iterator[Difference]:
    written = [[_same(one) for one in side] for side in (before, after)]
    matcher = SequenceMatcher(None, written[0], written[1], autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            continue
        common = min(end - start, new_end - new_start)
        for old, new in zip(range(start, end), range(new_start, new_end), strict=False):
            yield from _between(before[old], after[new], path.at(old, new))
        for place in range(start + common, end):
            yield Difference(Change.REMOVE, f"{path.old}/{place}", before=before[place])
        for place in range(new_start + common, new_end):
            yield Difference(Change.ADD, f"{path.new}/{place}", after=after[place])


def _by_id(side: Sequence[Any]) -> Mapping[str, int] | None:
    """Where each member of a list stands; None if they have no ids, or two the same."""
    places = {
        one["id"]: place
        for place, one in enumerate(side)
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    return places if len(places) == len(side) else None


def _is_text(*sides: Any) -> bool:
    return any(isinstance(side, str) for side in sides)


def _same(value: Any) -> bytes:
    """The same bytes for what is the same; true is not 1, and the order of names is nothing."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")

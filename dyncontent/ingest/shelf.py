"""A list that many tell about, each a part of it, in any order: a cart, what a person watches.

It is told of as a whole, of one thing (so many are there now), or by a change (two more). A change
counts once, on top of the newest statement before it. So the outcome rests on what was said alone,
not on the order of its arrival.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from dyncontent.ingest.stamps import Stamp, is_newer, latest

MOST_THINGS = 400
MOST_CHANGES = 200
MOST_OF_ONE = 1_000_000


class Line(BaseModel):
    """What was said of one thing since the whole was: the newest statement, and the changes after
    it, by the digests of their events."""

    model_config = ConfigDict(extra="forbid")

    said: Stamp | None = None
    count: int = 0
    changes: dict[str, tuple[Stamp, int]] = Field(default_factory=dict)

    def last(self, base: Stamp | None) -> Stamp | None:
        return latest(base, self.said, *(stamp for stamp, _ in self.changes.values()))


class Shelf(BaseModel):
    """`whole` is what there was at `since`, in order; None of a list that is not known as a whole.
    `told` is when somebody spoke of it last."""

    model_config = ConfigDict(extra="forbid")

    since: Stamp | None = None
    whole: dict[str, int] | None = None
    told: Stamp | None = None
    lines: dict[str, Line] = Field(default_factory=dict)

    def state(self, whole: dict[str, int] | None, stamp: Stamp) -> None:
        """All of it is known, or, None, nothing."""
        if not is_newer(stamp, self.since):
            return
        self.since, self.whole = stamp, whole
        for thing, line in list(self.lines.items()):
            if line.said is not None and line.said <= stamp:
                line.said, line.count = None, 0
            self._tidy(thing, line)

    def put(self, thing: str, count: int, stamp: Stamp) -> None:
        """There are so many of it."""
        self.told = latest(self.told, stamp)
        self._set(thing, count, stamp)

    def take_out(self, thing: str, stamp: Stamp) -> None:
        """There is none of it, if anything is known of the list; that it is, this does not say."""
        self._set(thing, 0, stamp)

    def _set(self, thing: str, count: int, stamp: Stamp) -> None:
        line = self.lines.get(thing, Line())
        if is_newer(stamp, self.since, line.said):
            line.said, line.count = stamp, count
            self._tidy(thing, line)

    def change(self, thing: str, change: int, stamp: Stamp) -> None:
        """There are so many more of it."""
        self.told = latest(self.told, stamp)
        line = self.lines.get(thing, Line())
        line.changes[stamp[2]] = (stamp, change)
        self._tidy(thing, line)

    def _tidy(self, thing: str, line: Line) -> None:
        """Drop what no longer matters, and of very much the oldest."""
        base = latest(self.since, line.said)
        for event, (stamp, _) in list(line.changes.items()):
            if base is not None and stamp <= base:
                del line.changes[event]
        while len(line.changes) > MOST_CHANGES:
            event, (stamp, change) = min(line.changes.items(), key=lambda item: item[1])
            line.count = _after(self._base(thing, line), change)
            line.said = stamp
            del line.changes[event]
        if line.said is None and not line.changes:
            self.lines.pop(thing, None)
            return
        self.lines[thing] = line
        if len(self.lines) > MOST_THINGS:
            oldest = min(self.lines, key=lambda name: (self.lines[name].last(None), name))
            del self.lines[oldest]

    def _base(self, thing: str, line: Line) -> int:
        return (self.whole or {}).get(thing, 0) if line.said is None else line.count

    @property
    def is_known(self) -> bool:
        return self.whole is not None or (self.told is not None and is_newer(self.told, self.since))

    def contents(self, gone: Mapping[str, Stamp] = MappingProxyType({})) -> dict[str, int]:
        """What is there and how many, the latest first; of what came as a whole, in its order.
        `gone` tells when there was none of something, by the word of others."""
        whole = self.whole or {}
        found: list[tuple[Stamp, int, str, int]] = []
        for place, thing in enumerate(
            (*whole, *(name for name in self.lines if name not in whole))
        ):
            line = self.lines.get(thing, Line())
            base, count = latest(self.since, line.said), self._base(thing, line)
            if thing in gone and (base is None or gone[thing] > base):
                base, count = gone[thing], 0
            for stamp, change in sorted(line.changes.values()):
                if base is None or stamp > base:
                    count = _after(count, change)
            last = line.last(self.since)
            if count and last is not None:
                order = place if thing in whole and thing not in self.lines else -1
                found.append((last, order, thing, count))
        found.sort(key=lambda entry: (*(-part for part in entry[0][:2]), entry[0][2], *entry[1:3]))
        return {thing: count for _, _, thing, count in found}


def _after(count: int, change: int) -> int:
    return min(max(0, count + change), MOST_OF_ONE)

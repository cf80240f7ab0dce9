"""What it costs to draw a picture for one person.

    python -m benchmarks.render [ROUNDS]

Each picture is made by all, in turn, on one core, for another person (another second) each time;
before the clock runs, all must show the same: Pillow to the pixel where it can, others as far as an
eye can tell. A figure is the median over the rounds of CPU time, of all threads of the process that
draws. What does not depend on the person is there before, as it is in a server that runs, and all
are warm.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from statistics import median
from typing import TypeVar

from benchmarks import alike, drawers, drawings, node, plot, report
from benchmarks.drawers import OURS, PILLOW, Drawer
from benchmarks.peers import MissingError
from renderers.canvas import Drawing
from renderers.encode import ImageType

ROUNDS = 30
SECONDS = 0.05
"""How long one drawer has its turn; at least one picture."""
WARM = 2
"""Seconds of CPU time that each takes before."""
SHEET = Path(__file__).parent.parent / "var" / "bench-render.png"
Asked = TypeVar("Asked")
Figures = Mapping[str, Mapping[str, float]]
"""By drawer: CPU milliseconds and bytes of a picture, and how far it is from ours."""


@dataclass(frozen=True, slots=True)
class Compared:
    title: str
    figures: Figures
    samples: Mapping[str, bytes]
    """A file of each drawer."""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    left_out = _left_out()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found = _compared(rounds, with_node=not left_out)
    _save_sheet(found)
    for one in found.values():
        notes = {name: f"{of['bytes']:,.0f} bytes" for name, of in one.figures.items()}
        times = {name: of["ms"] for name, of in one.figures.items()}
        report.bars(one.title, "ms", times, notes)
    report.say("")
    for reason in set(left_out.values()):
        report.say(f"{reason}; left out: {'; '.join(left_out)}")
    report.say(f"what they drew: {SHEET}")
    panels = [plot.Panel(one.title, _bars(one.figures), (OURS,)) for one in found.values()]
    label = "CPU milliseconds for a picture, each line ten times the one before"
    report.plot("render", plot.svg(panels, label))
    figures = {
        "rounds": rounds,
        "versions": _versions(with_node=not left_out),
        "left_out": left_out,
        **{key: one.figures for key, one in found.items()},
    }
    report.write("render", _targets(found), figures)


def _left_out() -> dict[str, str]:
    """Who cannot be measured, and why."""
    try:
        node.install()
    except MissingError as missing:
        return dict.fromkeys(node.names(), str(missing))
    return {}


def _versions(*, with_node: bool) -> dict[str, str]:
    ours = {"python": python_version(), "pillow": version("pillow")}
    return ours | (node.versions() if with_node else {})


def _targets(found: Mapping[str, Compared]) -> list[report.Target]:
    clocks = found["countdown"].figures
    lead = clocks[PILLOW]["ms"] / clocks[OURS]["ms"]
    return [
        report.Target("countdown, ms", clocks[OURS]["ms"], 0.3),
        report.Target("countdown, times less than Pillow", round(lead, 1), 500, "at_least"),
        *(
            report.Target(
                f"name and sentence, {kind}, ms", found[_card_key(kind)].figures[OURS]["ms"], 1
            )
            for kind in node.CARDS
        ),
    ]


def _card_key(kind: ImageType) -> str:
    return f"name_and_sentence_{kind}"


def _compared(rounds: int, *, with_node: bool) -> dict[str, Compared]:
    spec, card = drawings.countdown(), drawings.card()
    found = {}
    with ExitStack() as running:
        clocks = [*drawers.clocks(), *(node.clocks(running) if with_node else ())]
        areas = [unit.area for unit in spec.units]
        title = f"a countdown of {spec.frames} frames, {spec.face.width} x {spec.face.height}"
        found["countdown"] = _compare(title, clocks, drawings.moments(), lambda _: areas, rounds)
    people, drawing = drawings.people(), Drawing(card, lambda _: True)
    for kind in node.CARDS:
        with ExitStack() as running:
            cards = [*drawers.cards(kind), *(node.cards(running, kind) if with_node else ())]
            title = f"a name and a sentence, {card.width} x {card.height}, {kind}"
            found[_card_key(kind)] = _compare(
                title,
                cards,
                people,
                lambda name: drawings.places(drawings.fill(drawing, name)),
                rounds,
            )
    return found


def _bars(figures: Mapping[str, Mapping[str, float]]) -> dict[str, plot.Bar]:
    """The least first."""
    return {
        name: plot.Bar(one["ms"], f"{plot.brief(one['ms'])} ms, {one['bytes']:,.0f} bytes")
        for name, one in sorted(figures.items(), key=lambda pair: pair[1]["ms"])
    }


def _compare(
    title: str,
    those: Sequence[Drawer[Asked]],
    asked: Iterator[Asked],
    places: Callable[[Asked], Sequence[alike.Box]],
    rounds: int,
) -> Compared:
    """`places` tells what is filled in a picture."""
    one = next(asked)
    samples = {drawer.name: drawer.draw([one])[0] for drawer in those}
    apart = {}
    for name, sample in samples.items():
        try:
            apart[name] = alike.difference(samples[OURS], sample, places(one))
        except alike.OtherFormError as error:
            raise SystemExit(f"{title}, {name}: {error}") from error
        if apart[name] > alike.MOST:
            far = f"{apart[name]:.1f} away from ours, where {alike.MOST:g} is the most"
            raise SystemExit(f"{title}, {name}: {far}")
    measured = _measure(those, asked, rounds)
    figures = {
        name: {**figure, "difference": round(apart[name], 2)} for name, figure in measured.items()
    }
    return Compared(title, figures, samples)


def _measure(
    those: Sequence[Drawer[Asked]], asked: Iterator[Asked], rounds: int
) -> dict[str, dict[str, float]]:
    """Milliseconds and bytes of a picture: in each round all take their turn, each as many pictures
    as it makes in SECONDS."""
    often = {drawer.name: _often(drawer, asked) for drawer in those}
    times: dict[str, list[float]] = {drawer.name: [] for drawer in those}
    sizes: dict[str, list[int]] = {drawer.name: [] for drawer in those}
    for _ in range(rounds):
        for drawer in those:
            name = drawer.name
            ones = [next(asked) for _ in range(often[name])]
            started = drawer.clock()
            made = drawer.draw(ones)
            spent = drawer.clock() - started
            times[name].append(spent / often[name] * 1000)
            sizes[name] += map(len, made)
    return {
        name: {"ms": round(median(times[name]), 4), "bytes": median(sizes[name])} for name in times
    }


def _often(drawer: Drawer[Asked], asked: Iterator[Asked]) -> int:
    """How many pictures take about SECONDS. The drawer gets warm on the way."""
    started, drawn, spent = drawer.clock(), 0, 0.0
    while spent < WARM:
        drawer.draw([next(asked)])
        drawn += 1
        spent = drawer.clock() - started
    return max(1, round(drawn * SECONDS / spent))


def _save_sheet(found: Mapping[str, Compared]) -> None:
    files = {
        f"{one.title}: {name}": file for one in found.values() for name, file in one.samples.items()
    }
    SHEET.parent.mkdir(exist_ok=True)
    alike.sheet(files).save(SHEET)


if __name__ == "__main__":
    main()

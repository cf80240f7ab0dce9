"""How figures are told: a table and bars on the terminal, and JSON in `benchmarks/results/`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log10
from pathlib import Path
from typing import Any, Literal

import orjson

RESULTS = Path(__file__).parent / "results"
BAR = 40
"""How many characters the longest bar has."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that is to be reached: `at_most` the target, or `at_least`."""

    name: str
    value: float
    target: float
    bound: Literal["at_most", "at_least"] = "at_most"

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.bound == "at_most" else self.value >= self.target


def write(name: str, targets: Sequence[Target], figures: Mapping[str, Any]) -> None:
    """Print whether each target is met, and write all to `benchmarks/results/NAME.json`."""
    for target in targets:
        met = "met" if target.met else "NOT MET"
        bound = target.bound.replace("_", " ")
        say(f"{target.name}: {target.value:g} ({bound} {target.target:g}: {met})")
    told = [asdict(target) | {"met": target.met} for target in targets]
    result = {**figures, "targets": told}
    (RESULTS / f"{name}.json").write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")


def read(name: str) -> Mapping[str, Any]:
    """What `write` wrote; nothing if it never did."""
    path = RESULTS / f"{name}.json"
    told: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
    return told


def plot(name: str, svg: str) -> None:
    """Write a drawing of the figures to `benchmarks/results/NAME.svg`."""
    (RESULTS / f"{name}.svg").write_text(svg, encoding="utf-8")


def bars(
    title: str, unit: str, values: Mapping[str, float], notes: Mapping[str, str] | None = None
) -> None:
    """A table with a bar for each value, shortest first, and what `notes` say of it. The bars are
    logarithmic from a tenth of the least value on."""
    say(f"\n{title}, {unit}")
    notes = notes or {}
    width, room = max(map(len, values)), max(map(len, notes.values()), default=0)
    least = min(values.values())
    for name, value in sorted(values.items(), key=lambda pair: pair[1]):
        told = f"{notes[name]:>{room}}  " if name in notes else ""
        say(f"  {name:{width}} {value:12.3f}  {value / least:8.1f}x  {told}{_bar(value, values)}")


def _bar(value: float, values: Mapping[str, float]) -> str:
    longest, origin = max(values.values()), min(values.values()) / 10
    return "█" * round(BAR * log10(value / origin) / log10(longest / origin))


def say(line: str) -> None:
    print(line)  # noqa: T201

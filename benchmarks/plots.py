"""Draws what is in the results of opens, freshness and scale; of what is not there, nothing.

python -m benchmarks.plots
"""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import curve, plot, report
from benchmarks.axes import Linear, Logarithmic
from benchmarks.compared import COST
from benchmarks.plot import Bar, Panel
from benchmarks.scenarios import OURS
from benchmarks.workers import TWO

VALKEY = "Valkey, a million people"
_TITLES = {
    "cached": "A picture that is the same for all, decided and recorded for each",
    "click": "A click",
    "personal": "A picture drawn for each person",
    "countdown": "A countdown",
    "cold": "First opens at a server that has just begun",
    "workers": "The first of these, by two workers",
}

Results = Mapping[str, Any]


def draw() -> None:
    opens, freshness, scale = (report.read(name) for name in ("opens", "freshness", "scale"))
    scenarios: Results = opens.get("scenarios", {})
    if "cached" in scenarios:
        report.plot("opens", latency(scenarios["cached"]["curve"]))
    if costs := [*_costs(scenarios)]:
        label = "CPU seconds of the server for a thousand, each line ten times the one before"
        report.plot("cost", plot.svg(costs, label))
    if freshness:
        label = "milliseconds, each line ten times the one before"
        report.plot("freshness", plot.svg([*_delays(freshness["milliseconds"])], label))
    if memory := [*_memory(scenarios, scale)]:
        report.plot("memory", plot.svg(memory, "megabytes", Linear))
    if "flat" in scale:
        report.plot("flat", flat(scale["flat"]))


def latency(lines: Mapping[str, Any]) -> str:
    return curve.svg(
        {
            name: [(one["a second"], one["milliseconds"]["p99"]) for one in points]
            for name, points in lines.items()
        },
        OURS,
        "Milliseconds until the answer (p99), by opens a second that come at a fixed rate",
        "opens a second, on one core",
        (Logarithmic, Logarithmic),
    )


def flat(told: Results) -> str:
    points = [(one["opens"], one["resident_mb"]) for one in told["samples"]]
    title = "Megabytes of a worker, by opens that it has answered"
    return curve.svg({OURS: points}, OURS, title, "opens", (Linear, Linear))


def _costs(scenarios: Results) -> Iterator[Panel]:
    for name, title in _TITLES.items():
        if name in scenarios:
            costs = {who: one[COST] for who, one in scenarios[name]["closed loop"].items()}
            yield _panel(title, costs, "s")


def _memory(scenarios: Results, scale: Results) -> Iterator[Panel]:
    if "cached" in scenarios:
        told = scenarios["cached"]["closed loop"]
        yield _panel(
            "One server, saturated", {who: one["resident MB"] for who, one in told.items()}, "MB"
        )
    if "memory" in scale:
        yield _panel("The store", {VALKEY: scale["memory"]["bytes of a person"]}, "MB")


def _delays(states: Results) -> Iterator[Panel]:
    for state, told in states.items():
        values = {name: told[name] for name in ("p50", "p99", "max")}
        bars = {name: Bar(value, f"{plot.brief(value)} ms") for name, value in values.items()}
        title = f"From a change's acknowledgement until opens show it: {state}"
        yield Panel(title, bars, ("p99",))


def _panel(title: str, values: Mapping[str, float], unit: str) -> Panel:
    """The least first."""
    bars = {
        name: Bar(value, f"{plot.brief(value)} {unit}")
        for name, value in sorted(values.items(), key=lambda pair: pair[1])
    }
    return Panel(title, bars, (OURS, TWO, VALKEY))


if __name__ == "__main__":
    draw()

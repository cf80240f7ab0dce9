"""What opens and clicks cost, and how soon they are answered, beside others who do the same.

    python -m benchmarks.opens [--quick] [SCENARIO...]

Starts a Valkey, a server of ours and the others, fills the store by the API, and checks every
answer: a wrong one ends the program. The server has a core for itself where the system can do that,
the sender and Valkey share another. Those who are compared run in turn, several rounds of it; a
figure is the median of the rounds, and so is the ratio of two. Writes
`benchmarks/results/opens.json`, and draws what is in it; `--quick` only shows that everything
works: its figures are of no worth, and it writes nothing.
"""

import argparse
import importlib.util
import itertools
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from benchmarks import compared, cores, plots, report, scenarios, workers
from benchmarks.cards import CRUISE, Cards
from benchmarks.compared import COST, PROCESSOR, RATIOS, SPREAD, SPREADS
from benchmarks.flash import flash
from benchmarks.peers import MissingError
from benchmarks.peers.opens import Peer, block
from benchmarks.peers.opens.nginx import FILE, LUA, doing_it_in_lua, serving_the_file
from benchmarks.peers.opens.thumbor import Thumbor, composing
from benchmarks.peers.opens.usual import NAME as USUAL
from benchmarks.peers.opens.usual import usual
from benchmarks.scenarios import GRANIAN, NO_RECEIPTS, OURS
from benchmarks.site import Site, site
from benchmarks.trial import Contestant, Run, in_closed_loop, in_open_loop
from dyncontent.load.arrivals import steady

STEPS = (0.1, 0.25, 0.5, 0.7, 0.85, 0.95)
"""Of the rate that saturates: where latency is plotted."""
HALF = 0.5
STORE_COST = "CPU seconds of the store of a thousand"
RATE = "a second"
SATURATED = 0.9
"""A server whose core is used less in a closed loop was not at its limit: the rate is then that of
the sender and Valkey, the cost is right all the same."""

Runs = dict[str, list[Run]]
Served = TypeVar("Served", bound=Peer)


@dataclass(frozen=True, slots=True)
class Extent:
    people: int
    rounds: int
    seconds: float
    changes: int


FULL = Extent(people=2000, rounds=5, seconds=5, changes=300)
QUICK = Extent(people=100, rounds=2, seconds=0.5, changes=4)


@dataclass(slots=True)
class Suite:
    site: Site
    peers: Sequence[Peer]
    """Those who do the whole job."""
    limit: Peer | None
    """Who only serves the file."""
    ours_too: Sequence[Peer]
    """Ours with other settings."""
    thumbor: Thumbor | None
    cards: Cards
    extent: Extent

    def cached(self) -> tuple[dict[str, Any], list[report.Target]]:
        others = [*self.peers, *([self.limit] if self.limit else []), *self.ours_too]
        contestants = [scenarios.cached(self.site, who) for who in (self.ours, *others)]
        told = self._compare(contestants)
        ratios = told[RATIOS]
        fastest = min(1.0, ratios.get(GRANIAN, 1.0))
        targets = [
            _at_least(f"cached, of {name}", ratios[name], wanted)
            for name, wanted in ((LUA, 1.0), (USUAL, 3.0), (FILE, 0.2))
            if name in ratios
        ] + [
            _at_least(f"cached, the fastest server, of {name}", ratios[name] / fastest, wanted)
            for name, wanted in ((LUA, 1.5), (FILE, 0.3))
            if name in ratios
        ]
        rate = told["closed loop"][OURS][RATE]
        told["open loop"], told["curve"] = {}, {}
        told["open loop"][OURS] = self._often_at(contestants[0], rate * HALF)
        for one in contestants[: 1 + len(self.peers) + bool(self.limit)]:
            saturating = told["closed loop"][one.name][RATE]
            told["curve"][one.name] = [
                {"of the saturating rate": step, **self._at(one, saturating * step)}
                for step in STEPS
            ]
        half = told["open loop"][OURS]["milliseconds"]
        report.say(f"at half of {rate:,.0f} a second: {_brief(half)}")
        targets += [
            report.Target("cached, p99 at half of the rate, ms", half["p99"], 10),
            report.Target("cached, p99.9 at half of the rate, ms", half["p99.9"], 25),
        ]
        return told, targets

    def click(self) -> tuple[dict[str, Any], list[report.Target]]:
        contestants = [scenarios.click(self.site, who) for who in (self.ours, *self.peers)]
        for who in (self.ours, *self.peers):
            self._closed(scenarios.once(self.site, who))
        beside = replace(scenarios.cached(self.site, self.ours), name="cached")
        told = self._compare([*contestants, beside])
        told["open loop"] = {OURS: self._often_at(contestants[0], self._half(told))}
        ratio = told[RATIOS]["cached"]
        return told, [_at_least("click, of cached", ratio, 1.0)]

    def countdown(self) -> tuple[dict[str, Any], list[report.Target]]:
        contestant = scenarios.countdown(self.site, self.ours)
        beside = replace(scenarios.cached(self.site, self.ours), name="cached")
        told = self._compare([contestant, beside])
        told["open loop"] = {OURS: self._often_at(contestant, self._half(told))}
        ratio = told[RATIOS]["cached"]
        return told, [_at_least("countdown, of cached", ratio, 0.7)]

    def personal(self) -> tuple[dict[str, Any], list[report.Target]]:
        """Before each round everybody's picture becomes another. thumbor keeps none, and is asked
        for as many as it makes in the seconds of a round."""
        numbers = itertools.count()
        thumbor = self.thumbor and scenarios.composed(self.thumbor)

        def closed() -> Run:
            return self._closed(self._all_new(next(numbers)), seconds=600)

        runs: Runs = {OURS: []}
        closed()
        for _ in range(self.extent.rounds):
            runs[OURS].append(closed())
            if thumbor:
                runs.setdefault(thumbor.name, []).append(self._closed(thumbor))
        told = _compared(runs, OURS)
        rate = self._half(told)
        told["open loop"] = {OURS: self._at(self._all_new(next(numbers)), rate)}
        pictures = 1000 / told["closed loop"][OURS][COST]
        return told, [_at_least("personal, pictures a CPU second", pictures, 500)]

    def cold(self) -> tuple[dict[str, Any], list[report.Target]]:
        """Each round a server that has just begun, and no picture in the store."""
        runs = []
        for _ in range(self.extent.rounds):
            self.site.forget_pictures()
            with self.site.another(cores.SERVER) as server:
                who = Peer(OURS, server.base_url, (server.pid,))
                runs.append(self._closed(scenarios.once(self.site, who), seconds=600))
        told: dict[str, Any] = {"closed loop": {OURS: _medians(runs)}}
        _table("cold", told["closed loop"])
        return told, []

    def mixed(self) -> tuple[dict[str, Any], list[report.Target]]:
        contestant = scenarios.mixed(self.site, self.ours)
        self._closed(scenarios.once(self.site, self.ours))
        closed = self._closed(contestant)
        peak = closed.figures[RATE] * HALF
        dues = scenarios.after_delivery(peak, self.extent.seconds * 4)
        runs = [
            in_open_loop(contestant, dues, self.site.store_pid) for _ in range(self.extent.rounds)
        ]
        told: dict[str, Any] = {"peak a second": peak, "closed loop": {OURS: _told(closed)}}
        told["open loop"] = {OURS: _medians(runs)}
        _table("mixed", told["open loop"])
        return told, []

    def flash(self) -> tuple[dict[str, Any], list[report.Target]]:
        """The changes are told to another server, which shares the sender's core."""
        with self.site.another(cores.SENDER) as writer:
            who = scenarios.cached(self.site, self.ours)
            run, delays = flash(self.site, who, writer.base_url, self.extent.changes)
        late = {
            "changes": delays.count,
            "p50": (delays.percentile(50) or 0) * 1000,
            "p99": (delays.percentile(99) or 0) * 1000,
            "max": delays.max * 1000,
        }
        report.say(f"seen too late by, ms: {_brief(late)}")
        told: dict[str, Any] = {"closed loop": {OURS: _told(run)}, "late, milliseconds": late}
        _table("flash", told["closed loop"])
        return told, [report.Target("flash, seen too late by, p99, ms", late["p99"], 10)]

    def workers(self) -> tuple[dict[str, Any], list[report.Target]]:
        """Two in turn with one, each with as many requests under way for a worker."""
        seconds, store = self.extent.seconds, self.site.store_pid
        with workers.both(self.site) as servers:
            pairs = [(one, scenarios.cached(self.site, one.peer)) for one in servers]
            runs: Runs = {one.peer.name: [] for one in servers}
            for number in range(self.extent.rounds + 1):
                for server, contestant in pairs:
                    self.site.forget_events()
                    run = workers.run(server, contestant, seconds, store)
                    if number:  # the first is to get warm
                        runs[server.peer.name].append(run)
        told = _compared(runs, workers.TWO)
        one, two = (told["closed loop"][name] for name in (workers.ONE, workers.TWO))
        part = two[STORE_COST] / (two[STORE_COST] + two[COST])
        faster = two[RATE] / one[RATE]
        told |= {
            "opens of two cores' CPU time, times one's": 2 * told[RATIOS][workers.ONE],
            "a second, times one worker's": faster,
            "part of the store in the CPU time of both": part,
            "cores of the store": two[STORE_COST] * two[RATE] / 1000,
            "workers have a core each": cores.WORKERS_APART,
        }
        report.say(
            f"  two workers: {faster:.2f} times as many a second;"
            f" Valkey took {part:.0%} of the CPU time of both,"
            f" {told['cores of the store']:.2f} of a core"
        )
        figure = (
            "a second, times one worker's"
            if cores.WORKERS_APART
            else "opens of two cores' CPU time, times one's"
        )
        return told, [_at_least(f"two workers, {figure}", told[figure], 1.8)]

    @property
    def ours(self) -> Peer:
        return scenarios.ours(self.site)

    def _compare(self, contestants: Sequence[Contestant]) -> dict[str, Any]:
        """All in turn, after each has run once to get warm. The first is compared with the others:
        how many more opens it answers in the same CPU time."""
        for one in contestants:
            self._closed(one)
        runs: Runs = {one.name: [] for one in contestants}
        for _ in range(self.extent.rounds):
            for one in contestants:
                runs[one.name].append(self._closed(one))
        return _compared(runs, contestants[0].name)

    def _closed(self, contestant: Contestant, seconds: float | None = None) -> Run:
        self.site.forget_events()
        return in_closed_loop(contestant, seconds or self.extent.seconds, self.site.store_pid)

    def _at(self, contestant: Contestant, rate: float) -> dict[str, Any]:
        self.site.forget_events()
        dues = steady(rate, self.extent.seconds)
        return _told(in_open_loop(contestant, dues, self.site.store_pid))

    def _often_at(self, contestant: Contestant, rate: float) -> dict[str, Any]:
        """The medians of as many runs as there are rounds: the store waits for its disk now and
        then, for longer than all else takes."""
        dues = [*steady(rate, self.extent.seconds)]
        runs = []
        for _ in range(self.extent.rounds):
            self.site.forget_events()
            runs.append(in_open_loop(contestant, dues, self.site.store_pid))
        return _medians(runs)

    def _half(self, told: Mapping[str, Any]) -> float:
        rate: float = told["closed loop"][OURS][RATE]
        return rate * HALF

    def _all_new(self, number: int) -> Contestant:
        """Everybody's picture, which becomes another."""
        title = f"a cruise to island {number} is still waiting"
        block.accepted(self.site.api.patch(f"products/{CRUISE}", json={"title": title}))
        return scenarios.personal(self.site, self.ours, self.cards, title)


Scenario = Callable[[Suite], tuple[dict[str, Any], list[report.Target]]]
SCENARIOS: Mapping[str, Scenario] = {
    "cached": Suite.cached,
    "click": Suite.click,
    "personal": Suite.personal,
    "countdown": Suite.countdown,
    "cold": Suite.cold,
    "mixed": Suite.mixed,
    "flash": Suite.flash,
    "workers": Suite.workers,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.opens")
    parser.add_argument("--quick", action="store_true", help="see that everything works")
    parser.add_argument("scenarios", nargs="*", type=_scenario, metavar="SCENARIO")
    arguments = parser.parse_args()
    extent = QUICK if arguments.quick else FULL
    results: dict[str, Any] = {}
    with ExitStack() as running:
        opened = running.enter_context(site(extent.people))
        peers, limit = _peers(running, opened)
        cards = Cards()
        wanted = arguments.scenarios or list(SCENARIOS)
        thumbor = (
            _started(running, composing(cards, opened.names)) if "personal" in wanted else None
        )
        ours_too = _ours_too(running, opened)
        suite = Suite(opened, peers, limit, ours_too, thumbor, cards, extent)
        for name in wanted:
            report.say(f"\n{name}")
            told, targets = SCENARIOS[name](suite)
            results[name] = told | {"targets": [asdict(target) for target in targets]}
    if arguments.quick:
        report.say("\nAll was answered rightly. Nothing is written: this was quick.")
        return
    figures: dict[str, Any] = {
        "python": platform.python_version(),
        PROCESSOR: _processor(),
        "server has its own core": cores.ARE_APART,
        "scenarios": _rounded(results),
    }
    before = report.read("opens")
    compared.tell(figures, before)
    if before.get(PROCESSOR) == figures[PROCESSOR]:
        figures["scenarios"] = before["scenarios"] | figures["scenarios"]
    every = [
        report.Target(**target)
        for name in SCENARIOS
        for target in figures["scenarios"].get(name, {}).get("targets", ())
    ]
    report.write("opens", every, figures)
    plots.draw()


def _processor() -> str:
    """What it calls itself, and how many of it this program may use."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(cores.ALL)} × {names[0] if names else platform.machine()}"


def _scenario(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(SCENARIOS)}")
    return name


def _peers(running: ExitStack, opened: Site) -> tuple[list[Peer], Peer | None]:
    """Those who do the whole job, and who serves the file; who cannot run is named."""
    given = opened.given
    starts = (doing_it_in_lua(given), usual(given))
    whole = [peer for start in starts if (peer := _started(running, start))]
    return whole, _started(running, serving_the_file(given))


def _started(running: ExitStack, start: AbstractContextManager[Served]) -> Served | None:
    """On the server's core."""
    try:
        peer = running.enter_context(start)
    except MissingError as error:
        report.say(f"left out: {error}")
        return None
    for pid in peer.pids:
        cores.hold(pid, cores.SERVER)
    return peer


def _ours_too(running: ExitStack, opened: Site) -> Sequence[Peer]:
    """What nobody beside us keeps is left out by one, and uvicorn by another."""
    kinds = {NO_RECEIPTS: {"DYNCONTENT_RECEIPT_HOURS": "0"}}
    if importlib.util.find_spec("granian") is None:
        report.say("left out: granian is not installed")
    else:
        kinds[GRANIAN] = {"DYNCONTENT_SERVER": "granian"}
    servers = {
        name: running.enter_context(opened.another(cores.SERVER, **settings))
        for name, settings in kinds.items()
    }
    return [Peer(name, server.base_url, (server.pid,)) for name, server in servers.items()]


def _at_least(name: str, value: float, target: float) -> report.Target:
    return report.Target(name, round(value, 3), target, "at_least")


def _told(run: Run) -> dict[str, Any]:
    return {**run.figures, "milliseconds": dict(run.milliseconds)}


def _compared(runs: Runs, first: str) -> dict[str, Any]:
    """How many more opens the first answers in the same CPU time than the others."""
    told = {name: _medians(of_one) for name, of_one in runs.items()}
    each = {
        name: [
            theirs.figures[COST] / own.figures[COST]
            for theirs, own in zip(of_one, runs[first], strict=True)
        ]
        for name, of_one in runs.items()
        if name != first
    }
    ratios = {name: median(of_one) for name, of_one in each.items()}
    _table(first, told, ratios)
    spreads = {name: _spread(of_one) for name, of_one in each.items()}
    return {"closed loop": told, RATIOS: ratios, SPREADS: spreads}


def _spread(values: Sequence[float]) -> float:
    """By what part of the median they differ at most."""
    return (max(values) - min(values)) / median(values)


def _medians(runs: Sequence[Run]) -> dict[str, Any]:
    """Of each figure by itself."""
    first = runs[0]
    return {
        **{name: median(run.figures[name] for run in runs) for name in first.figures},
        SPREAD: _spread([run.figures[COST] for run in runs]),
        "milliseconds": {
            name: median(run.milliseconds[name] for run in runs) for name in first.milliseconds
        },
    }


def _table(
    first: str, told: Mapping[str, Mapping[str, Any]], ratios: Mapping[str, float] | None = None
) -> None:
    room = max(map(len, told))
    ratios = ratios or {}
    for name, one in told.items():
        beside = f"  {first}: {ratios[name]:.2f} times as many" if name in ratios else ""
        report.say(
            f"  {name:{room}} {one[COST]:8.3f} CPU s a thousand {one[RATE]:10,.0f} a second"
            f"  {_brief(one['milliseconds'])}{beside}"
        )
        if one["busy"] < SATURATED:
            report.say(
                f"  {'':{room}} it took {one['busy']:.0%} of a core, the sender"
                f" {one['sender busy']:.0%}"
            )


def _brief(times: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.3g}" for name, value in times.items())


def _rounded(value: Any) -> Any:
    """Four digits of each number: more are not known."""
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()

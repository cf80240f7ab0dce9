"""Two processes that serve one address, beside one.

Where there are more than two cores each process that serves has one for itself, and the opens a
second are what counts. On two cores the sender and Valkey need their part, so that opens a second
cannot show it: there all share both cores, and what a CPU second of the processes that serve
answers tells what two cores of it would.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from benchmarks import cores
from benchmarks.peers.opens import Peer
from benchmarks.served import served
from benchmarks.site import Site
from benchmarks.trial import Contestant, Run, children, cpu_seconds, in_closed_loop

ONE, TWO = "one worker", "two workers"
LEAST_PART = 0.2
"""Of the CPU time of two workers, what each must have taken: connections are shared out by chance,
an even part is a half."""
_TOGETHER = {ONE: 32, TWO: 64}


@dataclass(frozen=True, slots=True)
class Workers:
    """A server, and the processes that answer for it."""

    peer: Peer
    pids: Sequence[int]


@contextmanager
def both(site: Site) -> Iterator[Sequence[Workers]]:
    """A server of one worker and one of two, which both run."""
    with ExitStack() as running:
        running.enter_context(apart(site))
        yield [running.enter_context(started(site, *one)) for one in ((ONE, 1), (TWO, 2))]


@contextmanager
def apart(site: Site) -> Iterator[None]:
    """This process and the store are meanwhile where they leave room."""
    beside = cores.BESIDE_WORKERS
    with cores.elsewhere(0, beside), cores.elsewhere(site.store_pid, beside):
        yield


@contextmanager
def started(site: Site, name: str, count: int, **settings: str) -> Iterator[Workers]:
    workers = {"DYNCONTENT_WORKERS": str(count)}
    with served({**site.settings, **workers, **settings}) as server:
        pids = [server.pid] if count == 1 else sorted(children(server.pid))
        if len(pids) != count:
            raise SystemExit(f"{name}: {len(pids)} processes serve")
        cores.hold(server.pid, *cores.BESIDE_WORKERS)
        for pid, own in zip(pids, cores.OF_WORKERS, strict=False):
            cores.hold(pid, *own)
        yield Workers(Peer(name, server.base_url, (server.pid,)), pids)


def run(workers: Workers, contestant: Contestant, seconds: float, store: int) -> Run:
    """In a closed loop; the program ends if one of the workers had nothing to do."""
    before = [cpu_seconds([pid]) for pid in workers.pids]
    contestant = replace(contestant, together=_TOGETHER[workers.peer.name])
    found = in_closed_loop(contestant, seconds, store)
    spent = [cpu_seconds([pid]) - was for pid, was in zip(workers.pids, before, strict=True)]
    least = min(spent) / sum(spent)
    if least < LEAST_PART:
        raise SystemExit(f"{workers.peer.name}: one did {least:.0%} of the work")
    return replace(found, figures={**found.figures, "least part of a worker": least})

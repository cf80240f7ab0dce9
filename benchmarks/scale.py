"""What very many people cost: memory of Valkey, memory of a worker over very many opens, and an
open with very many people in the store.

    python -m benchmarks.scale [memory] [flat] [spread] [--people N] [--opens N] [--stored N]

Without a name all three are measured. Writes `benchmarks/results/scale.json`, in which what was not
measured stays as it was.
"""

import argparse
import multiprocessing
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from redis import Redis

from benchmarks import crowd, report, turnover
from benchmarks.cores import SENDER, SERVER, hold
from benchmarks.flat import WARM, Sample, flat
from benchmarks.peers.opens import block
from benchmarks.served import control_plane, served, settings_of
from benchmarks.site import site
from benchmarks.trial import Contestant, Run, in_closed_loop
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.keyring import Keyring, new_secret, parse_secret
from dyncontent.store.embedded import embedded_store
from dyncontent.store.keys import Keys

NAME = "scale"
PREFIX = "dyncontent"
KEYS = Keys(PREFIX)
PEOPLE, OPENS, STORED = 1_000_000, 10_000_000, 10_000_000
OPENING = 100_000
"""People who open, over and over, while a worker's memory is watched."""
FEW = 10_000
ASKED = 20_000
"""People who open where many are stored, at equal distances among them."""
PAIRS, SECONDS = 5, 6.0
MOST_MB, MOST_GROWTH_MB, MOST_RATIO = 600, 5, 1.1
TOGETHER = 500
"""People who are written in one round trip."""
WRITERS = 2
COST, STORE_COST = "CPU seconds of a thousand", "CPU seconds of the store of a thousand"

Measured = tuple[dict[str, Any], list[report.Target]]


def memory(people: int) -> Measured:
    """What so many people take of Valkey."""
    with _store() as (store, url):
        before = store.info("memory")
        _write(url, people)
        after = store.info("memory")
        sample = [crowd.recipient_id(number) for number in range(0, people, max(1, people // 1000))]
        documents = [store.memory_usage(KEYS.recipient(name)) or 0 for name in sample]
        raw = [store.strlen(KEYS.recipient(name)) for name in sample]
        lists = RECIPIENT.lists(KEYS)
        listed = sum(store.zcard(place) for place in lists)
        if listed != people or store.dbsize() != people + len(lists):
            raise SystemExit(f"{listed} people are listed, {store.dbsize()} keys are there")
        used = after["used_memory"] - before["used_memory"]
        for place in lists:
            store.unlink(place)
        told = {
            "people": people,
            "used MB": used / 1e6,
            "resident MB": (after["used_memory_rss"] - before["used_memory_rss"]) / 1e6,
            "bytes of a person": used / people,
            "bytes of a document": sum(raw) / len(raw),
            "bytes of a document with its key": sum(documents) / len(documents),
            "allocator": after["mem_allocator"],
            "version": store.info("server")["server_name"] + " " + _version(store),
        }
    report.say(
        f"{people:,} people: {told['used MB']:.0f} MB used, {told['resident MB']:.0f} MB resident;"
        f" {told['bytes of a person']:.0f} bytes each, of which their document has"
        f" {told['bytes of a document']:.0f}"
    )
    million = used / people
    return told, [report.Target("a million people in Valkey, MB", round(million, 1), MOST_MB)]


def steady(opens: int) -> Measured:
    """What a worker has after each hundredth of so many opens."""
    with site(20) as place:
        place.store.config_set("appendonly", "no")
        samples = flat(place, opens, OPENING)
    return flatness(samples)


def flatness(samples: Sequence[Sample]) -> Measured:
    filled = min(WARM, samples[-1].opens // 2)
    warm = [one for one in samples if one.opens >= filled]
    told = {
        "opens": samples[-1].opens,
        "people": OPENING,
        "warm after": warm[0].opens,
        "samples": [asdict(one) for one in samples],
    }
    growth = warm[-1].resident_mb - warm[0].resident_mb
    name = f"a worker's growth over {warm[-1].opens - warm[0].opens:,} opens, MB"
    return told, [report.Target(name, round(growth, 1), MOST_GROWTH_MB)]


def spread(stored: int) -> Measured:
    """What an open costs with so many people in the store, beside few."""
    runs: dict[str, list[Run]] = {}
    with ExitStack() as standing:
        hold(0, SENDER)
        contestants = [standing.enter_context(_asked(people)) for people in (FEW, stored)]
        for one, store in contestants:
            in_closed_loop(one, SECONDS, store)
        for _ in range(PAIRS):
            for one, store in contestants:
                runs.setdefault(one.name, []).append(in_closed_loop(one, SECONDS, store))
    few, many = runs.values()
    ratios = [b.figures[COST] / a.figures[COST] for a, b in zip(few, many, strict=True)]
    told = {
        "people": [FEW, stored],
        "ratios": ratios,
        "runs": {name: [one.figures for one in each] for name, each in runs.items()},
        **{
            name: {cost: median(one.figures[cost] for one in each) for cost in (COST, STORE_COST)}
            for name, each in runs.items()
        },
    }
    for name, each in runs.items():
        costs = [one.figures[COST] for one in each]
        report.say(f"{name}: {median(costs):.3f} CPU seconds of a thousand, {told[name]}")
    report.say(f"ratios of the pairs: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    return told, [
        report.Target(
            f"an open with {stored:,} people, of one with {FEW:,}",
            round(median(ratios), 3),
            MOST_RATIO,
        )
    ]


@contextmanager
def _asked(people: int) -> Iterator[tuple[Contestant, int]]:
    """A server and its Valkey with so many people, and the process of Valkey."""
    token, secret = secrets.token_urlsafe(32), new_secret("k1")
    with ExitStack() as running:
        store, url = running.enter_context(_store())
        _write(url, people, different=FEW)
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        settings = settings_of(folder, url, token, secret, block.HOST) | {
            "DYNCONTENT_STORE_PREFIX": PREFIX,
            "DYNCONTENT_REQUESTS_PER_MINUTE": "0",
            "DYNCONTENT_BUDGET_MS": "5000",
        }
        server = running.enter_context(served(settings))
        hold(server.pid, SERVER)
        with control_plane(server.base_url, token) as api:
            turnover.fill(api, people=0)
        numbers = range(0, people, max(1, people // ASKED))
        requests = turnover.opens_of(server.base_url, Keyring((parse_secret(secret),)), numbers)
        yield (
            Contestant(f"{people:,} people", server.base_url, (server.pid,), lambda: requests),
            int(store.info("server")["process_id"]),
        )


@contextmanager
def _store() -> Iterator[tuple[Redis, str]]:
    """A Valkey of its own, whose file is not written: it is not what is measured."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_store(Path(folder)) as url,
        Redis.from_url(url) as store,
    ):
        store.config_set("appendonly", "no")
        yield store, url


def _write(url: str, people: int, different: int | None = None) -> None:
    """Write so many people, in processes."""
    share = -(-people // WRITERS)
    parts = [(url, range(at, min(at + share, people)), different) for at in range(0, people, share)]
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        pool.starmap(write_part, parts)


def write_part(url: str, numbers: range, different: int | None) -> None:
    with Redis.from_url(url) as store:
        for at in range(0, len(numbers), TOGETHER):
            batch = store.pipeline(transaction=False)
            for command in crowd.written(KEYS, numbers[at : at + TOGETHER], different):
                batch.execute_command(*command)
            batch.execute()


def _version(store: Redis) -> str:
    info = store.info("server")
    return str(info.get("valkey_version", info["redis_version"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="memory | flat | spread")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--opens", type=int, default=OPENS)
    parser.add_argument("--stored", type=int, default=STORED)
    asked = parser.parse_args()
    parts = {
        "memory": lambda: memory(asked.people),
        "flat": lambda: steady(asked.opens),
        "spread": lambda: spread(asked.stored),
    }
    if unknown := set(asked.parts) - parts.keys():
        parser.error(f"there is no {min(unknown)}: {', '.join(parts)}")
    measured = {name: parts[name]() for name in asked.parts or parts}
    write(measured)


def write(measured: Mapping[str, Measured]) -> None:
    """What was measured, beside what was before."""
    path = report.RESULTS / f"{NAME}.json"
    figures: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
    figures.pop("targets", None)
    for name, (told, targets) in measured.items():
        figures[name] = told | {"targets": [asdict(target) for target in targets]}
    every = [report.Target(**one) for told in figures.values() for one in told["targets"]]
    report.write(NAME, every, figures)


if __name__ == "__main__":
    main()

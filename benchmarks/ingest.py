"""How many recipients a second the server takes, and how many links it makes.

    python -m benchmarks.ingest [RECIPIENTS]

Starts a Valkey, whose append-only file is flushed before each reply, and one server, held on one
core where the system can do that. In each of several rounds the store is emptied, the recipients
are sent as NDJSON in one call, and links are asked for in another. A figure is the median of the
rounds, from the first byte that is sent to the last that is answered; beside it stands the CPU time
of the server, which a machine that does other things too alters less. Writes
`benchmarks/results/ingest.json`.
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import orjson
from redis import Redis

from benchmarks import report
from benchmarks.cores import SERVER, hold
from benchmarks.served import Served, control_plane, served, settings_of
from dyncontent.keyring import new_secret
from dyncontent.store.embedded import embedded_store

RECIPIENTS = 100_000
ROUNDS = 5
TARGET = 20_000
PIECE = 64 * 1024
LINKS = 50_000
"""The client reads only when it has sent everything, so that what it sends waits on disk."""

_SHOWN = {
    "creative": {"kind": "canvas", "canvas": {"width": 60, "height": 40}},
    "link": "https://shop.example/",
    "alt": "Shop",
}
_BLOCK = {
    "title": "Shop",
    "class": "transactional",
    "variants": [{"id": "shop", **_SHOWN}],
    "fallback": _SHOWN,
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECIPIENTS
    people = b"".join(map(_person, range(count)))
    asked = b"".join(map(_link, range(LINKS)))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(embedded_store(folder / "store"))
        token = secrets.token_urlsafe(32)
        settings = settings_of(folder, store, token, new_secret("k1"), "shop.example")
        server = stack.enter_context(served(settings))
        hold(server.pid, SERVER)
        client = stack.enter_context(control_plane(server.base_url, token))
        valkey = stack.enter_context(Redis.from_url(store))
        new, again, links = [], [], []
        for _ in range(ROUNDS):
            valkey.flushall()
            new.append(_timed(server, lambda: _write(client, people, count)))
            again.append(_timed(server, lambda: _write(client, people, count)))
            client.put("blocks/shop", json=_BLOCK).raise_for_status()
            links.append(_timed(server, lambda: _make(client, asked)))
    figures = {
        "new recipients": _rates(new, count),
        "the same recipients again": _rates(again, count),
        "links": _rates(links, LINKS),
    }
    for name, rates in figures.items():
        report.say(
            f"{name:28} {rates['a second']:8,} a second, {rates['CPU microseconds']} µs of CPU each"
        )
    reached = figures["new recipients"]["a second"]
    targets = [report.Target("new recipients a second", reached, TARGET, "at_least")]
    told = {"recipients": count, "bytes of a line": len(people) // count, "rounds": ROUNDS}
    report.write("ingest", targets, told | {"figures": figures})


def _person(number: int) -> bytes:
    return _line(
        {
            "id": f"r{number:07}",
            "first_name": "Aino",
            "last_name": "Virtanen",
            "locale": "fi",
            "time_zone": "Europe/Helsinki",
            "consents": {"marketing": True, "tracking": number % 2 == 0},
            "cart": [f"p{number % 977}", "rome"],
            "attributes": {"city": "Helsinki", "points": number, "tier": "gold"},
        }
    )


def _link(number: int) -> bytes:
    return _line({"block": "shop", "recipient": f"r{number:07}", "message": "spring"})


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _write(client: httpx.Client, lines: bytes, count: int) -> None:
    answer = client.post("recipients/bulk", content=_pieces(lines)).raise_for_status().json()
    if answer["written"] != count:
        raise SystemExit(f"not all were written: {answer}")


def _make(client: httpx.Client, lines: bytes) -> None:
    answer = client.post("links/bulk", content=_pieces(lines)).raise_for_status()
    if answer.content.count(b'"image"') != LINKS:
        raise SystemExit(f"not all links were made: {answer.text[:200]}")


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


def _timed(server: Served, run: Callable[[], None]) -> tuple[float, float]:
    """Seconds until the answer, and of the server's CPU time."""
    cpu, wall = server.cpu_seconds(), time.perf_counter()
    run()
    return time.perf_counter() - wall, server.cpu_seconds() - cpu


def _rates(rounds: Sequence[tuple[float, float]], count: int) -> dict[str, float]:
    return {
        "a second": round(count / median(wall for wall, _ in rounds)),
        "CPU microseconds": round(median(cpu for _, cpu in rounds) / count * 1e6, 1),
    }


if __name__ == "__main__":
    main()

"""`dyncontent bench`."""

import asyncio
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
import uvloop

from dyncontent.commands.earlier import ALLOWED_PERCENT, Beside, Earlier, is_worse
from dyncontent.commands.opening import MIXED, USER_AGENT, BenchError, loop_name, measure
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.commands.progress import progress
from dyncontent.demo.load import DEMO_FILE
from dyncontent.load.strain import BUSY
from dyncontent.settings import read_settings

WORSE = 3
"""The exit code that says so."""


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=10, show_default=True, help="How long."
)
@click.option(
    "--together",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Opens at a time, each as soon as one is answered.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 10_000),
    help="Opens a second instead, whether they are answered or not.",
)
@click.option(
    "--user-agent",
    default=USER_AGENT,
    show_default=True,
    help=f"Who opens; {MIXED}: Apple's relay, Gmail and people, in the shares of a send.",
)
@click.option(
    "--compare",
    type=click.File("rb"),
    help="What --json printed earlier: each figure is told beside that one.",
)
@click.option(
    "--allow",
    type=click.FloatRange(0, 1000),
    default=ALLOWED_PERCENT,
    show_default=True,
    help="By how many per cent a figure may be worse than the one that it is compared with.",
)
@JSON_OPTION
def bench(
    file: BinaryIO | None,
    seconds: float,
    together: int,
    rate: float | None,
    user_agent: str,
    compare: BinaryIO | None,
    allow: float,
    as_json: bool,
) -> None:
    """Open pictures of a running server, check each answer, and tell how long they took.

    FILE holds a picture's URL in each line, or what `dyncontent links` writes; without
    one, the pictures of the demo in the data folder are opened. Each must be answered with status
    200 and a picture of its type. They count as opens like any other: take people who are made up.

    A check of an installation by one process, which tells how busy it was with sending; to measure
    the server itself see benchmarks/.

    Exit code: 0 all were answered rightly, 1 some were not, or it failed, 2 for wrong usage, 3 all
    were, but with --compare opens a second, p50 or p99 are worse than --allow allows.
    """
    with plain_errors(as_json):
        earlier = Earlier(compare.read()) if compare else None
        if earlier:
            earlier.check(loop_name(together, rate))
        urls = _urls(file)
        with (
            progress("seconds", quiet=as_json) as moved,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            opened = measure(
                urls, seconds, together=together, rate=rate, moved=moved, user_agent=user_agent
            )
            measured = runner.run(opened)
        told = measured.told()
        text = _written(told)
        beside = list(earlier.beside(told)) if earlier else []
        worse = [one for one in beside if is_worse(one, allow)]
        if earlier:
            told["compared"] = {
                one.name: {"then": one.then, "ratio": round(one.ratio, 3), "worse": one in worse}
                for one in beside
            }
            text = "\n".join((text, *_beside(beside, worse)))
        say(text, told, as_json)
        sys.exit(1 if not measured.ok else WORSE if worse else 0)


def _beside(beside: Sequence[Beside], worse: Sequence[Beside]) -> Iterator[str]:
    yield "compared      now, then, now of then"
    for one in beside:
        note = "  WORSE" if one in worse else ""
        yield f"  {one.name:10}  {one.now:>9,g}  {one.then:>9,g}  {one.ratio:6.2f}{note}"


def _urls(file: BinaryIO | None) -> list[str]:
    if file is None:
        return _demo_urls(read_settings().data_dir / DEMO_FILE)
    lines = [line.strip() for line in file if line.strip()]
    names = _cells(lines[:1])
    if "image" in next(names, []):
        return _column(lines)
    return [_url(line) for line in lines]


def _column(lines: list[bytes]) -> list[str]:
    """The pictures of a table as `dyncontent links --format csv` writes it."""
    names, *rows = _cells(lines)
    place = names.index("image")
    if any(len(row) != len(names) for row in rows):
        raise BenchError("a line of this CSV has not as many columns as the first")
    return [row[place] for row in rows]


def _cells(lines: list[bytes]) -> Iterator[list[str]]:
    return csv.reader(line.decode("utf-8-sig", "replace") for line in lines)


def _url(line: bytes) -> str:
    if not line.startswith(b"{"):
        return line.decode("utf-8", "replace")
    try:
        url = orjson.loads(line).get("image")
    except orjson.JSONDecodeError:
        url = None
    if not isinstance(url, str):
        raise BenchError(f"a line has no image: {line[:200]!r}")
    return url


def _demo_urls(path: Path) -> list[str]:
    try:
        scenarios = orjson.loads(path.read_bytes())["scenarios"]
    except FileNotFoundError:
        raise BenchError(f"name a file of URLs: there is no demo in {path.parent}") from None
    return [entry["image"] for entries in scenarios.values() for entry in entries]


def _written(told: dict[str, Any]) -> str:
    times = told["milliseconds"]
    rate = f"{told['per_second']} a second"
    lines = [
        f"{told['opens']} opens in {told['seconds']} s ({told['loop']}): {rate}",
        "milliseconds  " + "  ".join(f"{name} {value}" for name, value in times.items())
        if times["max"] is not None
        else "none was answered rightly",
        *(f"{count} × {failure}" for failure, count in told["failures"].items()),
    ]
    if told["sender_busy"] > BUSY:
        lines.append(
            f"The sender used {told['sender_busy']:.0%} of a processor: it may be what was slow."
        )
    return "\n".join(lines)

"""`dyncontent worker`."""

import asyncio
import signal
import sys
from dataclasses import asdict

import click

from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.metrics import Metrics
from dyncontent.serving import reached_store, run
from dyncontent.settings import Settings, read_settings
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from dyncontent.worker.crew import worker_of
from dyncontent.worker.worker import Done


@click.command()
@click.option("--once", is_flag=True, help="Do what is to be done by now, and end.")
@JSON_OPTION
def worker(once: bool, as_json: bool) -> None:
    """Do what is scheduled, until Ctrl-C or SIGTERM.

    Data sources and product feeds are fetched, and events that are older than
    DYNCONTENT_EVENT_DAYS removed. Any
    number of workers share the work of a store; what one was at that is killed, another begins
    anew within seconds. With the embedded store `dyncontent serve` does all this itself.

    Exit code: 0 ended as asked, 1 could not start, or with --once something failed, 2 for wrong
    usage.
    """
    with plain_errors(as_json):
        settings = read_settings()
        with reached_store(settings) as url:
            if not once:
                run(_work(settings, url, as_json))
                return
            done = asyncio.run(_once(settings, url))
        say(_written(done), asdict(done), as_json)
        sys.exit(1 if done.failed else 0)


async def _work(settings: Settings, url: str, as_json: bool) -> None:
    store = Store(connect(url), Keys(settings.store_prefix))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    try:
        await store.ping()
        say("dyncontent worker is at work", {"working": True}, as_json)
        await worker_of(settings, store, Metrics()).run(stopping)
    finally:
        await store.aclose()


async def _once(settings: Settings, url: str) -> Done:
    store = Store(connect(url), Keys(settings.store_prefix))
    try:
        return await worker_of(settings, store, Metrics()).once()
    finally:
        await store.aclose()


def _written(done: Done) -> str:
    lines = [
        *(f"done     {name}" for name in done.done),
        *(f"FAILED   {name}: {why}" for name, why in done.failed.items()),
        *(f"left     {name}: another worker is at it" for name in done.left),
    ]
    return "\n".join(lines) or "There is nothing to do."

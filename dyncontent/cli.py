"""The command line."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import socket

import click

from dyncontent.app import build
from dyncontent.commands.bench import bench
from dyncontent.commands.doctor import doctor
from dyncontent.commands.links import links
from dyncontent.commands.lint import lint
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.commands.preview import preview
from dyncontent.commands.token import token
from dyncontent.commands.transfer import export_, import_
from dyncontent.commands.user import user
from dyncontent.commands.worker import worker as worker_command
from dyncontent.demo import load, pages, steps
from dyncontent.keyring import new_secret
from dyncontent.processes.parent import several
from dyncontent.servers import server_of
from dyncontent.serving import listen, run, serving, store_url
from dyncontent.settings import Settings, SettingsError, read_settings

DEMO_BUDGET_MS = 1000
"""The demo shares its machine with the browser that looks at it: drawing may take longer."""

PORT_OPTION = click.option(
    "--port", help="Port to listen on.  [default: PORT, else DYNCONTENT_PORT, else 8000]"
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dyncontent")
def main() -> None:
    """Images and links in emails that are true when they are opened."""


@main.command()
@PORT_OPTION
@click.option(
    "--worker/--no-worker",
    default=None,
    help="Do what is scheduled too.  [default: with the embedded store, or DYNCONTENT_WORKER]",
)
@click.option("--workers", help="Processes that serve.  [default: DYNCONTENT_WORKERS, else 1]")
@click.option("--server", help="uvicorn or granian.  [default: DYNCONTENT_SERVER, else uvicorn]")
@JSON_OPTION
def serve(
    port: str | None,
    worker: bool | None,
    workers: str | None,
    server: str | None,
    as_json: bool,
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Settings are environment variables, DYNCONTENT_…; without any, a Valkey server of its own runs
    in var/. Requests under way are answered before it ends.
    """
    asked = {"worker": worker, "workers": workers, "server": server}
    given = {name: value for name, value in asked.items() if value is not None}
    with (
        plain_errors(as_json),
        _listening(port, given) as (settings, listening),
        store_url(settings) as store,
    ):
        run(_serve(settings, listening, store, as_json))


@main.command()
@PORT_OPTION
@JSON_OPTION
def demo(port: str | None, as_json: bool) -> None:
    """Serve the scenarios, freshly loaded, and say what to try.

    Not for production: whatever has the names of the demo is overwritten.
    """
    with (
        plain_errors(as_json),
        _listening(port, budget_ms=DEMO_BUDGET_MS) as (settings, listening),
        store_url(settings) as store,
    ):
        run(_demo(settings, listening, store, as_json))


@main.command("demo-step")
@click.argument("step", type=click.Choice(list(steps.STEPS)))
@JSON_OPTION
def demo_step(step: str, as_json: bool) -> None:
    """Change a fact in the running demo, and say what to look at."""
    with plain_errors(as_json):
        taken = steps.take(step, read_settings().data_dir)
        say(taken, {"step": step, "message": taken}, as_json)


@main.command()
@click.argument("key_id", default="k1")
@JSON_OPTION
def keys(key_id: str, as_json: bool) -> None:
    """Make a secret for DYNCONTENT_URL_KEYS.

    KEY_ID, 1 to 8 letters and digits, stands in the URLs that it signs; k1 if none is given.
    """
    try:
        secret = new_secret(key_id)
        say(secret, {"id": key_id, "key": secret}, as_json)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


main.add_command(worker_command)
main.add_command(doctor)
main.add_command(lint)
main.add_command(export_)
main.add_command(import_)
main.add_command(preview)
main.add_command(links)
main.add_command(bench)
main.add_command(token)
main.add_command(user)


async def _serve(settings: Settings, listening: socket, store: str, as_json: bool) -> None:
    served = (
        serving(server_of(settings)(build(settings, store)), listening)
        if settings.workers == 1
        else several(settings, listening, store)
    )
    async with served as server:
        url = settings.public_url
        say(f"dyncontent serves on {url}", {"base_url": url}, as_json)
        await server


async def _demo(settings: Settings, listening: socket, store: str, as_json: bool) -> None:
    if settings.environment == "production":
        raise SettingsError("the demo overwrites facts: it does not run in production")
    app = build(settings, store, pages.routes(settings.data_dir))
    async with serving(server_of(settings)(app), listening) as server:
        loading = asyncio.create_task(_load_demo(settings))
        await asyncio.wait((loading, server), return_when=asyncio.FIRST_COMPLETED)
        if server.done():  # Ctrl-C came first
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            return
        scenarios = await loading
        told = {"base_url": settings.public_url, "scenarios": scenarios}
        say(_what_to_try(settings.public_url, settings, scenarios), told, as_json)
        await server


async def _load_demo(settings: Settings) -> dict[str, list[dict[str, str]]]:
    """Load the scenarios, and write the demo's file."""
    base_url, token = settings.public_url, settings.api_tokens[0]
    scenarios = await load.load(f"http://{settings.address}", token, f"{base_url}/demo/shop")
    load.write_summary(settings.data_dir, base_url, token, scenarios)
    return scenarios


def _what_to_try(
    base_url: str, settings: Settings, scenarios: dict[str, list[dict[str, str]]]
) -> str:
    first = {block: entries[0]["image"] for block, entries in scenarios.items()}
    return f"""
dyncontent serves the demo on {base_url}

  Open this in a browser     {base_url}/demo/
  or one picture alone       {first["vip-trip"]}

  Then, in a second terminal, change a fact, and reload:

    make last-seat-sells           the VIP trip gives way to the most similar one with seats
    make she-buys-the-insurance    Aino is thanked and offered what she does not have yet
    make parcel-ships              every order moves on by a step
    make step STEP=NAME            the steps of the other scenarios, which stand beside them

  A click on a picture leads where that picture points.
  All URLs and the API token are in {settings.data_dir / load.DEMO_FILE}. Ctrl-C stops everything.
"""


@contextmanager
def _listening(
    port: str | None, given: Mapping[str, object] | None = None, **defaults: int
) -> Iterator[tuple[Settings, socket]]:
    """The settings with the port that is really listened on, and the socket. `given` ones go before
    the environment; `defaults` are for settings that it does not name."""
    settings = read_settings(**({} if port is None else {"port": port}), **(given or {})).secured()
    unset = defaults.keys() - settings.model_fields_set
    settings = settings.model_copy(update={name: defaults[name] for name in unset})
    server_of(settings)  # whatever else fails, this is said first
    with listen(settings) as listening:
        yield settings.model_copy(update={"port": listening.getsockname()[1]}), listening

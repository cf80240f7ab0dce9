"""The command line."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import BinaryIO

import click

from dyncontent import templates
from dyncontent.app import build
from dyncontent.demo import load, pages, steps
from dyncontent.keyring import new_secret
from dyncontent.serving import PortError, listen, run, serving, store_url
from dyncontent.settings import Settings, SettingsError, read_settings
from dyncontent.store.embedded import EmbeddedStoreError

DEMO_BUDGET_MS = 1000
"""The demo shares its machine with the browser that looks at it: drawing may take longer."""

PORT_OPTION = click.option("--port", envvar="PORT", help="Port to listen on.  [default: 8000]")
EXPECTED = (
    SettingsError,
    EmbeddedStoreError,
    PortError,
    load.LoadError,
    steps.StepError,
    OSError,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dyncontent")
def main() -> None:
    """Images and links in emails that are true when they are opened."""


@main.command()
@PORT_OPTION
def serve(port: str | None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    with _plain_errors(), _listening(port) as (settings, listening), store_url(settings) as store:
        run(_serve(settings, listening, store))


@main.command()
@PORT_OPTION
def demo(port: str | None) -> None:
    """Serve the scenarios, freshly loaded, and say what to try. Not for production: whatever has
    the names of the demo is overwritten."""
    with (
        _plain_errors(),
        _listening(port, budget_ms=DEMO_BUDGET_MS) as (settings, listening),
        store_url(settings) as store,
    ):
        run(_demo(settings, listening, store))


@main.command("demo-step")
@click.argument("step", type=click.Choice(list(steps.STEPS)))
def demo_step(step: str) -> None:
    """Change a fact in the running demo."""
    with _plain_errors():
        click.echo(steps.take(step, read_settings().data_dir))


@main.command()
@click.argument("key_id", default="k1")
def keys(key_id: str) -> None:
    """Make a secret for DYNCONTENT_URL_KEYS, under KEY_ID."""
    try:
        click.echo(new_secret(key_id))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@main.command()
@click.argument("file", type=click.File("rb"))
@click.option("--class", "class_", help="Class of the message: transactional or marketing.")
@click.option("--sender", help="Who sends it, such as mailchimp.  [default: as its tags tell]")
@click.option("--url", envvar="DYNCONTENT_URL", help="A running server, such as https://...")
@click.option("--token", envvar="DYNCONTENT_TOKEN", help="A token of its control plane.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def lint(
    file: BinaryIO,
    class_: str | None,
    sender: str | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Find what is wrong with the hosted blocks in FILE, an HTML template or a MIME message; - is
    the standard input.

    The server at --url (or DYNCONTENT_URL) is asked with --token (or DYNCONTENT_TOKEN).

    Exit codes: 0 nothing worse than warnings, 1 errors were found, 2 FILE could not be checked.
    """
    if not url or not token:
        raise click.UsageError(
            "name the server with --url and --token, or in DYNCONTENT_URL and DYNCONTENT_TOKEN"
        )
    try:
        report = templates.check(url, token, file.read(), class_, sender)
    except templates.CheckError as error:
        raise click.UsageError(str(error)) from error
    click.echo(report.json if as_json else report.lines(getattr(file, "name", "-")), nl=as_json)
    sys.exit(1 if report.failed else 0)


async def _serve(settings: Settings, listening: socket, store: str) -> None:
    async with serving(build(settings, store), listening) as server:
        click.echo(f"dyncontent serves on {settings.public_url}")
        await server


async def _demo(settings: Settings, listening: socket, store: str) -> None:
    if settings.environment == "production":
        raise SettingsError("the demo overwrites facts: it does not run in production")
    app = build(settings, store, pages.routes(settings.data_dir))
    async with serving(app, listening) as server:
        loading = asyncio.create_task(_load_demo(settings))
        await asyncio.wait((loading, server), return_when=asyncio.FIRST_COMPLETED)
        if server.done():  # Ctrl-C came first
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            return
        click.echo(await loading)
        await server


async def _load_demo(settings: Settings) -> str:
    """Load the scenarios; what to try with them."""
    base_url, token = settings.public_url, settings.api_tokens[0]
    scenarios = await load.load(f"http://{settings.address}", token, f"{base_url}/demo/shop")
    load.write_summary(settings.data_dir, base_url, token, scenarios)
    return _what_to_try(base_url, settings, scenarios)


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

  A click on a picture leads where that picture points.
  All URLs and the API token are in {settings.data_dir / load.DEMO_FILE}. Ctrl-C stops everything.
"""


@contextmanager
def _listening(port: str | None, **defaults: int) -> Iterator[tuple[Settings, socket]]:
    """The settings with the port that is really listened on, and the socket. `defaults` are for
    settings that the environment does not name."""
    settings = read_settings(**({} if port is None else {"port": port})).secured()
    unset = defaults.keys() - settings.model_fields_set
    settings = settings.model_copy(update={name: defaults[name] for name in unset})
    with listen(settings) as listening:
        yield settings.model_copy(update={"port": listening.getsockname()[1]}), listening


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What a user can mend is said in plain lines, without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    except EXPECTED as error:
        click.echo(f"dyncontent: {error}", err=True)
        sys.exit(1)

"""What all commands have in common: how they print, and how they fail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import orjson

from dyncontent.access.password import WeakPasswordError
from dyncontent.access.user import UserError
from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.commands.opening import BenchError
from dyncontent.commands.people import PeopleError
from dyncontent.commands.server import ServerError
from dyncontent.demo.load import LoadError
from dyncontent.demo.steps import StepError
from dyncontent.processes.parent import ProcessError
from dyncontent.serving import PortError
from dyncontent.settings import SettingsError
from dyncontent.store.embedded import EmbeddedStoreError
from dyncontent.store.roundtrip import StoreError
from dyncontent.transfer.folder import FolderError

EXPECTED = (
    SettingsError,
    EmbeddedStoreError,
    StoreError,
    PortError,
    ProcessError,
    LoadError,
    StepError,
    FolderError,
    ServerError,
    PeopleError,
    BenchError,
    NotFoundError,
    UserError,
    WeakPasswordError,
    OSError,
)

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def say(text: str, told: Any, as_json: bool) -> None:
    """Print `text`, or `told` as one line of JSON."""
    click.echo(orjson.dumps(told).decode() if as_json else text)


@contextmanager
def plain_errors(as_json: bool = False) -> Iterator[None]:
    """What a user can mend is said in plain lines, or as `{"error": …}`, without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    except EXPECTED as error:
        told = orjson.dumps({"error": str(error)}).decode()
        click.echo(told if as_json else f"dyncontent: {error}", err=True)
        sys.exit(1)

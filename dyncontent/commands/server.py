"""A running server, as commands ask it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import httpx
import orjson

SECONDS = 60
UNAUTHORIZED = (
    "{url} does not know this token, or it is revoked or over: give one of its own with --token,"
    " or in DYNCONTENT_TOKEN"
)

Command = TypeVar("Command", bound=Callable[..., Any])


class ServerError(Exception):
    """A server does not answer, or refuses: why, a line for each thing that is wrong."""


def server_options(command: Command) -> Command:
    """`--url` and `--token`."""
    token = click.option("--token", envvar="DYNCONTENT_TOKEN", help="A token of its control plane.")
    url = click.option("--url", envvar="DYNCONTENT_URL", help="A running server: https://...")
    return url(token(command))


@contextmanager
def server(url: str | None, token: str | None) -> Iterator["Server"]:
    """Raises UsageError if it is not named."""
    if not url or not token:
        raise click.UsageError(
            "name the server with --url and --token, or in DYNCONTENT_URL and DYNCONTENT_TOKEN"
        )
    headers = {b"authorization": f"Bearer {token}".encode()}
    try:
        client = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=SECONDS)
    except (httpx.InvalidURL, ValueError) as error:
        raise ServerError(f"{url} is no address: {error}") from error
    with client:
        yield Server(url, client)


class Server:
    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url = url
        self._client = client

    def ask(self, path: str, body: bytes) -> bytes:
        """What `POST /api/v1/PATH` answers. Raises ServerError."""
        try:
            response = self._client.post(f"/api/v1/{path}", content=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerError(f"{self._url} does not answer: {error!r}") from error
        if response.is_success:
            return response.content
        raise ServerError(self._why(response))

    def _why(self, response: httpx.Response) -> str:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return UNAUTHORIZED.format(url=self._url)
        try:
            problem = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            problem = None
        match problem:
            case {"message": str(message), "fields": [*fields]}:
                return "\n".join((message, *map(_said, fields)))
            case _:
                return (
                    f"{self._url} is no dyncontent server: it answers with status"
                    f" {response.status_code}"
                )


def _said(field: dict[str, Any]) -> str:
    value = orjson.dumps(field["value"]).decode()
    return f"  {field['path']} is {value}: give {field['expected']}"


def problem_line(told: dict[str, Any]) -> str:
    """A problem of one line in bulk, in one line."""
    return "; ".join((told["message"], *(_said(field).strip() for field in told["fields"])))

"""The lint of a template's file, by a running server, for the command line."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from dyncontent.commands.server import UNAUTHORIZED

_SECONDS = 60
_HEADER = re.compile(rb"\s*(From |[A-Za-z][A-Za-z-]*:[ \t])")


class CheckError(Exception):
    """The file could not be checked: why, in one line."""


@dataclass(frozen=True, slots=True)
class Report:
    """The server's answer."""

    answer: dict[str, Any]

    @property
    def failed(self) -> bool:
        return not self.answer["ok"]

    @property
    def json(self) -> str:
        return orjson.dumps(self.answer).decode()

    def lines(self, file: str) -> str:
        """A line for each finding, as compilers write them; nothing if there is none."""
        return "".join(
            f"{file}:{found['line']}:{found['column']}:"
            f" {found['severity']} {found['code']}: {found['message']}\n"
            for found in self.answer["findings"]
        )


def media_type(raw: bytes) -> str:
    """A message begins with its header."""
    return "message/rfc822" if _HEADER.match(raw) else "text/html"


def check(
    url: str, token: str, raw: bytes, class_: str | None = None, sender: str | None = None
) -> Report:
    """Ask the server at `url`. Raises CheckError."""
    try:
        response = httpx.post(
            f"{url.rstrip('/')}/api/v1/lint",
            params={
                name: value for name, value in (("class", class_), ("sender", sender)) if value
            },
            content=raw,
            headers={
                b"authorization": f"Bearer {token}".encode(),
                b"content-type": media_type(raw).encode(),
            },
            timeout=_SECONDS,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CheckError(f"{url} does not answer: {error}") from error
    return Report(_answer(url, response))


def _answer(url: str, response: httpx.Response) -> dict[str, Any]:
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        answer = None
    match answer:
        case {"ok": bool(), "findings": [*_]} if response.is_success:
            return dict(answer)
        case _ if response.status_code == httpx.codes.UNAUTHORIZED:
            raise CheckError(UNAUTHORIZED.format(url=url))
        case {"message": str(message), "fields": [*fields]}:
            said = (f"{one['path']} {one['value']}: give {one['expected']}" for one in fields)
            raise CheckError("; ".join(said) or message)
        case _:
            raise CheckError(
                f"{url} is no dyncontent server: it answers with status {response.status_code}"
            )

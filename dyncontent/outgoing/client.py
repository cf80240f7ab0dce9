"""The guarded client: every request of this server to another goes through it.

It sends nothing that it was not given: no cookies, nothing of the environment, no credentials to
another origin than the one they are for. What it takes in is limited in size, time and type.
"""

import asyncio
import re
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses
from importlib.metadata import version
from typing import cast

import httpcore
import httpx

from dyncontent.outgoing.network import CheckedNetwork, Resolve, look_up
from dyncontent.outgoing.reach import DEFAULT_PORTS, OutgoingError, Reach, RefusedError

MOST_REDIRECTS = 5
LONGEST_VALIDATOR = 500
"""Of an ETag that is kept, in characters."""
MOST_CONNECT_SECONDS = 10.0
PIECE = 256 * 1024
"""Bytes that are unpacked at once."""

_AGENT = f"dyncontent/{version('dyncontent')}"
_REDIRECTS = (301, 302, 303, 307, 308)
_OURS = frozenset(
    (
        *("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade"),
        *("proxy-authorization", "proxy-connection", "keep-alive", "expect", "cookie", "range"),
        *("accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since"),
    )
)
"""Headers that are not the caller's to set, in lower case."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,3998}[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    `types` are the media types that may come; `+json` stands for all that end like this, and
    what comes without a type counts as `application/octet-stream`. `headers` are sent to the
    origin of `url` alone. `etag` and `modified` are what the last answer gave, empty for an
    unconditional request. At most `most_bytes` are taken in, packed and unpacked, in at most
    `seconds` from the first to the last of it."""

    url: str
    types: tuple[str, ...]
    most_bytes: int
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes: `unchanged` is a 304, without a body. `url` is where it came from in the end.
    `chunks` can be read once, while the answer is open; they raise OutgoingError."""

    url: str
    unchanged: bool
    media_type: str
    etag: str
    modified: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer that was read to its end."""

    url: str
    unchanged: bool
    media_type: str
    etag: str
    modified: str
    body: bytes


class AnsweredError(OutgoingError):
    """The other answered, but not with what was asked for; `retry_after` are the seconds for which
    it wants to be left alone, if it says so."""

    def __init__(self, message: str, status: int, retry_after: float | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


def check_header(name: str, value: str) -> None:
    """Raises ValueError unless this can be one of the headers that are wanted."""
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("a header's name has letters, digits and hyphens, at most 100")
    if name.lower() in _OURS:
        raise ValueError(f"{name} is set by the server itself")
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError("a header's value is one line of ASCII, at most 4000 characters")


class Outgoing:
    """`resolve` and `network` are the system's unless given."""

    def __init__(
        self,
        reach: Reach,
        resolve: Resolve = look_up,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self.reach = reach
        self._network = CheckedNetwork(reach, resolve, network)
        self._trust: ssl.SSLContext | None = None

    async def fetch(self, wanted: Wanted) -> Fetched:
        """Raises OutgoingError; RefusedError, which is one, where asking again is in vain."""
        async with self.open(wanted) as answer:
            body = b"".join([chunk async for chunk in answer.chunks])
        return Fetched(
            answer.url, answer.unchanged, answer.media_type, answer.etag, answer.modified, body
        )

    @asynccontextmanager
    async def open(self, wanted: Wanted) -> AsyncIterator[Answer]:
        """As `fetch`, for what is too long to be held: the time counts until this is left."""
        url = self.reach.read(wanted.url)
        for name, value in wanted.headers.items():
            try:
                check_header(name, value)
            except ValueError as error:
                raise RefusedError(str(error)) from error
        try:
            async with (
                asyncio.timeout(wanted.seconds) as limit,
                self._followed(url, wanted) as answer,
            ):
                yield answer
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise OutgoingError(f"{_host(url)} took more than {wanted.seconds:g} s") from error

    @asynccontextmanager
    async def _followed(self, url: httpx.URL, wanted: Wanted) -> AsyncIterator[Answer]:
        headers = dict(wanted.headers)
        for _ in range(MOST_REDIRECTS + 1):
            async with self._asked(url, headers, wanted) as response:
                if response.status not in _REDIRECTS:
                    yield _answer(url, response, wanted)
                    return
                location = _header(response, b"location")
            if not location:
                raise OutgoingError(f"{_host(url)} redirects to nowhere")
            following = self._following(url, location)
            if _origin(following) != _origin(url):
                headers = {}
            url = following
        raise RefusedError(f"{_host(url)} redirects more than {MOST_REDIRECTS} times")

    def _following(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            following = self.reach.read(location, base=url)
        except RefusedError as error:
            raise RefusedError(f"{_host(url)} redirects, and {error}") from error
        if url.scheme == "https" and following.scheme != "https":
            raise RefusedError(f"{_host(url)} redirects from https:// to http://")
        return following

    @asynccontextmanager
    async def _asked(
        self, url: httpx.URL, headers: Mapping[str, str], wanted: Wanted
    ) -> AsyncIterator[httpcore.Response]:
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        sent = {
            **headers,
            "User-Agent": _AGENT,
            "Accept": ", ".join(sorted(_accepted(wanted.types))),
            "Accept-Encoding": "gzip",
        }
        if wanted.etag:
            sent["If-None-Match"] = wanted.etag
        if wanted.modified:
            sent["If-Modified-Since"] = wanted.modified
        timeouts = {"connect": min(MOST_CONNECT_SECONDS, wanted.seconds / 2)}
        connection = httpcore.AsyncHTTPConnection(
            target.origin, ssl_context=self._certificates(), network_backend=self._network
        )
        try:
            async with (
                _in_plain_words(_host(url)),
                connection.stream(
                    "GET",
                    target,
                    headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                yield response
        finally:
            await connection.aclose()

    def _certificates(self) -> ssl.SSLContext:
        """Those that come with this server, and the system's: an own network has its own."""
        if self._trust is None:
            self._trust = httpx.create_ssl_context(trust_env=False)
            self._trust.load_default_certs()
        return self._trust


@asynccontextmanager
async def _in_plain_words(host: str) -> AsyncIterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise OutgoingError(f"{host} cannot be connected to in time") from error
    except httpcore.ConnectError as error:
        raise OutgoingError(f"{host} cannot be connected to: {error}") from error
    except httpcore.NetworkError as error:
        raise OutgoingError(f"{host} broke the connection off") from error
    except httpcore.ProtocolError as error:
        raise OutgoingError(f"{host} does not speak HTTP as it should: {error}") from error


def _answer(url: httpx.URL, response: httpcore.Response, wanted: Wanted) -> Answer:
    """Raises AnsweredError, or OutgoingError."""
    status = response.status
    unchanged = status == HTTPStatus.NOT_MODIFIED and bool(wanted.etag or wanted.modified)
    if not unchanged and status != HTTPStatus.OK:
        phrase = responses.get(status, "")
        retry_after = _seconds(_header(response, b"retry-after"))
        raise AnsweredError(f"{_host(url)} answers {status} {phrase}".strip(), status, retry_after)
    media_type = _header(response, b"content-type").partition(";")[0].strip().lower()
    if unchanged:
        chunks = _nothing()
    else:
        _require_type(_host(url), media_type, wanted.types)
        chunks = _limited(_host(url), response, wanted.most_bytes)
    return Answer(
        url=str(url),
        unchanged=unchanged,
        media_type=media_type,
        etag=_said(response, b"etag") or (wanted.etag if unchanged else ""),
        modified=_said(response, b"last-modified") or (wanted.modified if unchanged else ""),
        chunks=chunks,
    )


def _require_type(host: str, media_type: str, types: tuple[str, ...]) -> None:
    found = media_type or "application/octet-stream"
    if found not in types and not found.endswith(tuple(one for one in types if one[0] == "+")):
        raise OutgoingError(
            f"{host} sends {media_type or 'what has no type'}, not {' or '.join(types)}"
        )


def _accepted(types: tuple[str, ...]) -> set[str]:
    return {"*/*;q=0.1" if one[0] == "+" else one for one in types}


async def _limited(host: str, response: httpcore.Response, most_bytes: int) -> AsyncIterator[bytes]:
    """The body, unpacked. Raises OutgoingError."""
    too_long = RefusedError(f"{host} sends more than {most_bytes} bytes")
    length = _header(response, b"content-length")
    if length.isdigit() and int(length) > most_bytes:
        raise too_long
    unpacking = _unpacking(host, _header(response, b"content-encoding"))
    received = unpacked = 0
    stream = cast("AsyncGenerator[bytes]", response.aiter_stream())
    async with _in_plain_words(host), aclosing(stream):
        async for chunk in stream:
            received += len(chunk)
            for piece in unpacking.pieces(chunk):
                unpacked += len(piece)
                if max(received, unpacked) > most_bytes:
                    raise too_long
                yield piece
                await asyncio.sleep(0)
    if not unpacking.complete:
        raise OutgoingError(f"{host} broke off what it sends")


class _Plain:
    complete = True

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk


class _Gzip:
    """Unpacks piece by piece, so that a little that becomes very much is never held."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._member = zlib.decompressobj(wbits=31)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """At least one, if an empty one: what is received must be counted."""
        rest = chunk
        while True:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                piece = self._member.decompress(rest, PIECE)
            except zlib.error as error:
                raise OutgoingError(f"{self._host} sends what is no gzip: {error}") from error
            yield piece
            rest = self._member.unused_data or self._member.unconsumed_tail
            if not rest and (self._member.eof or len(piece) < PIECE):
                return


def _unpacking(host: str, coding: str) -> _Plain | _Gzip:
    match coding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip(host)
        case other:
            raise OutgoingError(f"{host} packs what it sends as {other}, not as gzip")


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _header(response: httpcore.Response, name: bytes) -> str:
    """Empty where there is none."""
    found = (value for key, value in response.headers if key.lower() == name)
    return next(found, b"").decode("latin-1")


def _said(response: httpcore.Response, name: bytes) -> str:
    """A header that can be sent back as it is, empty if that is too long or odd for it."""
    value = _header(response, name)
    return value if len(value) <= LONGEST_VALIDATOR and _HEADER_VALUE.fullmatch(value) else ""


def _host(url: httpx.URL) -> str:
    """As it is asked: not every name that can be asked can be written in other letters."""
    return url.raw_host.decode("ascii").lower()


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.scheme, _host(url), port


def _seconds(retry_after: str) -> float | None:
    """Of a Retry-After header, which holds seconds or a date."""
    if retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())

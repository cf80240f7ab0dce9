"""What we use of RSGI, version 1.5, as granian's specification has it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

Headers = list[tuple[str, str]]


class RequestHeaders(Protocol):
    def items(self) -> Sequence[tuple[str, str]]:
        """Names in lower case. Values that are not ASCII are left out."""
        ...


class Scope(Protocol):
    """`path` is decoded, `query_string` is not; addresses are `HOST:PORT`."""

    @property
    def http_version(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def scheme(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def headers(self) -> RequestHeaders: ...


class Stream(Protocol):
    async def send_bytes(self, data: bytes) -> None:
        """Raises RuntimeError when the client is gone. Whatever the client has not read yet waits
        in memory."""
        ...


class Exchange(Protocol):
    """A request under way, and its answer: each of the two once."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def client_disconnect(self) -> Any: ...
    def response_empty(self, status: int, headers: Headers) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_stream(self, status: int, headers: Headers) -> Stream: ...

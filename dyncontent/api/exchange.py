"""An answer that is made while the body still arrives, of any length both.

The body is read no faster than it is answered, unless the client does not read: many write all of
a body before they read a byte, and would wait for us as we for them. What they send meanwhile
waits on disk.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from dyncontent.api.lines import NDJSON

AHEAD = 256 * 1024
"""How many bytes are read before they are answered."""
IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024


class Exchange(StreamingResponse):
    """Answers with what `answer` makes of the body, both in pieces."""

    def __init__(
        self, request: Request, answer: Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]
    ) -> None:
        self._body = _Spool()
        self._request = request
        super().__init__(answer(self._body.pieces()), media_type=NDJSON)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        async def send_and_read_on(message: Message) -> None:
            self._body.stuck(True)
            await send(message)
            self._body.stuck(False)

        filling = asyncio.create_task(self._body.fill(self._request.stream()))
        try:
            await self.stream_response(send_and_read_on)
        except ClientDisconnect:
            pass  # nobody is there to read it
        finally:
            filling.cancel()
            await asyncio.wait([filling])
            self._body.close()


class _Spool:
    """Bytes on their way: written at one end, read at the other."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._read = self._written = 0
        self._stuck = self._ended = False
        self._failure: Exception | None = None
        self._moved = asyncio.Event()

    def stuck(self, stuck: bool) -> None:
        """Whether the reader can do nothing at present, so that all must be taken that comes."""
        self._stuck = stuck
        if stuck:
            self._moved.set()

    async def fill(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in chunks:
                self._file.seek(self._written)
                self._written += self._file.write(chunk)
                self._moved.set()
                await self._until_moved(lambda: self._stuck or not self._is_far_ahead)
        except (ClientDisconnect, OSError) as error:
            self._failure = error
        finally:
            self._ended = True
            self._moved.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises ClientDisconnect if the client went away before the end, OSError if the disk is
        full."""
        while True:
            await self._until_moved(lambda: self._read < self._written or self._ended)
            if self._read == self._written:
                break
            self._file.seek(self._read)
            piece = self._file.read(PIECE)
            self._read += len(piece)
            if self._read == self._written:
                self._file.seek(0)
                self._file.truncate()
                self._read = self._written = 0
            self._moved.set()
            yield piece
        if self._failure:
            raise self._failure

    def close(self) -> None:
        self._file.close()

    @property
    def _is_far_ahead(self) -> bool:
        return self._written - self._read > AHEAD

    async def _until_moved(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._moved.clear()
            await self._moved.wait()

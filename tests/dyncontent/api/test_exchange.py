"""Bodies and answers of any length, whoever reads or does not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from dyncontent.api import exchange
from dyncontent.api.exchange import Exchange

pytestmark = pytest.mark.anyio

PIECE = b"x" * 100_000
MANY = 100


async def _echo(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece


class _Client:
    """Sends `MANY` pieces, or goes away before the last; `reads` once it may."""

    def __init__(self, goes_away: bool = False) -> None:
        self.sent = 0
        self.reads = asyncio.Event()
        self.received = bytearray()
        self.all_sent = asyncio.Event()
        self._goes_away = goes_away

    async def receive(self) -> Message:
        await asyncio.sleep(0)
        if self.sent == MANY:
            self.all_sent.set()
            if self._goes_away:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": b"", "more_body": False}
        self.sent += 1
        return {"type": "http.request", "body": PIECE, "more_body": True}

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        self.received += message.get("body", b"")

    async def talk(self) -> None:
        request = Request({"type": "http", "method": "POST", "headers": []}, self.receive)
        await Exchange(request, _echo)({"type": "http"}, self.receive, self.send)


async def test_a_client_that_writes_all_before_it_reads_is_answered() -> None:
    client = _Client()
    talking = asyncio.create_task(client.talk())
    async with asyncio.timeout(10):
        await client.all_sent.wait()
        assert not client.received
        client.reads.set()
        await talking
    assert bytes(client.received) == PIECE * MANY


async def test_a_client_that_reads_sends_no_faster_than_it_is_answered() -> None:
    client = _Client()
    client.reads.set()
    furthest = 0

    async def watched(message: Message) -> None:
        nonlocal furthest
        client.received += message.get("body", b"")
        furthest = max(furthest, client.sent * len(PIECE) - len(client.received))

    client.send = watched  # type: ignore[method-assign]
    async with asyncio.timeout(10):
        await client.talk()
    assert bytes(client.received) == PIECE * MANY
    assert furthest <= exchange.AHEAD + 3 * len(PIECE)


async def test_a_client_that_goes_away_is_no_error() -> None:
    client = _Client(goes_away=True)
    client.reads.set()
    async with asyncio.timeout(10):
        await client.talk()
    assert bytes(client.received) == PIECE * MANY


async def test_a_full_disk_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    client = _Client()
    client.reads.set()

    async def full(*_: object) -> Message:
        raise OSError("no space left on device")

    monkeypatch.setattr(client, "receive", full)
    with pytest.raises(OSError, match="no space"):
        async with asyncio.timeout(10):
            await client.talk()

"""A connection that carries batches."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hiredis
import pytest
from redis.asyncio import Redis

from dyncontent.store import wire
from dyncontent.store.command import Command
from dyncontent.store.connection import connect
from dyncontent.store.wire import Wire, open_wire
from tests.valkeys import valkey

pytestmark = pytest.mark.anyio
PASSWORD = "a-password"


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Wire]:
    client = connect(url)
    assert isinstance(client, Redis)
    opened = await open_wire(client.connection_pool)
    try:
        yield opened
    finally:
        opened.close()
        await client.aclose()


def _sent(to: Wire, *commands: Command) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def done(told: Sequence[Any] | Exception) -> None:
        assert not future.done(), "told twice"
        future.set_result(told)

    to.send(commands, done)
    return future


async def test_batches_follow_each_other_and_each_gets_its_own_replies(store_url: str) -> None:
    async with _opened(store_url) as opened:
        sent = [_sent(opened, ("ECHO", n), ("ECHO", f"{n}b")) for n in range(50)]
        assert await asyncio.gather(*sent) == [[b"%d" % n, b"%db" % n] for n in range(50)]


async def test_replies_of_many_pieces_are_put_together(store_url: str, prefix: str) -> None:
    data = bytes(range(256)) * 20_000
    async with _opened(store_url) as opened:
        told = await _sent(opened, ("SET", prefix, data), ("GET", prefix), ("PING",))
        assert told == [b"OK", data, b"PONG"]


async def test_a_refused_command_is_an_error_among_the_replies(store_url: str, prefix: str) -> None:
    async with _opened(store_url) as opened:
        good, bad, after = await _sent(
            opened, ("SET", prefix, "text"), ("INCR", prefix), ("GET", prefix)
        )
    assert (good, after) == (b"OK", b"text")
    assert isinstance(bad, hiredis.ReplyError)


async def test_who_waits_on_a_lost_connection_hears_of_it(store_url: str, prefix: str) -> None:
    async with _opened(store_url) as opened:
        waiting = _sent(opened, ("BLPOP", prefix, 0))
        opened.close()
        assert isinstance(await waiting, ConnectionError)
        assert isinstance(await _sent(opened, ("PING",)), ConnectionError)


async def test_a_server_that_does_not_answer_is_left(
    store_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "REPLY_SECONDS", 0.05)
    async with _opened(store_url) as opened:
        assert await _sent(opened, ("PING",)) == [b"PONG"]
        waiting = [_sent(opened, ("BLPOP", prefix, 0)), _sent(opened, ("PING",))]
        assert [type(told) for told in await asyncio.gather(*waiting)] == [TimeoutError] * 2
        assert isinstance(opened.lost, TimeoutError)


async def test_a_server_that_answers_some_of_it_is_not_left(
    store_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "REPLY_SECONDS", 0.5)
    async with _opened(store_url) as opened:
        slow = [_sent(opened, ("BLPOP", f"{prefix}{n}", 0.2)) for n in range(5)]
        assert await asyncio.gather(*slow) == [[None]] * 5
        assert opened.lost is None


async def test_user_and_database_are_those_of_the_url(tmp_path: Path) -> None:
    with valkey(tmp_path) as url:
        async with _opened(url) as opened:
            await _sent(opened, ("CONFIG", "SET", "requirepass", PASSWORD))
        address = url.removeprefix("unix://")
        async with _opened(f"unix://:{PASSWORD}@{address}?db=3") as opened:
            [told] = await _sent(opened, ("CLIENT", "INFO"))
            assert b" db=3 " in told
        with pytest.raises(hiredis.ReplyError, match="WRONGPASS"):
            async with _opened(f"unix://default:wrong@{address}"):
                pass


async def test_an_encrypted_connection_knows_the_server(identity: tuple[str, str]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*identity)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(b"+PONG\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        url = f"rediss://localhost:{server.sockets[0].getsockname()[1]}"
        for more in (f"ssl_ca_certs={identity[0]}", "ssl_cert_reqs=none&ssl_check_hostname=false"):
            async with _opened(f"{url}?{more}") as opened:
                assert await _sent(opened, ("PING",)) == [b"PONG"]
        with pytest.raises(ssl.SSLCertVerificationError):
            async with _opened(url):
                pass


async def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        async with _opened(f"unix://{tmp_path}/none.sock"):
            pass


async def test_it_ends_with_the_socket_of_the_server() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        async with _opened(f"redis://127.0.0.1:{listening.getsockname()[1]}") as opened:
            accepted, _ = listening.accept()
            waiting = _sent(opened, ("PING",))
            accepted.close()
            assert isinstance(await waiting, ConnectionError)

"""A connection that is opened when it is needed, and again when it was lost."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from redis.asyncio import UnixDomainSocketConnection

from dyncontent.store.line import Line, NotSentError
from dyncontent.store.wire import open_to, replies
from tests.valkeys import valkey

pytestmark = pytest.mark.anyio


def _line(path: str) -> Line:
    connect = partial(open_to, {"path": path}, UnixDomainSocketConnection)
    return Line("here", connect, {"ECHO": bytes.decode})


async def test_what_is_asked_while_it_opens_is_sent_in_order(store_url: str) -> None:
    line = _line(store_url.removeprefix("unix://"))
    asked = (replies(line.carry, ("ECHO", n), ("ECHO", -n)) for n in range(5))
    assert await asyncio.gather(*asked) == [[str(n), str(-n)] for n in range(5)]
    line.close()


async def test_a_lost_connection_is_opened_again(tmp_path: Path) -> None:
    with valkey(tmp_path) as url, Redis.from_url(url) as server:
        line = _line(url.removeprefix("unix://"))
        [number] = await replies(line.carry, ("CLIENT", "ID"))
        waiting = asyncio.ensure_future(replies(line.carry, ("BLPOP", "a", 0), ("INCR", "b")))
        await asyncio.sleep(0)
        server.client_kill_filter(_id=number)
        with pytest.raises(ConnectionError, match=r"^here: ") as failed:
            await waiting
        assert not isinstance(failed.value, NotSentError)
        [other] = await replies(line.carry, ("CLIENT", "ID"))
        assert other != number
        assert server.get("b") is None
        line.close()


async def test_what_could_not_be_sent_is_known(tmp_path: Path) -> None:
    line = _line(f"{tmp_path}/none.sock")
    for _ in range(2):
        with pytest.raises(NotSentError, match=r"^here: .*No such file"):
            await replies(line.carry, ("PING",))
    line.close()

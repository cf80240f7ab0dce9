"""A socket, a store, and an orderly end."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError
from starlette.types import Receive, Scope, Send

from dyncontent.serving import PortError, listen, reached_store, serving, store_url
from dyncontent.settings import Settings
from tests.adapters import Make, every_straight_one

anyio = pytest.mark.anyio


def _settings(**given: Any) -> Settings:
    return Settings(**{"port": 0} | given)


def test_port_0_is_a_free_one() -> None:
    with listen(_settings()) as one, listen(_settings()) as other:
        addresses = {one.getsockname(), other.getsockname()}
        assert len(addresses) == 2
        for address in addresses:
            socket.create_connection(address).close()


def test_no_copy_of_a_socket_makes_others_wait_for_a_connection() -> None:
    with listen(_settings()) as listening, listening.dup():
        assert not os.get_blocking(listening.fileno())


def test_a_busy_port_is_said_with_another_one_to_take() -> None:
    with listen(_settings()) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortError, match=rf"127\.0\.0\.1:{port} is in use .*PORT=8001"):
            listen(_settings(port=port))
    listen(_settings(port=port)).close()


@pytest.mark.parametrize(
    "host", ["256.1.1.1", "203.0.113.1", "no.such.host.invalid", "ä..b", "::g"]
)
def test_a_host_that_is_not_here_is_said_in_one_line(host: str) -> None:
    with pytest.raises(PortError, match=r"cannot be listened on: .+") as refusal:
        listen(_settings(host=host))
    assert host in str(refusal.value)
    assert "\n" not in str(refusal.value)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_host_is_listened_on() -> None:
    with listen(_settings(host="::1")) as listening:
        assert listening.family is socket.AF_INET6
        socket.create_connection(listening.getsockname()[:2]).close()


def test_the_store_that_is_set_is_taken_as_it_is(tmp_path: Path) -> None:
    with store_url(_settings(store_url="redis://a.example", data_dir=tmp_path / "var")) as url:
        assert url == "redis://a.example"
    assert not (tmp_path / "var").exists()


def test_the_store_of_a_running_server_is_shared(tmp_path: Path) -> None:
    settings = _settings(data_dir=tmp_path)
    with store_url(settings) as running, reached_store(settings) as reached:
        assert reached == running
    with reached_store(settings) as url, Redis.from_url(url) as client:
        assert client.ping()
    given = _settings(data_dir=tmp_path, store_url="redis://elsewhere")
    with reached_store(given) as url:
        assert url == "redis://elsewhere"


def test_without_one_an_embedded_store_runs_meanwhile(tmp_path: Path) -> None:
    with store_url(_settings(data_dir=tmp_path)) as url, Redis.from_url(url) as client:
        assert client.ping()
    with Redis.from_url(url) as client, pytest.raises(RedisError):
        client.ping()


class _Slow:
    """An application that answers once it may, and writes down what happens."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.arrived = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for moment in ("startup", "shutdown"):
                await receive()
                self.log.append(moment)
                await send({"type": f"lifespan.{moment}.complete"})
            return
        self.arrived.set()
        await self.may_answer.wait()
        self.log.append("answer")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@anyio
@every_straight_one
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_request_under_way_is_answered_before_the_end(
    make: Make, number: signal.Signals
) -> None:
    app, listening = _Slow(), listen(_settings())
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    async with (
        asyncio.timeout(20),
        serving(make(app), listening) as server,
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
    ):
        asked = asyncio.create_task(client.get(url))
        await app.arrived.wait()
        os.kill(os.getpid(), number)
        while listening.fileno() != -1:
            await asyncio.sleep(0.005)
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
        assert not server.done()
        app.may_answer.set()
        assert (await asked).status_code == 200
        await server
    assert app.log == ["startup", "answer", "shutdown"]


@anyio
@every_straight_one
async def test_at_the_end_of_its_block_a_server_stops_by_itself(make: Make) -> None:
    app, listening = _Slow(), listen(_settings())
    async with asyncio.timeout(20), serving(make(app), listening) as server:
        assert app.log == ["startup"]
    assert server.done()
    assert app.log == ["startup", "shutdown"]


@anyio
@every_straight_one
async def test_a_server_tells_nothing_of_itself_and_believes_no_forwarded_address(
    make: Make,
) -> None:
    app, listening = _Slow(), listen(_settings())
    app.may_answer.set()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    headers = {"x-forwarded-for": "203.0.113.9"}
    async with (
        asyncio.timeout(20),
        serving(make(app), listening),
        httpx.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.get(url, headers=headers)
    assert answer.headers.get("server", "") == ""
    assert answer.text == "127.0.0.1"

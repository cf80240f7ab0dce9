"""A primary that sentinels name, and who takes its place."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.sentinel import Sentinels
from dyncontent.store.store import Store
from tests.site import running_site, site_settings
from tests.valkeys import free_port
from tests.watched import FAILOVER_SECONDS, PASSWORD, SERVICE, Watched, watched

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("watched")) as started:
        yield started


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Watched]:
    """One of which a server may be lost."""
    with watched(tmp_path) as started:
        yield started


@asynccontextmanager
async def _stored(url: str, prefix: str) -> AsyncIterator[Store]:
    store = Store(connect(url), Keys(prefix))
    try:
        yield store
    finally:
        await store.aclose()


def test_a_url_names_sentinels_service_and_database() -> None:
    url = "redis+sentinel://me:p%40ss@10.0.0.1:26380,sentinel.example,[fd00::1]:1/main/3"
    named = Sentinels.of(f"{url}?sentinel_password=s%2Fp&socket_timeout=1.5")
    addresses = (("10.0.0.1", 26380), ("sentinel.example", 26379), ("fd00::1", 1))
    assert (named.addresses, named.service, named.encrypted) == (addresses, "main", False)
    assert named.servers == {"username": "me", "password": "p@ss", "db": 3, "socket_timeout": 1.5}
    assert named.own == {"password": "s/p"}
    assert "p@ss" not in repr(named)
    assert "s/p" not in repr(named)


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_without_a_service_it_is_the_usual_one(path: str) -> None:
    named = Sentinels.of(f"redis+sentinel://sentinel.example{path}")
    assert (named.service, named.servers, named.own) == ("mymaster", {}, {})


def test_servers_and_sentinels_are_encrypted_alike() -> None:
    url = "rediss+sentinel://sentinel.example/main?ssl_ca_certs=ca.pem&sentinel_username=watcher"
    named = Sentinels.of(url)
    assert named.encrypted
    assert named.servers == {"ssl_ca_certs": "ca.pem"}
    assert named.own == {"username": "watcher", "ssl_ca_certs": "ca.pem"}


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "/main",
        "user:hunter2",
        "host:65536",
        "host:0",
        "host:",
        "host,",
        "host,,other",
        "fd00::1:26379",
        "[host]:26379",
        "user:hunter2@host@other",
        "host/main/one",
        "host/main/1/2",
        "host?db=hunter2",
        "host#main",
    ],
)
def test_other_urls_are_refused_without_telling_secrets(rest: str) -> None:
    with pytest.raises(ValueError, match=r"redis|names|db") as refused:
        Sentinels.of(f"redis+sentinel://{rest}")
    assert "hunter2" not in str(refused.value)


async def test_the_primary_is_asked_with_the_passwords_and_database_of_the_url(
    deployment: Watched, prefix: str
) -> None:
    async with _stored(deployment.url, prefix) as store:
        await store.ask(("SET", prefix, "1"))
        [told] = await store.ask(("CLIENT", "INFO"))
        assert b" db=1 " in told
        assert b":%d " % deployment.primary in told
        assert await store.find(prefix) == {prefix}


async def test_a_sentinel_that_is_silent_or_gone_is_not_waited_for(
    deployment: Watched, prefix: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        named = (silent.getsockname()[1], free_port(), deployment.sentinels[0])
        async with _stored(deployment.url_of(*named), prefix) as store, asyncio.timeout(0.45):
            assert await store.ask(("SET", prefix, "1")) == [True]


async def test_a_sentinel_that_names_a_replica_is_not_believed(
    deployment: Watched, prefix: str
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            port = str(deployment.replica)
            writer.write(b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n" % (len(port), port.encode()))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as stale:
        port = stale.sockets[0].getsockname()[1]
        alone = f"redis+sentinel://:{PASSWORD}@127.0.0.1:{port}"
        async with _stored(alone, prefix) as store:
            with pytest.raises(StoreError, match=f"{deployment.replica} is no primary"):
                await store.ask(("GET", prefix))
        async with _stored(deployment.url_of(port, deployment.sentinels[0]), prefix) as store:
            assert await store.ask(("SET", prefix, "1")) == [True]


async def test_it_is_told_why_there_is_no_primary(deployment: Watched, prefix: str) -> None:
    port, nobody = deployment.sentinels[0], free_port()
    sentinels = f"127.0.0.1:{port},127.0.0.1:{nobody}"
    url = f"redis+sentinel://:{PASSWORD}@{sentinels}/other?{deployment.options}"
    async with _stored(url, prefix) as store:
        with pytest.raises(StoreError) as failed:
            await store.ask(("GET", prefix))
    assert "the primary of other: no sentinel leads to a primary" in str(failed.value)
    assert f"127.0.0.1:{port} watches no other" in str(failed.value)
    assert str(nobody) in str(failed.value)
    unknown = f"redis+sentinel://127.0.0.1:{port}/{SERVICE}?sentinel_password=wrong"
    async with _stored(unknown, prefix) as store:
        with pytest.raises(StoreError, match="WRONGPASS"):
            await store.ask(("GET", prefix))


async def test_an_open_is_right_again_after_the_primary_was_killed(
    tmp_path: Path, failing: Watched, prefix: str
) -> None:
    settings = site_settings(tmp_path, prefix)
    async with (
        running_site(settings, failing.url) as site,
        running_site(settings, failing.url) as other,
    ):
        await site.fill()
        await site.do("PATCH", "products/rome", {"stock": 7})
        first, links = (await other.open()).headers["etag"], await other.links()
        failing.replicated()
        failing.kill(failing.primary)
        async with asyncio.timeout(FAILOVER_SECONDS):
            for server in (site, other):
                while (await server.client.get("/health/ready")).status_code != 200:
                    assert (await server.client.get(links["image"])).status_code == 200
        assert (await site.do("GET", "products/rome"))["stock"] == 7
        assert (await other.open()).headers["etag"] == first
        await site.do("PATCH", "products/rome", {"stock": 0})
        assert (await other.open()).headers["etag"] != first


async def test_what_was_answered_is_kept_and_nothing_is_written_twice(
    failing: Watched, prefix: str
) -> None:
    async with _stored(failing.url, prefix) as store:
        await store.ask(("RPUSH", prefix, 0))
        failing.replicated()
        failing.kill(failing.primary)
        refused, written = 0, [0]
        async with asyncio.timeout(FAILOVER_SECONDS):
            while len(written) < 100:
                number = refused + len(written)
                try:
                    await store.ask(("RPUSH", prefix, number))
                except StoreError:
                    refused += 1
                else:
                    written.append(number)
        assert refused
        [found] = await store.ask(("LRANGE", prefix, 0, -1))
        assert list(map(int, found)) == written
        [told] = await store.ask(("CLIENT", "INFO"))
        assert b":%d " % failing.replica in told


async def test_a_primary_that_hands_over_is_left(failing: Watched, prefix: str) -> None:
    sentinels = Sentinels.of(failing.url)
    async with _stored(failing.url, prefix) as store:
        await store.ask(("SET", prefix, "1"))
        failing.replicated()
        failing.fail_over()
        async with asyncio.timeout(FAILOVER_SECONDS):
            while True:
                try:
                    await store.ask(("SET", prefix, "2"))
                    [told] = await store.ask(("CLIENT", "INFO"))
                except StoreError:
                    continue
                if b":%d " % failing.replica in told:
                    break
        assert await sentinels.discover_master(SERVICE) == ("127.0.0.1", failing.replica)
        assert await store.ask(("GET", prefix)) == [b"2"]

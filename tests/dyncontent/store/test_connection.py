"""One client by URL: a server on a socket or a port, or a cluster."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from dyncontent.doctor.stored import examine_store
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from tests.samples import RECIPIENT
from tests.site import running_site, site_settings
from tests.valkeys import arguments, free_port, running, until_ready

pytestmark = pytest.mark.anyio


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node, which refuses a command over two slots as any cluster does."""
    port = free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "cluster_port": str(free_port())}
    with running(tmp_path, *arguments(cluster_enabled="yes", **options)) as server:
        until_ready(server, f"redis://127.0.0.1:{port}")
        with Redis(port=port) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
                assert server.poll() is None
        yield f"redis+cluster://127.0.0.1:{port}"


async def test_an_open_and_a_click_work_on_a_cluster(
    tmp_path: Path, prefix: str, cluster_url: str
) -> None:
    async with running_site(site_settings(tmp_path, prefix), cluster_url) as site:
        await site.fill()
        first = (await site.open()).headers["etag"]
        await site.do("PATCH", "products/rome", {"stock": 0})
        assert (await site.open()).headers["etag"] != first
        assert (await site.click()).headers["location"].endswith("/oslo")
        assert set(await site.counted()) == {"VARIANT_HOLDS"}
        async with asyncio.timeout(10):
            while (await site.client.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.01)


async def test_a_person_is_erased_from_a_cluster(
    tmp_path: Path, prefix: str, cluster_url: str
) -> None:
    async with running_site(site_settings(tmp_path, prefix), cluster_url) as site:
        await site.fill()
        await site.open()
        removed = (await site.do("DELETE", f"recipients/{RECIPIENT}"))["removed"]
        assert (removed["profile"], removed["shown"], removed["events"]) == (1, 1, 1)
        await site.open()
        assert (await site.api("GET", f"recipients/{RECIPIENT}/export")).status_code == 404


async def test_tools_work_on_a_cluster(prefix: str, cluster_url: str) -> None:
    store = Store(connect(cluster_url), Keys(prefix))
    await store.ask(("SET", store.keys.draft("b"), "1"), ("SET", store.keys.order("b"), "1"))
    assert await store.find(store.keys.draft("")) == {store.keys.draft("b")}
    await store.aclose()
    found = await examine_store(cluster_url, 10_000)
    node = cluster_url.removeprefix("redis+cluster://")
    assert [finding.check for finding in found][:2] == [f"store {node}", f"store {node}: durable"]
    severities = [finding.severity for finding in found]
    assert severities == ["ok", "error", "ok", "ok", "warning"]


async def test_documents_in_many_slots_are_written_in_bulk(
    tmp_path: Path, prefix: str, cluster_url: str
) -> None:
    async with running_site(site_settings(tmp_path, prefix), cluster_url) as site:
        for kind in ("recipients", "products"):
            lines = b"".join(b'{"id": "r%d"}\n' % number for number in range(500))
            assert (await site.do("POST", f"{kind}/bulk", lines))["written"] == 500
            assert await site.do("GET", f"{kind}/r499") == {"id": "r499"}


async def test_a_command_is_not_tried_again_behind_our_back() -> None:
    client = connect(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(RedisError):
        await client.execute_command("PING")
    await client.aclose()

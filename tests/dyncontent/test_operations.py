"""What operators look at: health and figures."""

import asyncio
import os
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dyncontent.settings import Settings
from dyncontent.store.changes import ChangeLog
from dyncontent.store.embedded import embedded_store
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio


async def _ready(site: Site, status: int) -> httpx.Response:
    """The answer as soon as it has this status."""
    async with asyncio.timeout(20):
        while (answer := await site.client.get("/health/ready")).status_code != status:
            await asyncio.sleep(0.005)
    return answer


async def test_a_server_at_work_is_ready(site: Site) -> None:
    answer = await _ready(site, 200)
    assert answer.json() == {
        "status": "ok",
        "store": "ok",
        "changes": "ok",
        "process": os.getpid(),
    }


async def test_without_its_store_a_server_lives_but_is_not_ready(
    settings: Settings, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with embedded_store(data) as url:
        running = running_site(settings, url)
        site = await running.__aenter__()
        await _ready(site, 200)
    answer = await _ready(site, 503)
    assert answer.json()["status"] == "degraded"
    assert "valkey.sock" in answer.json()["store"]
    assert (await site.client.get("/health/live")).status_code == 200
    with embedded_store(data):
        assert (await _ready(site, 200)).json()["status"] == "ok"
        await running.__aexit__(None, None, None)


async def test_without_push_a_server_is_not_ready(
    settings: Settings, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ChangeLog, "follow", deaf)
    async with running_site(settings, store_url) as site:
        answer = await site.client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "degraded",
            "store": "ok",
            "changes": "copies are read through",
            "process": os.getpid(),
        }


async def test_a_living_server_says_so(site: Site) -> None:
    answer = await site.client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "process": os.getpid()})


async def test_figures_are_in_the_text_format_of_prometheus(site: Site) -> None:
    await site.open()
    await site.open()
    await site.click()
    answer = await site.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert values["dyncontent_opens_total"] == 2
    assert values["dyncontent_clicks_total"] == 1
    assert values["dyncontent_open_seconds_count"] == 2
    assert values["dyncontent_drawn_total"] >= 1

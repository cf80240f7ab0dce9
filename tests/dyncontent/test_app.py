"""The composition root: the parts built by the settings, the planes mounted."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dyncontent.app import build
from dyncontent.settings import Settings
from renderers.encode import LAST_RESORT, ImageType
from tests.answering import Conversation, answering
from tests.samples import HOST
from tests.site import TOKEN, Site, running_site

pytestmark = pytest.mark.anyio


async def _mine(_: Request) -> Response:
    return PlainTextResponse("mine")


@pytest.fixture
async def demo(
    settings: Settings, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """A server with routes of a demo's own."""
    paths = ("/extra", "/idea", "/i/trip.png", "/c/trip", "/h/trip")
    extra = [Route(path, _mine) for path in paths]
    monkeypatch.setattr("tests.site.build", partial(build, extra=extra))
    async with running_site(settings, store_url) as site:
        yield site


@pytest.mark.parametrize("path", ["/extra", "/idea"])
async def test_a_demo_adds_routes_of_its_own(demo: Site, path: str) -> None:
    assert (await demo.client.get(path)).text == "mine"


async def test_opens_clicks_and_fragments_go_ahead_of_every_route(demo: Site) -> None:
    assert (await demo.client.get("/i/trip.png")).content == LAST_RESORT[ImageType.PNG]
    assert (await demo.client.get("/c/trip")).headers["location"] == f"https://{HOST}/landing"
    assert (await demo.client.get("/h/trip")).text == ""


async def test_the_front_door_is_plain_and_tells_nothing(site: Site) -> None:
    answer = await site.client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "it has had its day" in answer.text
    assert "dyncontent" not in answer.text.lower()


async def test_a_server_that_is_a_worker_does_what_is_scheduled(
    settings: Settings, store_url: str
) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("200 OK", b'{"t": 7}', content_type="application/json")

    async with answering(handle) as weather:
        works = settings.model_copy(update={"worker": True, "outgoing_allow": (weather.place,)})
        source = {"url": weather.url(), "values": {"t": {"pointer": "/t", "type": "number"}}}
        async with running_site(works, store_url) as site:
            await site.do("PUT", "sources/weather", source)
            while not (await site.do("GET", "sources/weather"))["state"]["values"]:
                await asyncio.sleep(0.02)
            assert "dyncontent_worker_age_seconds" in (await site.client.get("/metrics")).text


async def test_a_server_starts_while_its_store_is_not_reached(
    settings: Settings, tmp_path: Path
) -> None:
    async with running_site(settings, f"unix://{tmp_path}/none.sock") as site:
        assert (await site.client.get("/health/live")).status_code == 200
        assert (await site.client.get("/health/ready")).status_code == 503
        answer = await site.api("GET", "products/rome")
        assert (answer.status_code, answer.json()["code"]) == (503, "STORE_DOWN")
        assert answer.headers["retry-after"] == "1"


async def test_a_server_that_is_stopped_while_it_starts_does_stop(
    settings: Settings, store_url: str
) -> None:
    """At whichever turn of the loop: its client is still connecting in some of them."""
    async with asyncio.timeout(20):
        for turns in range(40):
            async with running_site(settings, store_url):
                for _ in range(turns):
                    await asyncio.sleep(0)


async def test_without_a_landing_page_the_front_door_is_it(
    settings: Settings, store_url: str
) -> None:
    homeless = settings.model_copy(update={"landing_url": ""})
    async with running_site(homeless, store_url) as site:
        answer = await site.client.get("/c/none")
        assert answer.headers["location"] == f"{settings.public_url}/"


@pytest.mark.parametrize(
    ("base_url", "link"),
    [
        ("", "http://127.0.0.1:8000/x"),
        ("https://img.example", "https://img.example/x"),
        ("https://IMG.example:443", "https://img.example/x"),
    ],
)
async def test_links_may_lead_to_the_server_itself(
    settings: Settings, store_url: str, base_url: str, link: str
) -> None:
    own = settings.model_copy(update={"base_url": base_url, "allowed_hosts": ()})
    async with running_site(own, store_url) as site:
        assert (await site.do("PUT", "products/p", {"link": link}))["link"] == link
        other = await site.api("PUT", "products/p", {"link": f"https://{HOST}/"})
        assert other.status_code == 422


async def test_each_token_opens_the_control_plane(settings: Settings, store_url: str) -> None:
    both = settings.model_copy(update={"api_tokens": ("the-first-of-two-tokens", TOKEN)})
    async with running_site(both, store_url) as site:
        for token in both.api_tokens:
            headers = {"authorization": f"Bearer {token}"}
            answer = await site.client.get("/api/v1/products/none", headers=headers)
            assert answer.status_code == 404

"""The server in this process, behind a client that speaks HTTP to its ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp, Message

from dyncontent.app import build
from dyncontent.keyring import new_secret
from dyncontent.settings import Settings
from tests import samples

TOKEN = "a-token-for-the-tests"
BASE_URL = "https://img.example"


def site_settings(data_dir: Path, prefix: str, **changes: Any) -> Settings:
    """A budget that a loaded machine keeps, except where a test is about the budget."""
    return Settings(
        data_dir=data_dir,
        store_prefix=prefix,
        base_url=BASE_URL,
        landing_url=f"https://{samples.HOST}/landing",
        allowed_hosts=(samples.HOST,),
        api_tokens=(TOKEN,),
        url_keys=(new_secret("k1"),),
        budget_ms=changes.pop("budget_ms", 5000),
        worker=changes.pop("worker", False),
        **changes,
    )


class Site:
    def __init__(self, app: ASGIApp, client: httpx.AsyncClient, settings: Settings) -> None:
        self.app = app
        self.client = client
        self.settings = settings

    async def api(self, method: str, path: str, body: Any = None, **more: str) -> httpx.Response:
        """A call of the control plane, whatever it answers; `more` are headers, as `if_match`."""
        content = body if isinstance(body, bytes | None) else orjson.dumps(body)
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        headers.setdefault("authorization", f"Bearer {TOKEN}")
        return await self.client.request(
            method, f"/api/v1/{path}", content=content, headers=headers
        )

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane that must be accepted."""
        response = await self.api(method, path, body)
        assert response.is_success, response.text
        return response.json()

    async def publish(self, block: dict[str, Any], name: str = samples.BLOCK) -> None:
        await self.do("PUT", f"blocks/{name}", block)
        await self.do("POST", f"blocks/{name}/publish")

    async def fill(self) -> None:
        """The sample block, published, and its facts."""
        for product, document in samples.PRODUCTS.items():
            await self.do("PUT", f"products/{product}", document)
        person = {"first_name": "Aino", "consents": samples.CONSENTS}
        await self.do("PUT", f"recipients/{samples.RECIPIENT}", person)
        await self.do("PUT", f"messages/{samples.MESSAGE}", {"class": "marketing"})
        await self.publish(samples.block())

    async def links(
        self, recipient: str = samples.RECIPIENT, message: str = samples.MESSAGE, **more: Any
    ) -> dict[str, str]:
        asked = {"block": samples.BLOCK, "recipient": recipient, "message": message} | more
        made: dict[str, str] = await self.do("POST", "links", asked)
        return made

    async def open(self, **asked: Any) -> httpx.Response:
        return await self.client.get((await self.links(**asked))["image"])

    async def click(self, **asked: Any) -> httpx.Response:
        return await self.client.get((await self.links(**asked))["click"])

    async def colour(self, **asked: Any) -> str:
        """The colour of what is opened now."""
        return samples.colour((await self.open(**asked)).content)

    async def counted(self, kind: str = "opens") -> dict[str, float]:
        """How often each detail was counted."""
        exposition = (await self.client.get("/metrics")).text
        return {
            sample.labels["detail"]: sample.value
            for family in text_string_to_metric_families(exposition)
            for sample in family.samples
            if sample.name == f"dyncontent_{kind}_total"
        }


@asynccontextmanager
async def running_site(settings: Settings, store_url: str) -> AsyncIterator[Site]:
    app = build(settings, store_url)
    async with _lifespan(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield Site(app, client, settings)


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncIterator[None]:
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

    async def run() -> None:
        await app(scope, to_app.get, from_app.put)

    task = asyncio.create_task(run())
    await to_app.put({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
        await task

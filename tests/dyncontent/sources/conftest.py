"""A weather service, and the source that asks it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from dyncontent.catalog.source import DataSource, SourceState
from dyncontent.outgoing.client import Outgoing
from dyncontent.outgoing.reach import Reach
from dyncontent.sources.fetching import Fetcher
from dyncontent.sources.stored import Sources
from dyncontent.store.store import Store
from tests.answering import Answering, Conversation, answering

VALUES = {
    "temperature": {"pointer": "/t", "type": "number"},
    "summary": {"pointer": "/s", "type": "text"},
}


class Weather:
    """`answer` is what it says, `status` how; it knows ETags."""

    def __init__(self) -> None:
        self.answer: Any = {"t": -3, "s": "snow"}
        self.status = "200 OK"
        self.headers: dict[str, str] = {}
        self.server = Answering()

    async def handle(self, asked: Conversation) -> None:
        body = self.answer if isinstance(self.answer, bytes) else orjson.dumps(self.answer)
        tag = f'"{hash(body)}"'
        if asked.headers.get("if-none-match") == tag and self.status == "200 OK":
            await asked.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")
            return
        headers = {"content_type": "application/json", "etag": tag} | self.headers
        await asked.answer(self.status, body, **headers)

    def source(self, **changes: Any) -> DataSource:
        given = {"url": self.server.url("/now"), "values": VALUES, **changes}
        return DataSource.model_validate_json(orjson.dumps(given))


class Forecast:
    """The source `weather` in a store, with a clock that stands where it is put."""

    def __init__(self, store: Store, weather: Weather) -> None:
        self.weather = weather
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.sources = Sources(store)
        outgoing = Outgoing(Reach.of([weather.server.place]))
        self.fetcher = Fetcher(self.sources, outgoing, lambda: self.now)

    async def define(self, **changes: Any) -> None:
        await self.sources.put("weather", self.weather.source(**changes))

    async def state(self) -> SourceState:
        return await self.sources.state("weather", await self.sources.get("weather"))

    async def values(self) -> dict[str, Any]:
        return {name: kept.value for name, kept in (await self.state()).values.items()}

    async def ages(self) -> dict[str, float]:
        """In seconds."""
        now = self.now.timestamp()
        return {
            name: round(now - kept.at / 1000, 3)
            for name, kept in (await self.state()).values.items()
        }

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)


@pytest.fixture
async def weather() -> AsyncIterator[Weather]:
    weather = Weather()
    async with answering(weather.handle) as weather.server:
        yield weather


@pytest.fixture
async def forecast(store: Store, weather: Weather) -> Forecast:
    forecast = Forecast(store, weather)
    await forecast.define()
    return forecast

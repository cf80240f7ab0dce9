"""Loads the scenarios through the control plane, as any shop and marketer would."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import orjson

SCENARIOS = (
    "home-insurance",
    "vip-trip",
    "cart",
    "order-status",
    "maintenance",
    "maintenance-technician",
    "back-in-stock",
    "invoice",
    "support-ticket",
    "event",
)
DEMO_FILE = "demo.json"
STOCK_FEED = "demo-stock"
"""The feed that tells the stocks of products that are there already."""
TICKET_ORDER = "T-4001"
"""The order by which Emma has a seat at the concert."""

_DATA = files(__package__)
_PICTURE = "picture:"
_SHOP = "shop:"
_DAY = re.compile(r"day:([+-][0-9]+)(.*)")
"""So many days from the day of loading, and what stands behind the day."""


class LoadError(Exception):
    """The server refused a part of the demo: which, and what it said."""


class Loader:
    def __init__(self, client: httpx.AsyncClient, shop_url: str) -> None:
        """`client` has the server's address and a token; `shop_url` is where links lead."""
        self._today = datetime.now(UTC).date()
        self._client = client
        self._shop_url = shop_url
        self._pictures: dict[str, str] = {}

    async def load(self) -> dict[str, list[dict[str, str]]]:
        """Write the whole demo, its facts as they were at the beginning; give the scenarios with
        their URLs."""
        facts = orjson.loads((_DATA / "facts.json").read_bytes())
        await self._declare(facts["attributes"])
        await self._call("PUT", f"feeds/{STOCK_FEED}", {"title": "Stocks of the demo's shop"})
        for recipient, orders in _orders_of(facts).items():
            await self._call("POST", f"recipients/{recipient}/erase", {"orders": orders})
        for kind in ("products", "recipients", "orders", "messages"):
            for name, document in facts[kind].items():
                await self._call("PUT", f"{kind}/{name}", await self._placed(document))
        placed = [cloud_event("order.placed", order) for order in facts["placed"]]
        answer = await self._call("POST", "events", placed)
        if refused := [event for event in answer["events"] if "error" in event]:
            raise LoadError(f"POST /api/v1/events: {orjson.dumps(refused).decode()}")
        for block in SCENARIOS:
            definition = orjson.loads((_DATA / "blocks" / f"{block}.json").read_bytes())
            await self._call("PUT", f"blocks/{block}", await self._placed(definition))
            await self._call("POST", f"blocks/{block}/publish")
        return {
            block: [await self._scenario(block, facts, entry) for entry in entries]
            for block, entries in facts["scenarios"].items()
        }

    async def _declare(self, types: dict[str, dict[str, str]]) -> None:
        """Types of attributes, beside those that there are."""
        there = await self._call("GET", "attributes")
        names = there.keys() | types.keys()
        all_types = {name: there.get(name, {}) | types.get(name, {}) for name in names}
        await self._call("PUT", "attributes", all_types)

    async def _scenario(
        self, block: str, facts: dict[str, Any], entry: dict[str, str]
    ) -> dict[str, str]:
        asked = {"block": block} | entry
        await self._call("POST", "previews", asked)  # draws it, so that the first open is quick
        links = await self._call("POST", "links", asked)
        locale = facts["recipients"][entry["recipient"]]["locale"]
        return entry | {"locale": locale, "image": links["image"], "click": links["click"]}

    async def _placed(self, value: Any) -> Any:
        """A definition with this server's ids of the pictures, addresses of the shop, and days."""
        match value:
            case dict():
                return {name: await self._placed(item) for name, item in value.items()}
            case list():
                return [await self._placed(item) for item in value]
            case str() if value.startswith(_PICTURE):
                return await self._upload(value.removeprefix(_PICTURE))
            case str() if value.startswith(_SHOP):
                return self._shop_url + value.removeprefix(_SHOP)
            case str() if (day := _DAY.fullmatch(value)) is not None:
                return f"{self._today + timedelta(days=int(day[1]))}{day[2]}"
            case _:
                return value

    async def _upload(self, name: str) -> str:
        if name not in self._pictures:
            data = (_DATA / "pictures" / f"{name}.png").read_bytes()
            stored = _answer(await self._client.post("/api/v1/assets", content=data))
            self._pictures[name] = stored["id"]
        return self._pictures[name]

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else orjson.dumps(body)
        return _answer(await self._client.request(method, f"/api/v1/{path}", content=content))


def _orders_of(facts: dict[str, Any]) -> dict[str, list[str]]:
    """The orders that people have, by their messages or as placed: what events told of them is to
    be forgotten, so that the same can happen again."""
    orders: dict[str, list[str]] = {recipient: [] for recipient in facts["recipients"]}
    for entries in facts["scenarios"].values():
        for entry in entries:
            if (order := facts["messages"][entry["message"]].get("order")) is not None:
                orders[entry["recipient"]].append(order)
    for placed in facts["placed"]:
        orders[placed["recipient"]].append(placed["order"])
    return orders


def cloud_event(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event of ours that happens now."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/demo",
        "type": f"dyncontent.{kind}",
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        request = response.request
        raise LoadError(f"{request.method} {request.url.path}: {response.text}")
    return orjson.loads(response.content)


async def load(address: str, token: str, shop_url: str) -> dict[str, list[dict[str, str]]]:
    """Load the demo into the server at `address`; see Loader.load."""
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=30, trust_env=False
    ) as client:
        try:
            return await Loader(client, shop_url).load()
        except httpx.TransportError as error:
            raise LoadError(f"the server at {address} does not answer: {error!r}") from error


def write_summary(
    data_dir: Path, base_url: str, token: str, scenarios: dict[str, list[dict[str, str]]]
) -> None:
    """`demo.json`: what a program needs to play with the demo, the token among it, so that it is
    for its owner alone. `studio_login` is null as long as there is no studio."""
    summary = {
        "base_url": base_url,
        "token": token,
        "studio_login": None,
        "scenarios": scenarios,
    }
    path = data_dir / DEMO_FILE
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))

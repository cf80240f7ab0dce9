"""Many writers at once, of every kind, on two servers: no update is lost."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from dyncontent.settings import Settings
from tests.dyncontent.ingest.support import SECRETS, deliver
from tests.site import TOKEN, Site, running_site, site_settings

pytestmark = pytest.mark.anyio

WRITERS, TURNS, STOCK = 16, 4, 1000
LONG_AGO = "2024-01-01T00:00:00Z"
LATER = ("Product Removed",)


@pytest.fixture
def settings(tmp_path: Any, prefix: str) -> Settings:
    return site_settings(tmp_path, prefix, shopify_secrets=SECRETS)


def _call(kind: str, number: int, turn: int, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": kind,
        "userId": "aino",
        "properties": properties,
        "messageId": f"{kind}-{number}-{turn}",
        "timestamp": f"2025-01-0{3 if kind in LATER else 2}T00:{turn:02}:{number:02}Z",
    }


def _batch(number: int, turn: int) -> list[dict[str, Any]]:
    """Every other writer gives back what it orders, the orders of the next turn ahead of them; the
    others take one of two out of the cart."""
    order = {"order_id": f"s{number}-{turn}", "products": [{"product_id": f"s{number}-{turn}"}]}
    if number % 2:
        refunded = {"order_id": f"s{number}-{(turn + 1) % TURNS}"}
        last = _call("Order Refunded", number, turn, **refunded)
    else:
        last = _call("Product Removed", number, turn, product_id="oslo", quantity=1)
    return [
        _call("Product Added", number, turn, product_id="oslo", quantity=2),
        _call("Order Completed", number, turn, **order),
        last,
    ]


def _order(number: int, turn: int, *, refunded: bool) -> dict[str, Any]:
    """A webhook of an order of two products, one of which may have been given back."""
    order, at = 1000 + number * 100 + turn, f"2025-01-03T00:{turn:02}:{number:02}Z"
    lines = [{"product_id": f"w{number}-{turn}-{one}", "quantity": 1} for one in "ab"]
    refund = {"id": order, "refund_line_items": [{"quantity": 1, "line_item": lines[1]}]}
    return {
        "id": order, "customer": {"id": "aino"}, "created_at": at, "updated_at": at,
        "line_items": lines, "financial_status": "paid", "refunds": [refund] if refunded else [],
    }  # fmt: skip


async def _write(sites: list[Site], number: int) -> None:
    """One writer, who goes from one server to the other."""
    for turn in range(TURNS):
        site = sites[(number + turn) % len(sites)]
        stale = {
            "specversion": "1.0", "id": f"{number}-{turn}", "source": "/till", "time": LONG_AGO,
            "type": "dyncontent.product.stock", "data": {"product": "rome", "stock": 5},
        }  # fmt: skip
        order = _order(number, turn, refunded=turn % 2 == 0)
        basic = {"authorization": f"Bearer {TOKEN}"}
        done = await asyncio.gather(
            site.api("POST", "products/rome/stock", {"change": -1}),
            site.api("POST", "recipients/aino/purchases", {"product": f"p{number}-{turn}"}),
            site.api("PATCH", "recipients/aino", {"attributes": {f"a{number}_{turn}": turn}}),
            site.client.post("/v1/batch", json={"batch": _batch(number, turn)}, headers=basic),
            site.api("POST", "events", stale),
            deliver(site, "shopify", "orders/paid", order),
        )
        assert [response.status_code for response in done] == [200, 201, 200, 200, 200, 200]


async def test_no_update_is_lost(settings: Settings, store_url: str) -> None:
    async with AsyncExitStack() as stack:
        sites = [
            await stack.enter_async_context(running_site(settings, store_url)) for _ in range(2)
        ]
        await sites[0].do("PUT", "products/rome", {"stock": STOCK})
        body = {"recipient": "aino", "attributes": {"first": 1}}
        event = {"specversion": "1.0", "id": "0", "source": "/till", "time": LONG_AGO}
        made = event | {"type": "dyncontent.recipient.attributes", "data": body}
        await sites[0].do("POST", "events", made)
        await asyncio.gather(*(_write(sites, number) for number in range(WRITERS)))
        rome = await sites[1].do("GET", "products/rome")
        aino = await sites[1].do("GET", "recipients/aino")
    everyone = [(number, turn) for number in range(WRITERS) for turn in range(TURNS)]
    assert rome["stock"] == STOCK - len(everyone)
    assert aino["attributes"] == {"first": 1} | {f"a{one}_{turn}": turn for one, turn in everyone}
    added, removed = 2 * len(everyone), len(everyone) // 2
    assert aino["cart"] == [{"product": "oslo", "quantity": added - removed}]
    bought = {f"p{one}-{turn}" for one, turn in everyone}
    bought |= {f"s{one}-{turn}" for one, turn in everyone if one % 2 == 0}
    bought |= {f"w{one}-{turn}-a" for one, turn in everyone}
    bought |= {f"w{one}-{turn}-b" for one, turn in everyone if turn % 2}
    assert set(aino["purchases"]) == bought

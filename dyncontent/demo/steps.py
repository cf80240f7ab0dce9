"""What happens in the shop while an email lies in the inbox: steps to take in the running demo.

Each is told as shops tell it: by Segment's calls, a feed, CloudEvents, or the control plane."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson

from dyncontent.demo.load import DEMO_FILE, STOCK_FEED, TICKET_ORDER, cloud_event

_NEXT = {
    "received": "packed",
    "packed": "shipped",
    "shipped": "delivered",
    "delivered": "received",
    "cancelled": "received",
}
_ITEM = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
  <channel>
    <item>
      <g:id>{product}</g:id>
      <g:availability>{availability}</g:availability>
      <g:quantity>{stock}</g:quantity>
    </item>
  </channel>
</rss>
"""


class StepError(Exception):
    """The step cannot be taken: why, in one line."""


class Shop:
    """The ways in which a shop tells the server what happened. All raise StepError if it is
    refused, also in part."""

    def __init__(self, client: httpx.Client, token: str) -> None:
        """`client` has the server's address."""
        self._client = client
        self._token = token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane."""
        content = None if body is None else orjson.dumps(body)
        return self._send(method, path, content, "application/json")

    def track(self, person: str, event: str, properties: Mapping[str, Any]) -> None:
        """An event in Segment's words, the token as the write key."""
        call = {
            "userId": person,
            "event": event,
            "messageId": str(uuid.uuid4()),
            "timestamp": datetime.now(UTC).isoformat(),
            "properties": properties,
        }
        answer = _checked(self._client.post("v1/track", json=call, auth=(self._token, "")))
        _accept(answer.get("refused", ()))

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """A CloudEvent."""
        content = orjson.dumps(cloud_event(kind, data))
        answer = self._send("POST", "events", content, "application/cloudevents+json")
        _accept([event for event in answer["events"] if "error" in event])

    def import_stock(self, product: str, stock: int) -> None:
        """A feed for Google Merchant Center that tells a stock, and nothing else of the product."""
        availability = "in_stock" if stock else "out_of_stock"
        item = _ITEM.format(product=product, availability=availability, stock=stock)
        path = f"feeds/{STOCK_FEED}/import"
        _accept(self._send("POST", path, item.encode(), "application/xml")["errors"])

    def _send(self, method: str, path: str, content: bytes | None, kind: str) -> Any:
        headers = {"authorization": f"Bearer {self._token}", "content-type": kind}
        url = f"api/v1/{path}"
        return _checked(self._client.request(method, url, content=content, headers=headers))


def _checked(response: httpx.Response) -> Any:
    if response.is_error:
        raise StepError(f"the demo refused it: {response.text}")
    return response.json()


def _accept(refused: Sequence[Any]) -> None:
    if refused:
        raise StepError(f"the demo refused it: {orjson.dumps(refused).decode()}")


def _last_seat_sells(shop: Shop) -> str:
    shop.call("PATCH", "products/vip-trip", {"stock": 0})
    return "The last VIP seat is sold. Reload the VIP trip: a similar trip with seats is shown."


def _she_buys_the_insurance(shop: Shop) -> str:
    shop.call("POST", "recipients/aino/purchases", {"product": "home-insurance"})
    return "Aino has bought the home insurance. Reload her email: thanks, and the next offer."


def _parcel_ships(shop: Shop) -> str:
    moved = []
    for order in ("A-1001", "A-1002", "A-1003", "A-1004"):
        before = shop.call("GET", f"orders/{order}")["status"]
        shop.call("PATCH", f"orders/{order}", {"status": _NEXT[before]})
        moved.append(f"{order} {_NEXT[before]}")
    return f"The orders have moved on: {', '.join(moved)}. Reload their emails."


def _she_fills_the_cart(shop: Shop) -> str:
    for product, quantity in (("mugs-aamu", 2), ("lamp-kajo", 1)):  # the latest stands above
        shop.track("olga", "Product Added", {"product_id": product, "quantity": quantity})
    return "Olga has put a lamp and mugs into her cart. Reload her email: the cart, and its total."


def _cart_item_sells_out(shop: Shop) -> str:
    shop.import_stock("lamp-kajo", 0)
    return (
        "The lamp Kajo is sold out. Reload the carts: it is crossed out, with an alternative"
        " beside it, and the total is what can still be bought."
    )


def _she_buys_the_cart(shop: Shop) -> str:
    cart = shop.call("GET", "recipients/aino").get("cart", ())
    lines = [{"product": line, "quantity": 1} if isinstance(line, str) else line for line in cart]
    products = [
        {"product_id": line["product"], "quantity": line["quantity"]}
        for line in lines
        if shop.call("GET", f"products/{line['product']}")["stock"]
    ]
    if not products:
        raise StepError("nothing in Aino's cart can be bought")
    shop.track("aino", "Order Completed", {"order_id": "A-2001", "products": products})
    return "Aino has bought what there was in her cart. Reload: thanks, and the state of the order."


def _service_is_booked(shop: Shop) -> str:
    day = datetime.now(UTC).date() + timedelta(days=4)
    booked = {"service_booked": f"{day}T09:30:00Z"}
    shop.tell("recipient.attributes", {"recipient": "aino", "attributes": booked})
    return "Aino has booked a technician. Reload her email: the appointment, and how to change it."


def _watched_comes_back(shop: Shop) -> str:
    shop.import_stock("chair-meri", 5)
    return "The armchair Meri is back. Reload the emails to Märt and Emma: 5 are in stock."


def _invoice_is_paid(shop: Shop) -> str:
    paid = {"paid": f"{datetime.now(UTC).date()}"}
    shop.tell("order.changed", {"order": "L-3001", "fields": {"attributes": paid}})
    return "Aino has paid her invoice. Reload her email: it is paid, and nothing is left to scan."


def _ticket_is_answered(shop: Shop) -> str:
    answered = {"parameters": {"state": "answered"}}
    shop.tell("message.changed", {"message": "ticket-20418", "fields": answered})
    return "Aino's ticket is answered. Reload her email."


def _event_fills_up(shop: Shop) -> str:
    shop.import_stock("winter-concert", 0)
    return "The concert is full. Reload its emails: the waiting list, but for those with a seat."


def _she_returns_the_ticket(shop: Shop) -> str:
    shop.track("emma", "Order Refunded", {"order_id": TICKET_ORDER})
    return "Emma has returned her ticket. Reload her email: seats, or the waiting list."


class Step(NamedTuple):
    """Something that happens, and the block whose emails show it."""

    block: str
    take: Callable[[Shop], str]


STEPS: Mapping[str, Step] = {
    "she-buys-the-insurance": Step("home-insurance", _she_buys_the_insurance),
    "last-seat-sells": Step("vip-trip", _last_seat_sells),
    "she-fills-the-cart": Step("cart", _she_fills_the_cart),
    "cart-item-sells-out": Step("cart", _cart_item_sells_out),
    "she-buys-the-cart": Step("cart", _she_buys_the_cart),
    "parcel-ships": Step("order-status", _parcel_ships),
    "service-is-booked": Step("maintenance", _service_is_booked),
    "watched-comes-back": Step("back-in-stock", _watched_comes_back),
    "invoice-is-paid": Step("invoice", _invoice_is_paid),
    "ticket-is-answered": Step("support-ticket", _ticket_is_answered),
    "event-fills-up": Step("event", _event_fills_up),
    "she-returns-the-ticket": Step("event", _she_returns_the_ticket),
}


def take(step: str, data_dir: Path) -> str:
    """Take a step in the demo of this data folder and say what to look at.

    Raises StepError if no demo runs there.
    """
    try:
        demo = orjson.loads((data_dir / DEMO_FILE).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise StepError(f"no demo was started in {data_dir}: start one with make demo") from error
    try:
        with httpx.Client(base_url=demo["base_url"], trust_env=False) as client:
            return STEPS[step].take(Shop(client, demo["token"]))
    except httpx.TransportError as error:
        raise StepError("the demo does not answer: start it with make demo") from error

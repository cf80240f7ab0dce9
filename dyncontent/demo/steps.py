"""What happens in the shop while an email lies in the inbox: steps to take in the running demo."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson

from dyncontent.demo.load import DEMO_FILE

_NEXT = {
    "received": "packed",
    "packed": "shipped",
    "shipped": "delivered",
    "delivered": "received",
    "cancelled": "received",
}


class StepError(Exception):
    """The step cannot be taken: why, in one line."""


def _last_seat_sells(shop: httpx.Client) -> str:
    _checked(shop.patch("products/vip-trip", json={"stock": 0}))
    return "The last VIP seat is sold. Reload the VIP trip: a similar trip with seats is shown."


def _she_buys_the_insurance(shop: httpx.Client) -> str:
    _checked(shop.post("recipients/aino/purchases", json={"product": "home-insurance"}))
    return "Aino has bought the home insurance. Reload her email: thanks, and the next offer."


def _parcel_ships(shop: httpx.Client) -> str:
    moved = []
    for order in ("A-1001", "A-1002", "A-1003", "A-1004"):
        before = _checked(shop.get(f"orders/{order}"))["status"]
        _checked(shop.patch(f"orders/{order}", json={"status": _NEXT[before]}))
        moved.append(f"{order} {_NEXT[before]}")
    return f"The orders have moved on: {', '.join(moved)}. Reload their emails."


def _she_fills_the_cart(shop: httpx.Client) -> str:
    cart = ["lamp-kajo", {"product": "mugs-aamu", "quantity": 2}]
    _checked(shop.patch("recipients/olga", json={"cart": cart}))
    return "Olga has put a lamp and mugs into her cart. Reload her email: the cart, and its total."


def _cart_item_sells_out(shop: httpx.Client) -> str:
    _checked(shop.patch("products/lamp-kajo", json={"stock": 0}))
    return (
        "The lamp Kajo is sold out. Reload the carts: it is crossed out, with an alternative"
        " beside it, and the total is what can still be bought."
    )


def _she_buys_the_cart(shop: httpx.Client) -> str:
    for line in _checked(shop.get("recipients/aino")).get("cart", ()):
        product = line if isinstance(line, str) else line["product"]
        if _checked(shop.get(f"products/{product}"))["stock"]:
            _checked(shop.post("recipients/aino/purchases", json={"product": product}))
    _checked(shop.patch("recipients/aino", json={"cart": []}))
    _checked(shop.patch("orders/A-2001", json={"status": "received"}))
    return "Aino has bought what there was in her cart. Reload: thanks, and the state of the order."


def _service_is_booked(shop: httpx.Client) -> str:
    day = datetime.now(UTC).date() + timedelta(days=4)
    booked = {"service_booked": f"{day}T09:30:00Z"}
    _checked(shop.patch("recipients/aino", json={"attributes": booked}))
    return "Aino has booked a technician. Reload her email: the appointment, and how to change it."


def _watched_comes_back(shop: httpx.Client) -> str:
    _checked(shop.patch("products/chair-meri", json={"stock": 5}))
    return "The armchair Meri is back. Reload the emails to Märt and Emma: 5 are in stock."


def _invoice_is_paid(shop: httpx.Client) -> str:
    paid = {"paid": f"{datetime.now(UTC).date()}"}
    _checked(shop.patch("orders/L-3001", json={"attributes": paid}))
    return "Aino has paid her invoice. Reload her email: it is paid, and nothing is left to scan."


def _ticket_is_answered(shop: httpx.Client) -> str:
    _checked(shop.patch("messages/ticket-20418", json={"parameters": {"state": "answered"}}))
    return "Aino's ticket is answered. Reload her email."


def _event_fills_up(shop: httpx.Client) -> str:
    _checked(shop.patch("products/winter-concert", json={"stock": 0}))
    return "The concert is full. Reload its emails: the waiting list, but for Emma, who has a seat."


class Step(NamedTuple):
    """Something that happens, and the block whose emails show it."""

    block: str
    take: Callable[[httpx.Client], str]


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
}


def take(step: str, data_dir: Path) -> str:
    """Take a step in the demo of this data folder and say what to look at.

    Raises StepError if no demo runs there.
    """
    try:
        demo = orjson.loads((data_dir / DEMO_FILE).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise StepError(f"no demo was started in {data_dir}: start one with make demo") from error
    headers = {"authorization": f"Bearer {demo['token']}"}
    api = f"{demo['base_url']}/api/v1/"
    try:
        with httpx.Client(base_url=api, headers=headers, trust_env=False) as shop:
            return STEPS[step].take(shop)
    except httpx.TransportError as error:
        raise StepError("the demo does not answer: start it with make demo") from error


def _checked(response: httpx.Response) -> Any:
    if response.is_error:
        raise StepError(f"the demo refused it: {response.text}")
    return response.json()

"""What happens in the shop while an email lies in the inbox: steps to take in the running demo."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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


STEPS: Mapping[str, Callable[[httpx.Client], str]] = {
    "last-seat-sells": _last_seat_sells,
    "she-buys-the-insurance": _she_buys_the_insurance,
    "parcel-ships": _parcel_ships,
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
            return STEPS[step](shop)
    except httpx.TransportError as error:
        raise StepError("the demo does not answer: start it with make demo") from error


def _checked(response: httpx.Response) -> Any:
    if response.is_error:
        raise StepError(f"the demo refused it: {response.text}")
    return response.json()

"""Webhooks of WooCommerce.

Source: the documentation of WooCommerce's REST API, version 3: "Webhooks", "Orders", "Products"
(github.com/woocommerce/woocommerce-rest-api-docs).
"""

import html
from collections.abc import Callable, Mapping
from typing import Any

from dyncontent.errors import BadField
from dyncontent.ingest.happenings import Changed, Event, Gone, Happening, Ordered, Parts, Told
from dyncontent.ingest.read import (
    BadError,
    a_quantity,
    an_id,
    an_instant,
    an_object,
    members,
    money,
    person_of_address,
    refused,
)
from dyncontent.ingest.shop import Shop

_STEPS: Mapping[str, str] = {
    "pending": "received",
    "on-hold": "received",
    "processing": "packed",
    "completed": "shipped",
    "cancelled": "cancelled",
    "refunded": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
    "received": "received",
    "packed": "packed",
    "shipped": "shipped",
    "delivered": "delivered",
}
"""WooCommerce's own, and those that shops often add."""
_VOID = ("pending", "cancelled", "refunded", "failed", "trash")
_DRAFTS = ("auto-draft", "draft", "checkout-draft", "new")


def read(topic: str, payload: Any, delivery: str, shop: Shop) -> Told:
    """A webhook of a topic; `delivery` is its id."""
    tell = _TOPICS.get(topic)
    try:
        body = an_object(payload, "body")
        said = body.get("date_modified_gmt") or body.get("date_created_gmt")
        at = None if said is None else an_instant(said, "date_modified_gmt")
        found = _Found(shop)
        if tell is not None:
            tell(found, body)
        return Event(f"{topic} {delivery}", at, tuple(found.happenings), tuple(found.bad))
    except BadError as error:
        return refused(error)


class _Found:
    """What a webhook tells, gathered bit by bit."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.happenings: list[Happening] = []
        self.bad: list[BadField] = []


def _order(found: _Found, body: Mapping[str, Any]) -> None:
    """An order that was begun and not paid is no purchase yet. Of a refund of a part the webhook
    does not say what was given back."""
    order, status = an_id(body.get("id"), "id"), body.get("status")
    if status in _DRAFTS:
        return
    lines: dict[str, int] = {}
    for place, member in members(body.get("line_items"), "line_items"):
        try:
            line = an_object(member, place)
            if product := found.shop.product(line, "variation_id", place):
                count = a_quantity(line.get("quantity"), f"{place}.quantity")
                lines[product] = lines.get(product, 0) + count
        except BadError as error:
            found.bad.append(error.field)
    fields: dict[str, Any] = {}
    if isinstance(status, str) and (step := _STEPS.get(status.removeprefix("wc-"))):
        fields["status"] = step
    if total := money(body.get("total"), body.get("currency")):
        fields["total"] = total
    made = body.get("date_created_gmt")
    found.happenings.append(
        Ordered(
            order=order,
            person=_person(body),
            lines=lines,
            at=None if made is None else an_instant(made, "date_created_gmt"),
            void=status in _VOID,
            fields=fields,
        )
    )


def _person(body: Mapping[str, Any]) -> str | None:
    """The customer; a guest goes by the SHA-256 of the address."""
    if body.get("customer_id"):
        return an_id(body["customer_id"], "customer_id")
    address = an_object(body.get("billing"), "billing").get("email")
    if isinstance(address, str) and "@" in address:
        return person_of_address(address)
    return None


def _order_gone(found: _Found, body: Mapping[str, Any]) -> None:
    order = an_id(body.get("id"), "id")
    found.happenings.append(Ordered(order, void=True, fields={"status": "cancelled"}))


def _product(found: _Found, body: Mapping[str, Any]) -> None:
    own, is_variation = an_id(body.get("id"), "id"), body.get("type") == "variation"
    if is_variation and found.shop.product_id == "product":
        parent = an_id(body.get("parent_id"), "parent_id")
        found.happenings.append(Parts(parent, totals={_part(own): _left(body)}))
        return
    line = {"product_id": own, "variation_id": None, "sku": body.get("sku")}
    product = found.shop.product(line, "variation_id", "product")
    if product is None:
        return
    fields = _fields(found.shop, body)
    variations = [an_id(one, place) for place, one in members(body.get("variations"), "variations")]
    divided = bool(variations) and not body.get("manage_stock")
    if not divided:
        fields["stock"] = _left(body)
    found.happenings += (
        Changed("product", product, fields),
        Gone(product, gone=body.get("status", "publish") != "publish"),
    )
    if divided and found.shop.product_id == "product":
        found.happenings.append(Parts(product, tuple(map(_part, variations))))


def _fields(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if isinstance(body.get("name"), str) and body["name"]:
        fields["title"] = html.unescape(body["name"])
    for place, member in members(body.get("categories"), "categories"):
        name = an_object(member, place).get("name")
        if isinstance(name, str):
            fields.setdefault("category", html.unescape(name))
    if body.get("permalink"):
        fields["link"] = body["permalink"]
    if price := money(body.get("price"), shop.currency):
        fields["price"] = price
    return fields


def _left(body: Mapping[str, Any]) -> int | None:
    """How many are left; None where that is not counted, and there are some."""
    quantity = body.get("stock_quantity")
    if body.get("manage_stock") is True and isinstance(quantity, int | float):
        return max(0, int(quantity))
    return None if body.get("stock_status", "instock") == "instock" else 0


def _part(variation: str) -> str:
    return f"woocommerce.{variation}"


def _product_gone(found: _Found, body: Mapping[str, Any]) -> None:
    if found.shop.product_id != "sku":
        found.happenings.append(Gone(an_id(body.get("id"), "id")))


_TOPICS: Mapping[str, Callable[[_Found, Mapping[str, Any]], None]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": _order_gone,
    "product.created": _product,
    "product.updated": _product,
    "product.restored": _product,
    "product.deleted": _product_gone,
}

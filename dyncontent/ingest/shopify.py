"""Webhooks of Shopify.

Source: shopify.dev, "Webhooks" (topics and their payloads) and "Webhooks delivery structure".
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from dyncontent.errors import BadField
from dyncontent.ingest.happenings import (
    Changed,
    Event,
    Gone,
    Happening,
    Level,
    Ordered,
    Parts,
    Refunded,
    Told,
)
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

LATEST_TRIGGER = timedelta(minutes=1)
_DEFAULT_VARIANT = "Default Title"
_VOID = ("voided", "refunded")


def read(topic: str, payload: Any, event: str, triggered: str | None, shop: Shop) -> Told:
    """A webhook of a topic. `triggered` is when Shopify says it was set off, `event` its id."""
    tell = _TOPICS.get(topic)
    try:
        body = an_object(payload, "body")
        if tell is None:
            return Event(f"{topic} {event}", None)
        found = _Found(shop)
        tell(found, body)
        at = _instant(body, triggered)
        return Event(f"{topic} {event}", at, tuple(found.happenings), tuple(found.bad))
    except BadError as error:
        return refused(error)


def _instant(body: Mapping[str, Any], triggered: str | None) -> datetime | None:
    """What the signed body says, to the second; more exactly where it was set off soon after."""
    said = next(
        (body[name] for name in ("updated_at", "processed_at", "created_at") if body.get(name)),
        None,
    )
    exactly = None if triggered is None else an_instant(triggered, "X-Shopify-Triggered-At")
    if said is None:
        return exactly
    at = an_instant(said, "updated_at")
    is_soon = exactly is not None and at <= exactly <= at + LATEST_TRIGGER
    return exactly if is_soon else at


class _Found:
    """What a webhook tells, gathered bit by bit."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.happenings: list[Happening] = []
        self.bad: list[BadField] = []

    def lines(self, value: Any, path: str, inner: str = "") -> dict[str, int]:
        """Products with how many of each; `inner` names the field in which a line's product
        stands."""
        found: dict[str, int] = {}
        for place, member in members(value, path):
            try:
                line = an_object(member, place)
                sold = an_object(line.get(inner), f"{place}.{inner}") if inner else line
                if product := self.shop.product(sold, "variant_id", place):
                    count = a_quantity(line.get("quantity"), f"{place}.quantity")
                    found[product] = found.get(product, 0) + count
            except BadError as error:
                self.bad.append(error.field)
        return found


def _order(found: _Found, body: Mapping[str, Any]) -> None:
    order, person = an_id(body.get("id"), "id"), _person(body)
    customer = an_object(body.get("customer"), "customer")
    names = {name: customer[name] for name in ("first_name", "last_name") if customer.get(name)}
    if person and names:
        found.happenings.append(Changed("recipient", person, names))
    made = body.get("created_at") or body.get("processed_at")
    found.happenings.append(
        Ordered(
            order=order,
            person=person,
            lines=found.lines(body.get("line_items"), "line_items"),
            at=None if made is None else an_instant(made, "created_at"),
            void=bool(body.get("cancelled_at")) or body.get("financial_status") in _VOID,
            fields=_order_fields(body),
        )
    )
    for place, member in members(body.get("refunds"), "refunds"):
        _refund(found, order, an_object(member, place), person)


def _person(body: Mapping[str, Any]) -> str | None:
    """The customer; a guest goes by the SHA-256 of the address."""
    customer = an_object(body.get("customer"), "customer")
    if customer.get("id"):
        return an_id(customer["id"], "customer.id")
    for address in (body.get("email"), body.get("contact_email"), customer.get("email")):
        if isinstance(address, str) and "@" in address:
            return person_of_address(address)
    return None


def _order_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"status": _status(body)}
    paid = body.get("current_total_price") or body.get("total_price")
    if total := money(paid, body.get("currency")):
        fields["total"] = total
    for shipment in _shipments(body):
        carrier, code = shipment.get("tracking_company"), shipment.get("tracking_number")
        fields |= {
            name: value for name, value in (("carrier", carrier), ("tracking", code)) if value
        }
    return fields


def _shipments(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for place, member in members(body.get("fulfillments"), "fulfillments"):
        shipment = an_object(member, place)
        if shipment.get("status") not in ("cancelled", "error", "failure"):
            yield shipment


def _status(body: Mapping[str, Any]) -> str:
    if body.get("cancelled_at"):
        return "cancelled"
    match body.get("fulfillment_status"):
        case "fulfilled":
            states = [shipment.get("shipment_status") for shipment in _shipments(body)]
            return "delivered" if states and set(states) == {"delivered"} else "shipped"
        case "partial":
            return "packed"
        case _:
            return "received"


def _refund(found: _Found, order: str, body: Mapping[str, Any], person: str | None = None) -> None:
    """Money that is given back without anything of the order changes no purchase."""
    refund = an_id(body.get("id"), "refunds.id")
    lines = found.lines(body.get("refund_line_items"), "refund_line_items", "line_item")
    if lines:
        found.happenings.append(Refunded(order, f"shopify.{refund}", lines, person))


def _refunded(found: _Found, body: Mapping[str, Any]) -> None:
    _refund(found, an_id(body.get("order_id"), "order_id"), body)


def _product(found: _Found, body: Mapping[str, Any]) -> None:
    is_sold = body.get("status", "active") == "active" and bool(body.get("published_at"))
    fields = _product_fields(found.shop, body)
    variants = [an_object(one, place) for place, one in members(body.get("variants"), "variants")]
    if found.shop.product_id == "product":
        _tell_product(found, an_id(body.get("id"), "id"), fields, variants, is_sold=is_sold)
        return
    for place, variant in enumerate(variants):
        path = f"variants.{place}"
        try:
            own = {"product_id": body.get("id"), "variant_id": variant.get("id")}
            product = found.shop.product({**own, "sku": variant.get("sku")}, "variant_id", path)
        except BadError as error:
            found.bad.append(error.field)
            continue
        if product is not None:
            named = fields | _variant_title(body, variant)
            _tell_product(found, product, named, [variant], is_sold=is_sold)


def _product_fields(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    given = {"title": body.get("title"), "category": body.get("product_type")}
    fields = {name: value for name, value in given.items() if value}
    if shop.url and isinstance(body.get("handle"), str):
        fields["link"] = f"{shop.url.rstrip('/')}/products/{body['handle']}"
    return fields


def _variant_title(body: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    own = variant.get("title")
    if not own or own == _DEFAULT_VARIANT or not body.get("title"):
        return {}
    return {"title": f"{body['title']}, {own}"}


def _tell_product(
    found: _Found,
    product: str,
    fields: Mapping[str, Any],
    variants: list[Mapping[str, Any]],
    *,
    is_sold: bool,
) -> None:
    """The lowest price is the product's. Of what Shopify does not track no stock is known."""
    prices = [money(variant.get("price"), found.shop.currency) for variant in variants]
    known = [price for price in prices if price is not None]
    if known:
        cheapest = min(known, key=lambda price: float(price["amount"]))
        fields = {**fields, "price": cheapest}
    tracked = [one for one in variants if one.get("inventory_management")]
    totals = {
        _part(variant): variant["inventory_quantity"]
        for variant in tracked
        if type(variant.get("inventory_quantity")) is int
    }
    found.happenings += (
        Changed("product", product, fields),
        Gone(product, gone=not is_sold),
        Parts(product, tuple(_part(variant) for variant in tracked), totals),
    )


def _part(variant: Mapping[str, Any]) -> str:
    item = variant.get("inventory_item_id")
    if item is None:
        return f"shopify.variant.{an_id(variant.get('id'), 'variants.id')}"
    return _item(item)


def _item(item: Any) -> str:
    return f"shopify.{an_id(item, 'inventory_item_id')}"


def _product_gone(found: _Found, body: Mapping[str, Any]) -> None:
    """Of which variants it was, this does not say."""
    if found.shop.product_id == "product":
        found.happenings.append(Gone(an_id(body.get("id"), "id")))


def _level(found: _Found, body: Mapping[str, Any]) -> None:
    """Nothing is available where an item is not kept at all."""
    part, place = (
        _item(body.get("inventory_item_id")),
        an_id(body.get("location_id"), "location_id"),
    )
    available = body.get("available")
    if available is not None and type(available) is not int:
        raise BadError("available", available, "a whole number")
    found.happenings.append(Level(part, place, available or 0))


_TOPICS: Mapping[str, Callable[[_Found, Mapping[str, Any]], None]] = {
    "orders/create": _order,
    "orders/paid": _order,
    "orders/updated": _order,
    "orders/fulfilled": _order,
    "orders/partially_fulfilled": _order,
    "orders/cancelled": _order,
    "refunds/create": _refunded,
    "products/create": _product,
    "products/update": _product,
    "products/delete": _product_gone,
    "inventory_levels/update": _level,
    "inventory_levels/connect": _level,
}

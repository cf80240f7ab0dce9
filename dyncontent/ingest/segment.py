"""Events in the words of Segment: its calls, and its e-commerce and email specifications.

Source: Segment's documentation, "Spec" and "HTTP API Source" (github.com/segmentio/segment-docs),
with e-commerce events of version 2 and the names that they had in version 1.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from dyncontent.errors import BadField, ProblemError
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Event,
    Happening,
    Listed,
    Ordered,
    Refunded,
    Returned,
    Told,
    Withdrawn,
)
from dyncontent.ingest.read import (
    BadError,
    a_locale,
    a_person,
    a_quantity,
    an_id,
    an_instant,
    an_object,
    attribute_name,
    members,
    money,
    refused,
)

CALLS = ("identify", "track", "page", "screen", "group", "alias")
MOST_SKEW = timedelta(minutes=5)
"""By which a device's clock may be wrong before its events are set right by it."""

_PROFILE = {"first_name": "first_name", "last_name": "last_name", "firstname": "first_name",
            "lastname": "last_name"}  # fmt: skip
_ZONES = ("timezone", "time_zone")
_ADDRESSES = ("email", "phone", "address")
"""Of traits that begin like this those are kept that the workspace declared."""


class Reader:
    """Reads calls that arrived at one instant, in a batch that was sent at one. `declared` are the
    names of the attributes of people that the workspace declared."""

    def __init__(
        self, received: datetime, sent: Any = None, declared: frozenset[str] = frozenset()
    ) -> None:
        self._received = received
        self._sent = sent
        self._declared = declared

    def read(self, call: Any, kind: str | None = None) -> Told:
        """A call; `kind` is the one of its address, else it names it itself (`type`)."""
        try:
            return self._read(an_object(call, "call"), kind)
        except BadError as error:
            return refused(error)

    def _read(self, call: Mapping[str, Any], kind: str | None) -> Event | ProblemError:
        kind = kind or call.get("type")
        if kind not in CALLS:
            raise BadError("type", kind, f"one of {', '.join(CALLS)}")
        at, shaky = self._instant(call)
        found = _Found(_event_id(call))
        if call.get("userId") not in (None, ""):
            found.person = a_person(call["userId"], "userId")
            self._gather(found, kind, call)
        elif not call.get("anonymousId"):
            raise BadError("userId", None, "the id of a person, or an anonymousId")
        return Event(found.event, at, tuple(found.happenings), tuple(found.bad), shaky)

    def _gather(self, found: "_Found", kind: str, call: Mapping[str, Any]) -> None:
        match kind:
            case "identify":
                self._identify(found, call)
            case "group":
                self._group(found, call)
            case "track":
                name = call.get("event")
                if not isinstance(name, str) or not name:
                    raise BadError("event", name, "the name of an event")
                if track := _TRACKS.get(_plain(name)):
                    track(found, an_object(call.get("properties"), "properties"))

    def _instant(self, call: Mapping[str, Any]) -> tuple[datetime | None, bool]:
        """When it happened; by the device's clock, set right by how far that is off when it sends.
        An instant that is set right differs a little with each sending."""
        said = call.get("timestamp") or call.get("originalTimestamp")
        if said is None:
            return None, True
        at = an_instant(said, "timestamp")
        sent = call.get("sentAt") or self._sent
        if sent is None:
            return at, False
        skew = an_instant(sent, "sentAt") - self._received
        return (at - skew, True) if skew > MOST_SKEW else (at, False)

    def _identify(self, found: "_Found", call: Mapping[str, Any]) -> None:
        traits = an_object(call.get("traits"), "traits")
        context = an_object(call.get("context"), "context")
        fields: dict[str, Any] = {}
        for name, value in traits.items():
            plain = attribute_name(name)
            if plain in _PROFILE:
                fields[_PROFILE[plain]] = value
            elif plain == "locale":
                fields["locale"] = a_locale(value) or value
            elif plain in _ZONES:
                fields["time_zone"] = value
            else:
                fields |= self._kept(_attributes(found, name, value))
        if "locale" not in fields and (locale := a_locale(context.get("locale"))):
            fields["locale"] = locale
        if "time_zone" not in fields and isinstance(context.get("timezone"), str):
            fields["time_zone"] = context["timezone"]
        found.change(fields)

    def _group(self, found: "_Found", call: Mapping[str, Any]) -> None:
        fields: dict[str, Any] = {"attributes.group": call.get("groupId")}
        if not isinstance(fields["attributes.group"], str):
            raise BadError("groupId", call.get("groupId"), "the id of a group")
        for name, value in an_object(call.get("traits"), "traits").items():
            fields |= _attributes(found, f"group_{name}", value)
        found.change(fields)

    def _kept(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Without addresses that nobody asked to keep."""
        return {
            name: value
            for name, value in attributes.items()
            if (plain := name.partition(".")[2]) in self._declared
            or not plain.startswith(_ADDRESSES)
        }


class _Found:
    """What a call tells of a person, gathered bit by bit."""

    def __init__(self, event: str) -> None:
        self.event = event
        self.person = ""
        self.happenings: list[Happening] = []
        self.bad: list[BadField] = []

    def change(self, fields: Mapping[str, Any]) -> None:
        if fields:
            self.happenings.append(Changed("recipient", self.person, fields))

    def product(self, properties: Mapping[str, Any], path: str = "properties") -> str:
        """Raises BadError if no product is named."""
        for name in ("product_id", "sku", "id", "productId"):
            if properties.get(name) not in (None, ""):
                return an_id(properties[name], f"{path}.{name}")
        raise BadError(f"{path}.product_id", None, "the id of a product")

    def lines(self, properties: Mapping[str, Any]) -> dict[str, int]:
        """The products of a list with how many there are of each; what is ill-formed is left
        out."""
        found: dict[str, int] = {}
        for path, member in members(properties.get("products"), "properties.products"):
            try:
                line = an_object(member, path)
                product = self.product(line, path)
                found[product] = found.get(product, 0) + a_quantity(
                    line.get("quantity"), f"{path}.quantity"
                )
            except BadError as error:
                self.bad.append(error.field)
        return found


_Track = Callable[[_Found, Mapping[str, Any]], None]


def _attributes(found: _Found, name: str, value: Any) -> dict[str, Any]:
    """A trait as attributes: an object becomes one for each of its members."""
    plain = attribute_name(name)
    if not plain or not plain[0].isalpha():
        found.bad.append(
            BadError(f"traits.{name[:64]}", value, "a name that begins with a letter").field
        )
        return {}
    if isinstance(value, dict) and value.keys() != {"amount", "currency"}:
        flat: dict[str, Any] = {}
        for member, inner in value.items():
            if not isinstance(inner, dict):
                flat |= _attributes(found, f"{plain}_{member}", inner)
        return flat
    return {f"attributes.{plain}": value}


def _cart_added(found: _Found, properties: Mapping[str, Any]) -> None:
    product = found.product(properties)
    count = a_quantity(properties.get("quantity"), "properties.quantity")
    found.happenings.append(CartChanged(found.person, product, count))


def _cart_removed(found: _Found, properties: Mapping[str, Any]) -> None:
    product, change = found.product(properties), None
    if properties.get("quantity") is not None:
        change = -a_quantity(properties["quantity"], "properties.quantity")
    found.happenings.append(CartChanged(found.person, product, change))


def _cart_stated(found: _Found, properties: Mapping[str, Any]) -> None:
    if properties.get("products") is not None:
        lines = {name: count for name, count in found.lines(properties).items() if count}
        found.happenings.append(CartStated(found.person, lines))


def _moved_to_cart(found: _Found, properties: Mapping[str, Any]) -> None:
    _cart_added(found, properties)
    found.happenings.append(Listed(found.person, "watched", found.product(properties), False))


def _ordered(*, is_new: bool) -> _Track:
    """An order that is made, or changed. One without an id is a purchase of each of its
    products."""

    def track(found: _Found, properties: Mapping[str, Any]) -> None:
        lines = found.lines(properties) if properties.get("products") is not None else None
        if properties.get("order_id") in (None, ""):
            for product in lines or ():
                found.happenings += (
                    Bought(found.person, product),
                    CartChanged(found.person, product, None),
                )
            return
        fields: dict[str, Any] = {"status": "received"} if is_new else {}
        paid = properties.get("total", properties.get("revenue"))
        if total := money(paid, properties.get("currency")):
            fields["total"] = total
        order = an_id(properties["order_id"], "properties.order_id")
        found.happenings.append(
            Ordered(order, found.person, lines, is_new=is_new, void=False, fields=fields)
        )

    return track


def _refunded(found: _Found, properties: Mapping[str, Any]) -> None:
    """With products only these, else all of the order."""
    lines = found.lines(properties) if properties.get("products") else None
    if properties.get("order_id") in (None, ""):
        if lines is None:
            raise BadError("properties.order_id", None, "the id of an order, or products")
        found.happenings += (Returned(found.person, product) for product in lines)
        return
    order = an_id(properties["order_id"], "properties.order_id")
    found.happenings.append(Refunded(order, found.event, lines, found.person))


def _cancelled(found: _Found, properties: Mapping[str, Any]) -> None:
    found.happenings.append(
        Ordered(
            order=an_id(properties.get("order_id"), "properties.order_id"),
            person=found.person,
            void=True,
            fields={"status": "cancelled"},
        )
    )


def _unsubscribed(found: _Found, _: Mapping[str, Any]) -> None:
    found.happenings.append(Withdrawn(found.person))


def _lists(name: str, key: str | None = None, *, present: bool = True) -> _Track:
    """An event by which something comes onto a list, or off it: a product, or what `key` names."""

    def track(found: _Found, properties: Mapping[str, Any]) -> None:
        if key is None:
            item = found.product(properties)
        else:
            item = an_id(properties.get(key), f"properties.{key}")
        found.happenings.append(Listed(found.person, name, item, present))

    return track


def _plain(name: str) -> str:
    return name.strip().lower()


_TRACKS: Mapping[str, _Track] = {
    _plain(name): track
    for names, track in (
        (("Product Viewed", "Viewed Product"), _lists("attributes.viewed")),
        (("Product Added", "Added Product"), _cart_added),
        (("Product Removed", "Removed Product"), _cart_removed),
        (("Cart Viewed", "Checkout Started", "Started Checkout"), _cart_stated),
        (("Order Completed", "Completed Order"), _ordered(is_new=True)),
        (("Order Updated", "Updated Order"), _ordered(is_new=False)),
        (("Order Refunded", "Refunded Order"), _refunded),
        (("Order Cancelled", "Order Canceled", "Cancelled Order"), _cancelled),
        (("Product Added to Wishlist", "Added Product to Wishlist"), _lists("watched")),
        (
            ("Product Removed from Wishlist", "Removed Product from Wishlist"),
            _lists("watched", present=False),
        ),
        (("Wishlist Product Added to Cart", "Wishlist Product Added"), _moved_to_cart),
        (("Product Reviewed",), _lists("attributes.reviewed")),
        (("Coupon Applied",), _lists("attributes.coupons", "coupon_id")),
        (("Coupon Removed",), _lists("attributes.coupons", "coupon_id", present=False)),
        (("Unsubscribed", "Email Marked as Spam"), _unsubscribed),
    )
    for name in names
}


def _event_id(call: Mapping[str, Any]) -> str:
    """Its own; of one without, what it says if it says when. Else it is another each time."""
    for name in ("messageId", "message_id"):
        if isinstance(call.get(name), str) and call[name]:
            return str(call[name])
    if call.get("timestamp") or call.get("originalTimestamp"):
        kept = {name: value for name, value in call.items() if name not in _OF_THE_SENDING}
        return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    return uuid.uuid4().hex


_OF_THE_SENDING = ("sentAt", "receivedAt", "context", "writeKey")

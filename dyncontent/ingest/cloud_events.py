"""Events in the envelope of CloudEvents 1.0, of types of our own.

Source: github.com/cloudevents/spec, "CloudEvents" and its JSON and HTTP bindings, version 1.0.2.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from dyncontent.errors import ProblemError
from dyncontent.ingest.happenings import (
    Bought,
    CartChanged,
    CartStated,
    Changed,
    Event,
    Happening,
    Ordered,
    Refunded,
    Returned,
    Told,
)
from dyncontent.ingest.read import (
    BadError,
    a_person,
    a_quantity,
    an_id,
    an_instant,
    an_object,
    members,
    refused,
)
from rules.facts import ATTRIBUTE_GROUPS

SPEC = "1.0"
PREFIX = "dyncontent."
BINARY = "ce-"


def read(event: Any) -> Told:
    """An event in its envelope."""
    try:
        return _read(an_object(event, "event"))
    except BadError as error:
        return refused(error)


def envelope(headers: Mapping[str, str], data: Any) -> dict[str, Any]:
    """The envelope of an event in binary mode, whose attributes stand in headers."""
    attributes = {
        name.removeprefix(BINARY): unquote(value)
        for name, value in headers.items()
        if name.startswith(BINARY)
    }
    return attributes | {"data": data}


def _read(event: Mapping[str, Any]) -> Event | ProblemError:
    if event.get("specversion") != SPEC:
        raise BadError("specversion", event.get("specversion"), SPEC)
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise BadError(name, event.get(name), "a text: every event has one")
    tell = TYPES.get(event["type"].removeprefix(PREFIX))
    if tell is None or not event["type"].startswith(PREFIX):
        known = ", ".join(PREFIX + name for name in TYPES)
        raise BadError("type", event["type"], f"one of {known}")
    at = None if event.get("time") is None else an_instant(event["time"], "time")
    if event.get("data") is None:
        raise BadError("data", None, "an object, as JSON")
    name = f"{event['source']}\0{event['id']}"
    return Event(name, at, tuple(tell(an_object(event["data"], "data"), name)))


def _of(kind: str, name: str) -> "_Tell":
    """An event that tells one field of a document."""

    def tell(data: Mapping[str, Any], _: str) -> list[Happening]:
        if name not in data:
            raise BadError(f"data.{name}", None, "a value, or null where it is not known any more")
        return [Changed(kind, _name(data, kind), {name: data[name]}, create=kind != "product")]

    return tell


def _fields_of(kind: str) -> "_Tell":
    """An event that tells any fields of a document."""
    group = ATTRIBUTE_GROUPS[kind]

    def tell(data: Mapping[str, Any], _: str) -> list[Happening]:
        fields: dict[str, Any] = {}
        for name, value in an_object(data.get("fields"), "data.fields").items():
            if name == group:
                fields |= _attributes(value, group, f"data.fields.{group}")
            elif kind == "recipient" and name in ("cart", "watched", "consents"):
                raise BadError(f"data.fields.{name}", value, _NOT_HERE[name])
            else:
                fields[name] = value
        if not fields:
            raise BadError("data.fields", None, "the fields that change")
        return [Changed(kind, _name(data, kind), fields, create=kind != "product")]

    return tell


_NOT_HERE = {
    "cart": f"an event {PREFIX}recipient.cart",
    "watched": "the control plane: PATCH /api/v1/recipients/{id}",
    "consents": "the control plane: a consent needs its proof",
}


def _attributes(value: Any, group: str, path: str) -> dict[str, Any]:
    return {f"{group}.{name}": given for name, given in an_object(value, path).items()}


def _name(data: Mapping[str, Any], kind: str) -> str:
    read_name = a_person if kind == "recipient" else an_id
    return read_name(data.get(kind), f"data.{kind}")


def _person_attributes(data: Mapping[str, Any], _: str) -> list[Happening]:
    fields = _attributes(data.get("attributes"), "attributes", "data.attributes")
    if not fields:
        raise BadError("data.attributes", None, "the attributes that change")
    return [Changed("recipient", _name(data, "recipient"), fields)]


def _cart(data: Mapping[str, Any], _: str) -> list[Happening]:
    lines = {name: count for name, count in _lines(data, "cart").items() if count}
    return [CartStated(_name(data, "recipient"), lines)]


def _purchase(data: Mapping[str, Any], _: str) -> list[Happening]:
    person, product = _name(data, "recipient"), _name(data, "product")
    return [Bought(person, product), CartChanged(person, product, None)]


def _refund(data: Mapping[str, Any], _: str) -> list[Happening]:
    return [Returned(_name(data, "recipient"), _name(data, "product"))]


def _order_placed(data: Mapping[str, Any], _: str) -> list[Happening]:
    fields = dict(an_object(data.get("fields"), "data.fields"))
    fields.setdefault("status", "received")
    return [
        Ordered(
            order=_name(data, "order"),
            person=_name(data, "recipient"),
            lines=_lines(data, "products"),
            is_new=True,
            void=fields["status"] == "cancelled",
            fields=_flat(fields),
        )
    ]


def _order_changed(data: Mapping[str, Any], _: str) -> list[Happening]:
    fields = an_object(data.get("fields"), "data.fields")
    if not fields:
        raise BadError("data.fields", None, "the fields that change")
    return [_changed_order(data, fields)]


def _order_status(data: Mapping[str, Any], _: str) -> list[Happening]:
    if data.get("status") is None:
        raise BadError("data.status", None, "where the order is")
    return [_changed_order(data, {"status": data["status"]})]


def _changed_order(data: Mapping[str, Any], fields: Mapping[str, Any]) -> Happening:
    void = fields["status"] == "cancelled" if "status" in fields else None
    return Ordered(_name(data, "order"), void=void, fields=_flat(fields))


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in fields.items() if name != "attributes"}
    return flat | _attributes(fields.get("attributes"), "attributes", "data.fields.attributes")


def _order_refunded(data: Mapping[str, Any], event: str) -> list[Happening]:
    lines = None if data.get("products") is None else _lines(data, "products")
    person = None if data.get("recipient") is None else _name(data, "recipient")
    return [Refunded(_name(data, "order"), event, lines, person)]


def _lines(data: Mapping[str, Any], name: str) -> dict[str, int]:
    """Products: ids, or `{"product", "quantity"}`."""
    if data.get(name) is None:
        raise BadError(f"data.{name}", None, "a list of products")
    found: dict[str, int] = {}
    for path, member in members(data[name], f"data.{name}"):
        line = {"product": member} if isinstance(member, str) else an_object(member, path)
        product = an_id(line.get("product"), f"{path}.product")
        count = a_quantity(line.get("quantity"), f"{path}.quantity")
        found[product] = found.get(product, 0) + count
    return found


_Tell = Callable[[Mapping[str, Any], str], list[Happening]]

TYPES: Mapping[str, _Tell] = {
    "product.stock": _of("product", "stock"),
    "product.price": _of("product", "price"),
    "product.changed": _fields_of("product"),
    "recipient.attributes": _person_attributes,
    "recipient.changed": _fields_of("recipient"),
    "recipient.cart": _cart,
    "recipient.purchase": _purchase,
    "recipient.refund": _refund,
    "order.placed": _order_placed,
    "order.status": _order_status,
    "order.changed": _order_changed,
    "order.refunded": _order_refunded,
    "message.changed": _fields_of("message"),
}
"""What follows the prefix of a type, and what such an event tells."""

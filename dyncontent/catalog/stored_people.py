"""People as they are stored. There are very many, so that it is a list in JSON:

- a letter for each consent, in the order of their fields, without the last that are as they would
  be anyway: y given, n withdrawn, ? neither, in capitals where `consented` does not tell when, and
  - as usual; and a + if they are `noted`
- the instants, see dyncontent.catalog.stored_dates
- the ids of what was bought, and the names of the attributes, each joined by spaces
- the values of the attributes, money as {"EUR": "19.90"}
- first and last name, locale, time zone, what is watched and what is in the cart, and the dates
  that are not among the instants

What is absent at the end is left out. People were stored as an object by the names of the fields
once, and are read from it too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from dyncontent.catalog import stored_dates
from dyncontent.catalog.consent import PURPOSES, Consents
from rules.facts import Record, Value
from rules.tree import Amount

_FIELDS = ("first_name", "last_name", "locale", "time_zone", "watched", "cart")
_SAID, _DATES, _BOUGHT, _NAMES, _VALUES, *_REST, _OTHERS = range(6 + len(_FIELDS))
_PLACES = dict(zip(_FIELDS, _REST, strict=True))
_LOCALE, _TIME_ZONE = _PLACES["locale"], _PLACES["time_zone"]
_PADDING = [None] * (_OTHERS + 1)

_PURPOSES = tuple(PURPOSES)
_USUAL_CONSENTS = tuple(vars(Consents()).values())
_DATED = frozenset("yn?")
"""Letters of consents."""

_NONE: Mapping[str, Any] = {}


def encode(fields: Mapping[str, Any]) -> bytes:
    """By the fields of a Recipient."""
    consented, attributes, purchases = (
        fields[name] for name in ("consented", "attributes", "purchases")
    )
    said = _letters(tuple(vars(fields["consents"]).values()), tuple(consented))
    in_order = [consented[purpose] for purpose in _PURPOSES if purpose in consented]
    dates, others = stored_dates.encode(fields["as_of"], in_order, purchases)
    stored = [
        f"{said}+" if fields["noted"] else said,
        dates,
        " ".join(purchases),
        " ".join(attributes),
        list(attributes.values()),
        *(fields[name] for name in _FIELDS),
        others or None,
    ]
    while stored[-1] is None:
        stored.pop()
    return orjson.dumps(stored, _short)


def decode(raw: bytes) -> dict[str, Any]:
    """The fields of a Recipient that are not as they would be anyway, with a cart as JSON has
    it."""
    stored = orjson.loads(raw)
    if type(stored) is dict:
        return _decode_by_names(stored)
    stored += _PADDING[len(stored) :]
    said, others = stored[_SAID], stored[_OTHERS]
    letters = zip(_PURPOSES, said, strict=False)
    dated = [purpose for purpose, letter in letters if letter in _DATED]
    as_of, consented, purchases = stored_dates.decode(
        stored[_DATES], dated, stored[_BOUGHT].split()
    )
    watched = stored[_PLACES["watched"]]
    return {name: stored[place] for name, place in _PLACES.items()} | {
        "watched": None if watched is None else tuple(watched),
        "consents": Consents.of_said(said),
        "consented": consented,
        "noted": said.endswith("+"),
        "attributes": dict(
            zip(stored[_NAMES].split(), map(_checked, stored[_VALUES]), strict=True)
        ),
        "purchases": purchases,
        "as_of": as_of | others if others else as_of,
    }


def _decode_by_names(stored: dict[str, Any]) -> dict[str, Any]:
    """Of the older form. What was said then of consents is in the history."""
    watched = stored.get("watched")
    attributes, purchases = stored.get("attributes", _NONE), stored.get("purchases", _NONE)
    return stored | {
        "watched": None if watched is None else tuple(watched),
        "consents": Consents.decode(*stored.get("consents", _NONE).items()),
        "noted": bool(stored.get("consented")),
        "attributes": {name: _checked(value) for name, value in attributes.items()},
        "purchases": {name: datetime.fromisoformat(at) for name, at in purchases.items()},
    }


class Glimpse(NamedTuple):
    """What an open needs of a person."""

    facts: Record
    tracking: bool
    time_zone: str | None
    locale: str | None


Look = Callable[[Sequence[Any]], Value]
"""Finds a fact in what is stored of a person, as JSON has it; None if it is not known."""


def glimpse(raw: bytes, looks: Iterable[tuple[str, Look]]) -> Glimpse:
    """Of what was encoded the same as the facts of a Recipient, in a fraction of the time: the
    consents, and those at which there are looks."""
    stored = orjson.loads(raw)
    if type(stored) is dict:
        stored = _as_list(stored)
    stored += _PADDING[len(stored) :]
    agreed, tracking = _agreed(stored[_SAID])
    facts: dict[str, Value] = {"consents": agreed}
    for name, look in looks:
        if (value := look(stored)) is not None:
            facts[name] = value
    return Glimpse(facts, tracking, stored[_TIME_ZONE], stored[_LOCALE])


def look(field: str) -> Look:
    """At a fact of the recipient, by its name."""
    match field:
        case "purchases":
            return lambda stored: frozenset(stored[_BOUGHT].split())
        case "cart":
            return _cart_products
        case "watched":
            return _watched
    group, _, name = field.partition(".")
    if name:
        return lambda stored: _attribute(stored, name)
    place = _PLACES[group]
    return lambda stored: stored[place]


def _watched(stored: Sequence[Any]) -> Value:
    return None if (ids := stored[_PLACES["watched"]]) is None else tuple(ids)


def _cart_products(stored: Sequence[Any]) -> Value:
    if (cart := stored[_PLACES["cart"]]) is None:
        return None
    return tuple(line if type(line) is str else line["product"] for line in cart)


def _attribute(stored: Sequence[Any], name: str) -> Value:
    place = _places(stored[_NAMES]).get(name)
    if place is None:
        return None
    value = _checked(stored[_VALUES][place])
    return value.fact if type(value) is Amount else value


@lru_cache(1024)
def _places(names: str) -> Mapping[str, int]:
    """Of attributes among their values. Most people of a sender have the same."""
    return {name: place for place, name in enumerate(names.split())}


@cache
def _agreed(said: str) -> tuple[tuple[str, ...], bool]:
    """What is agreed to, and whether tracking is. There are few that differ."""
    consents = Consents.of_said(said)
    return consents.given, consents.tracking


def _as_list(stored: dict[str, Any]) -> list[Any]:
    """The older form as it would be stored now, but for the dates."""
    consents = Consents.decode(*stored.get("consents", _NONE).items())
    attributes = stored.get("attributes", _NONE)
    return [
        _letters(tuple(vars(consents).values()), ()),
        "",
        " ".join(stored.get("purchases", ())),
        " ".join(attributes),
        list(attributes.values()),
        *map(stored.get, _FIELDS),
    ]


@lru_cache(1024)
def _letters(consents: Sequence[bool | None], dated: Sequence[str]) -> str:
    """For what is said of each purpose. There is little that differs."""
    letters = ""
    for purpose, said, usual in zip(_PURPOSES, consents, _USUAL_CONSENTS, strict=True):
        letter = "?" if said is None else "y" if said else "n"
        if purpose in dated:
            letters += letter
        else:
            letters += "-" if said is usual else letter.upper()
    return letters.rstrip("-")


def _checked(value: Any) -> Any:
    """The value of an attribute, as it was before it was JSON."""
    if type(value) is list:
        return tuple(value)
    if type(value) is dict:
        if "currency" in value:
            return Amount(**value)
        if (currency := next(iter(value))).isupper():
            return Amount(amount=value[currency], currency=currency)
    return value


def _short(part: Any) -> Any:
    """What orjson does not know by itself: an amount, or a line of the cart."""
    return {part.currency: str(part.amount)} if type(part) is Amount else part.short

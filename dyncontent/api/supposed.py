"""Facts as they might be: a preview reads them in the place of what is stored.

They are said by the keys of facts, and become parts of the documents in which facts stand, so that
all that rests on them (candidates, language, time zone) follows as it does at an open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from dyncontent.api.problems import invalid, refused, unfitting
from dyncontent.catalog.catalogue import Catalogue, MissingAssetsError, WrongTypesError
from dyncontent.catalog.consent import PURPOSES, SHORT, withdrawing
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.message import Message
from dyncontent.catalog.model import Definition, Id
from dyncontent.catalog.patch import body_of, merge
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.reading import Decode, Reading
from dyncontent.errors import BadField, ProblemError, short
from dyncontent.sources.extract import as_fact
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from rules.facts import FactKey, Value, parse_key

NO_ID = "~"
"""Begins no id."""
SOMEBODY = f"{NO_ID}preview"
"""The id of a person who is made up for a preview."""
SOME_ORDER = f"{NO_ID}order"
SOME_MESSAGE = f"{NO_ID}message"

_KINDS: Mapping[str, Kind[Any]] = {
    "recipient": RECIPIENT,
    "message": MESSAGE,
    "order": ORDER,
    "product": PRODUCT,
}
_NEEDED = {"message": {"class": "marketing"}, "order": {"status": "received"}}
"""What a document is not without."""
_ELSEWHERE = {
    "cart": "recipient.cart, its products and how many of each",
    "now": "at, an instant: all that is of now follows from it",
    "offer": "a fact of the product, such as product.vip-trip.stock",
}
_purchases = TypeAdapter(frozenset[Id])

Change = Callable[[Any], Any]


@dataclass(slots=True)
class Supposed:
    """What is supposed of a preview's facts: parts of documents, by kind and id, with null for
    what is absent; values of data sources by their names, None likewise."""

    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    purchases: frozenset[str] | None = None
    shown: dict[str, int | None] = field(default_factory=dict)
    sourced: dict[str, Value] = field(default_factory=dict)
    client: Verdict | None = None


async def suppose(catalogue: Catalogue, facts: Mapping[str, Any]) -> Supposed:
    """Raises ProblemError with each fact that is none or cannot have its value."""
    supposed = Supposed()
    bad: list[BadField] = []
    for name, value in facts.items():
        try:
            add = _add_sourced if name.startswith("source.") else _add
            await add(supposed, catalogue, name, value)
        except ValueError as error:
            bad.append(BadField(f"facts.{name}", short(value), str(error)))
    if bad:
        raise invalid(bad)
    return supposed


async def _add(supposed: Supposed, catalogue: Catalogue, name: str, value: Any) -> None:
    """Raises ValueError with what would be right."""
    key = parse_key(name)
    match key.source, key.field:
        case ("now" | "offer" | "cart") as source, _:
            raise ValueError(f"{_ELSEWHERE[source]}, in its place")
        case "recipient", "id":
            raise ValueError("recipient, an id, in its place")
        case "product", "bought" | "repeated":
            raise ValueError("recipient.purchases, or nothing: this follows from others")
        case "open", _:
            if value not in list(Verdict):
                raise ValueError(f"one of {', '.join(Verdict)}")
            supposed.client = Verdict(value)
        case "shown", variant:
            if value is not None and (type(value) is not int or value < 0):
                raise ValueError("a whole number from 0 on, or null")
            supposed.shown[variant] = value
        case "recipient", "purchases":
            try:
                supposed.purchases = _purchases.validate_python(value or [])
            except ValidationError as error:
                raise ValueError("a list of ids of products, or null") from error
        case _:
            part = _part(key, value)
            await _check(catalogue, key, part)
            own = supposed.documents.setdefault((key.source, key.product), {})
            supposed.documents[key.source, key.product] = _deep(own, part)


async def _add_sourced(supposed: Supposed, catalogue: Catalogue, name: str, value: Any) -> None:
    """Of a data source. Raises ValueError with what would be right."""
    key = parse_key(name)
    kind = key.type(await catalogue.declared())
    if kind is None:
        raise ValueError("a value that a data source has")
    supposed.sourced[key.field] = None if value is None else as_fact(kind, value)


def _part(key: FactKey, value: Any) -> dict[str, Any]:
    """The part of a document in which a fact stands."""
    if key == FactKey("recipient", "consents"):
        return {"consents": _consents(value)}
    group, _, attribute = key.field.partition(".")
    return {group: {attribute: value} if attribute else value}


def _consents(names: Any) -> dict[str, bool]:
    known = {*PURPOSES, *SHORT}
    if not isinstance(names, list | None) or not known.issuperset(map(str, names or ())):
        raise ValueError(f"a list of {', '.join(sorted(known))}, or null")
    given = {SHORT.get(name, name) for name in names or ()}
    # Who only does not say that they want profiling has not refused it.
    said = {name: name in given for name in PURPOSES if name != "profiling" or name in given}
    patch: dict[str, bool] = withdrawing({"consents": said})["consents"]
    return patch


async def _check(catalogue: Catalogue, key: FactKey, part: Mapping[str, Any]) -> None:
    """That a document can have this part."""
    kind = _KINDS[key.source]
    document = merge(_NEEDED.get(key.source, {}), part)
    if not _NEEDED.get(key.source, {}).keys() <= document.keys():
        return  # the document itself is absent
    try:
        body = _validated(await catalogue.document_checks(), kind, document)
        await catalogue.require_fitting(kind, body)
    except ProblemError as problem:
        raise ValueError(_expectations(problem)) from problem
    except (MissingAssetsError, WrongTypesError) as error:
        raise ValueError(_expectations(unfitting(error))) from error


def _expectations(problem: ProblemError) -> str:
    return ", or ".join(dict.fromkeys(bad.expected for bad in problem.fields))


def _validated(checks: dict[str, Any], kind: Kind[Any], document: Any) -> Definition:
    try:
        return kind.body.model_validate_json(orjson.dumps(document), context=checks)
    except ValidationError as error:
        raise refused(error, document) from error


def _deep(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both parts in one, nulls too."""
    joined = dict(one)
    for name, value in other.items():
        before = joined.get(name)
        is_group = isinstance(before, dict) and isinstance(value, dict) and name in _GROUPS
        joined[name] = before | value if is_group else value
    return joined


_GROUPS = ("attributes", "parameters")


class SupposedReading(Reading):
    """Reads documents with what is supposed of them."""

    def __init__(self, store: Store, changes: Callable[[str], Change | None]) -> None:
        super().__init__(store)
        self._changes = changes
        self._changed: dict[str, Any] = {}

    def _get(
        self, key: str, command: Command, decode: Decode, *, copied: bool, absent: Any = None
    ) -> Any:
        found = super()._get(key, command, decode, copied=copied, absent=absent)
        change = self._changes(key) if self.has(key) else None
        if change is None:
            return found
        if key not in self._changed:
            self._changed[key] = change(found)
        return self._changed[key]


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of the document under a key, validated in the context `checks`. `profile` is
    that of a person who is made up, `class_` that of a message that is, `at` the instant of the
    preview."""

    checks: dict[str, Any]
    keys: Keys
    supposed: Supposed
    recipient: str
    message: str
    profile: Profile | None
    class_: str
    at: datetime

    def __call__(self, key: str) -> Change | None:
        if key == self.keys.message(self.message):
            return self._sent
        if key == self.keys.recipient(self.recipient):
            return self._person
        if key.startswith(self.keys.order("")) and _ANY_ORDER in self.supposed.documents:
            return partial(self._merged, *_ANY_ORDER)
        for source, product in self.supposed.documents:
            if source == "product" and key == self.keys.product(product):
                return partial(self._merged, source, product)
        return None

    def _merged(self, source: str, product: str, before: Any) -> Any:
        kind = _KINDS[source]
        part = self.supposed.documents.get((source, product))
        if part is None:
            return before
        document = merge(body_of(kind, before) if before else {}, part)
        if not _NEEDED.get(source, {}).keys() <= document.keys():
            return None
        return kind.combine(before, _validated(self.checks, kind, document))

    def _person(self, before: Recipient | None) -> Recipient | None:
        if self.profile is not None:
            before = Recipient().with_profile(self.profile, self.at)
        person: Recipient | None = self._merged("recipient", "", before)
        if self.supposed.purchases is None:
            return person
        bought = dict.fromkeys(sorted(self.supposed.purchases), self.at)
        return (person or Recipient()).replace(purchases=bought)

    def _sent(self, before: Message | None) -> Message | None:
        if self.message == SOME_MESSAGE:
            before = Message.model_validate({"class": self.class_})
        sent: Message | None = self._merged("message", "", before)
        if sent is None or sent.order is not None or _ANY_ORDER not in self.supposed.documents:
            return sent
        fields = {name: getattr(sent, name) for name in Message.model_fields}
        return Message.model_construct(**(fields | {"order": SOME_ORDER}))


_ANY_ORDER = ("order", "")
"""An open reads one order alone."""

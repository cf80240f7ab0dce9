"""A naive reading of conditions, to compare the compiled ones with: slow, recursive, and written
from docs/conditions.md. Names of facts and durations are parsed as everywhere."""

import calendar
import hashlib
import math
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rules.facts import STALE, Declared, Facts, FactType, Money, Value, parse_key
from rules.moment import Moment, parse_duration
from rules.tree import Condition
from rules.truth import Truth
from tests.rules.support import WEEKDAYS

Tree = Mapping[str, Any]


def interpreted(node: Condition, declared: Declared, facts: Facts, offer: str | None) -> Truth:
    """Kleene's values are 0, 1/2 and 1; all, any and not are the least, the most and 1 - x."""

    def degree(tree: Tree) -> float:
        match tree["op"]:
            case "all":
                return min(map(degree, tree["of"]))
            case "any":
                return max(map(degree, tree["of"]))
            case "not":
                return 1 - degree(tree["of"])
        truth = _leaf(tree, declared, facts, offer)
        return 0.5 if truth is None else float(truth)

    return {0.0: False, 0.5: None, 1.0: True}[degree(node.model_dump())]


def _leaf(tree: Tree, declared: Declared, facts: Facts, offer: str | None) -> Truth:
    op = tree["op"]
    if op == "share":
        return _share(tree, facts.person)
    key = parse_key(tree["fact"])
    seen = looked_up(tree["fact"], facts, offer)
    if op in ("is_set", "is_not_set"):
        if type(seen).__name__ == "Stale":
            return None
        return bool((seen is None) is (op == "is_not_set"))
    kind = key.type(declared)
    value = typed(seen, kind, stored_as_json=key.registered is None)
    if value is None:
        return None
    if op in ("before", "after", "within_last", "within_next"):
        return _timed(tree, value, facts.moment)
    if op.startswith("contains") and kind is FactType.TEXTS:
        wanted = tree["values"] if "values" in tree else [tree["value"]]
        found = [any(one == text for one in value) for text in wanted]
        return {"contains_all": all(found), "contains_none": not any(found)}.get(op, any(found))
    return _compared(tree, value, kind)


def _share(tree: Tree, person: str) -> Truth:
    if not person:
        return None
    text = f"dyncontent-bucket-1\n{tree['salt']}\n{person}"
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return bool(drawn * 10_000 // 2**32 < tree["percent"] * 100)


def _compared(tree: Tree, value: Any, kind: FactType | None) -> Truth:
    cased = _folded if tree.get("ignore_case") else str
    if kind is FactType.TEXT:
        value = cased(value)
    constants = [_constant(tree[name], kind, cased) for name in _NAMES if name in tree]
    constants += [_constant(one, kind, cased) for one in tree.get("values", ())]
    if kind is FactType.MONEY:
        if value[1] != constants[0][1]:
            return None
        value, constants = value[0], [constant[0] for constant in constants]
    return _OPERATORS[tree["op"]](value, constants)


_NAMES = ("value", "least", "most")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, constants: value == constants[0],
    "not_equals": lambda value, constants: value != constants[0],
    "in": lambda value, constants: any(value == one for one in constants),
    "not_in": lambda value, constants: all(value != one for one in constants),
    "above": lambda value, constants: value > constants[0],
    "at_least": lambda value, constants: value >= constants[0],
    "below": lambda value, constants: value < constants[0],
    "at_most": lambda value, constants: value <= constants[0],
    "between": lambda value, constants: constants[0] <= value <= constants[1],
    "starts_with": lambda value, constants: value[: len(constants[0])] == constants[0],
    "ends_with": lambda value, constants: value[::-1].startswith(constants[0][::-1]),
    "contains": lambda value, constants: value.find(constants[0]) >= 0,
}


def looked_up(name: str, facts: Facts, offer: str | None) -> Value:
    """What is stored under a name; None if that is absent."""
    source, _, rest = name.partition(".")
    match source:
        case "recipient" if rest == "id":
            return facts.person or None
        case "now":
            return _now(rest, facts.moment)
        case "shown":
            return facts.shown.get(rest)
        case "recipient" | "message" | "order" | "cart" | "source" | "open":
            return getattr(facts, source).get(rest)
    key = parse_key(name)
    product = key.product or offer
    if product is None:
        return None
    among = {"bought": facts.recipient.get("purchases"), "repeated": facts.offered}
    if key.field in among:
        listed = among[key.field]
        if listed is STALE:
            return STALE
        return product in listed if isinstance(listed, tuple | frozenset) else None
    return facts.products.get(product, {}).get(key.field)


def _now(name: str, moment: Moment) -> Value:
    if moment.at is None or name == "instant":
        return moment.at
    if moment.zone is None:
        return None
    there = moment.at.astimezone(moment.zone)
    since_midnight = timedelta(
        hours=there.hour,
        minutes=there.minute,
        seconds=there.second,
        microseconds=there.microsecond,
    )
    return {
        "date": there.date(),
        "weekday": WEEKDAYS[there.weekday()],
        "hour": since_midnight / timedelta(hours=1),
    }[name]


def typed(value: Value, kind: FactType | None, *, stored_as_json: bool) -> Value:
    """A value of the type; None if it is not one."""
    if stored_as_json and isinstance(value, str) and kind in (FactType.DATE, FactType.INSTANT):
        try:
            parsed = date.fromisoformat if kind is FactType.DATE else datetime.fromisoformat
            value = parsed(value)
        except ValueError:
            return None
    if stored_as_json and kind is FactType.MONEY and isinstance(value, dict) and len(value) == 2:
        try:
            value = Money(Decimal(value["amount"]), value["currency"])
        except KeyError:
            return None
    match kind:
        case FactType.NUMBER if type(value) in (int, float) and not math.isnan(value):
            return value
        case FactType.TEXTS if type(value) in (tuple, frozenset):
            return value
        case FactType.INSTANT if type(value) is datetime and value.utcoffset() is not None:
            return value
        case _ if type(value) is _EXACTLY.get(kind):
            return value
    return None


_EXACTLY: Mapping[FactType | None, type] = {
    FactType.TEXT: str,
    FactType.BOOLEAN: bool,
    FactType.MONEY: Money,
    FactType.DATE: date,
}


def _constant(value: Any, kind: FactType | None, cased: Callable[[str], str]) -> Any:
    match kind:
        case FactType.MONEY:
            return (value["amount"], value["currency"])
        case FactType.DATE:
            return date.fromisoformat(value)
        case FactType.INSTANT:
            return datetime.fromisoformat(value)
        case FactType.TEXT:
            return cased(value)
    return value


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _timed(tree: Tree, value: Any, moment: Moment) -> Truth:
    is_day = type(value) is date
    today = _now("date", moment)
    if "duration" in tree:
        sign = -1 if tree["op"] == "within_last" else 1
        now = today if is_day else moment.at
        then = _shifted(moment, tree["duration"], sign, is_day=is_day)
        if now is None or then is None:
            return None
        return bool(min(now, then) <= value <= max(now, then))
    text = tree["value"]
    if text in ("now", "today"):
        bound = moment.at if text == "now" else today
    else:
        bound = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    if bound is None or (type(bound) is not datetime and not is_day and moment.zone is None):
        return None
    if type(bound) is datetime and bound.tzinfo is None:
        if moment.zone is None:
            return None
        bound = bound.replace(tzinfo=moment.zone).astimezone(UTC)
    if type(bound) is date and not is_day:
        try:
            value = value.astimezone(moment.zone).date()
        except OverflowError:  # the calendar ends
            return None
    return bool(value < bound if tree["op"] == "before" else value > bound)


def _shifted(moment: Moment, text: str, sign: int, *, is_day: bool) -> Any:
    length = parse_duration(text)
    if moment.at is None:
        return None
    if not is_day and not length.months and not length.days:
        return moment.at + sign * timedelta(seconds=length.seconds)
    if moment.zone is None:
        return None
    wall = moment.at.astimezone(moment.zone).replace(tzinfo=None)
    for _ in range(length.months):
        wall = _a_month(wall, sign)
    first = moment.at.astimezone(moment.zone).day
    wall = wall.replace(day=min(first, calendar.monthrange(wall.year, wall.month)[1]))
    wall += sign * timedelta(days=length.days)
    if is_day:
        return wall.date()
    start = wall.replace(tzinfo=moment.zone, fold=0).astimezone(UTC)
    return start + sign * timedelta(seconds=length.seconds)


def _a_month(wall: datetime, sign: int) -> datetime:
    """Some day of the month after or before."""
    middle = wall.replace(day=15) + sign * timedelta(days=30)
    return middle.replace(day=1)

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rules.facts import FactType, Money, Value
from rules.values import CONVERSIONS, is_of

AT = datetime(2026, 12, 24, 18, tzinfo=UTC)
DAY = date(2026, 12, 24)
PRICE = Money(Decimal("19.90"), "EUR")
JSON_PRICE = {"amount": "19.90", "currency": "EUR"}


@pytest.mark.parametrize(
    ("kind", "value", "fact"),
    [
        (FactType.INSTANT, "2026-12-24T20:00+02:00", AT),
        (FactType.INSTANT, AT, AT),
        (FactType.INSTANT, "2026-12-24T20:00", None),
        (FactType.INSTANT, "soon", None),
        (FactType.INSTANT, 1, None),
        (FactType.DATE, "2026-12-24", DAY),
        (FactType.DATE, DAY, DAY),
        (FactType.DATE, "2026-02-30", None),
        (FactType.DATE, 1, None),
        (FactType.MONEY, JSON_PRICE, PRICE),
        (FactType.MONEY, PRICE, PRICE),
        (FactType.MONEY, JSON_PRICE | {"amount": "much"}, None),
        (FactType.MONEY, JSON_PRICE | {"amount": "NaN"}, None),
        (FactType.MONEY, JSON_PRICE | {"amount": 19.9}, None),
        (FactType.MONEY, JSON_PRICE | {"tax": "1"}, None),
        (FactType.MONEY, "19.90", None),
    ],
)
def test_a_stored_value_becomes_a_fact_or_none(kind: FactType, value: Value, fact: Value) -> None:
    assert CONVERSIONS[kind](value) == fact
    assert is_of(kind, value) is (fact is not None)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (FactType.NUMBER, 1, True),
        (FactType.NUMBER, 0.5, "1"),
        (FactType.TEXTS, ("a",), "a"),
        (FactType.TEXTS, frozenset(), None),
        (FactType.TEXT, "a", 1),
        (FactType.BOOLEAN, False, 0),
        (FactType.LOCALISED, {"en": "x"}, "x"),
    ],
)
def test_a_value_is_of_its_type_alone(kind: FactType, right: Value, wrong: Value) -> None:
    assert is_of(kind, right)
    assert not is_of(kind, wrong)

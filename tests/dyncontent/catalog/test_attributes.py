"""The types of the attributes that a workspace adds."""

from typing import Any

import pytest

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.product import Product
from rules.facts import FactType, parse_key

TYPES = AttributeTypes(
    recipient={"plan": FactType.TEXT},
    message={"wave": FactType.NUMBER},
    product={"size": FactType.TEXTS},
)


def test_what_is_declared_has_the_names_that_conditions_use() -> None:
    assert TYPES.declared == {
        "recipient.attributes.plan": FactType.TEXT,
        "message.parameters.wave": FactType.NUMBER,
        "product.attributes.size": FactType.TEXTS,
    }
    for name in ("product.rome.attributes.size", "offer.attributes.size"):
        assert parse_key(name).type(TYPES.declared) is FactType.TEXTS


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({}, []),
        ({"plan": "gold", "free": 3}, []),
        ({"plan": 3}, [("plan", FactType.TEXT)]),
    ],
)
def test_a_value_of_another_type_is_found(
    attributes: dict[str, Any], wrong: list[tuple[str, FactType]]
) -> None:
    assert list(TYPES.wrong("recipient", attributes)) == wrong


def test_money_is_of_the_type_money() -> None:
    types = AttributeTypes(product={"deposit": FactType.MONEY})
    money = Product.model_validate_json(
        b'{"attributes": {"deposit": {"amount": "5.00", "currency": "EUR"}}}'
    )
    assert not list(types.wrong("product", money.attributes))
    assert list(types.wrong("product", {"deposit": "5.00"})) == [("deposit", FactType.MONEY)]

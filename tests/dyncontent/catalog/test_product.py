"""Products, and what is similar to them."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dyncontent.catalog.product import MOST_SIMILAR, MOST_STOCK, Product, StockChange, similar
from rules.tree import Amount
from tests.strategies import amounts, close_ids

Members = list[tuple[str, float]]
prices = amounts.map(lambda amount: Amount(amount=amount, currency="EUR"))
products = st.builds(
    Product,
    price=st.none() | prices,
    alternatives=st.lists(close_ids, max_size=MOST_SIMILAR).map(tuple),
)
categories = st.dictionaries(close_ids, amounts.map(float), max_size=80).map(
    lambda members: [*members.items()]
)


@given(close_ids, products, categories)
def test_a_product_is_not_similar_to_itself_and_nothing_twice(
    own: str, product: Product, category: Members
) -> None:
    found = similar(own, product, category)
    assert own not in found
    assert len(set(found)) == len(found) <= MOST_SIMILAR
    assert set(found) <= {*product.alternatives, *dict(category)}


@given(close_ids, products, categories)
def test_its_own_alternatives_come_first_in_their_order(
    own: str, product: Product, category: Members
) -> None:
    expected = [name for name in dict.fromkeys(product.alternatives) if name != own]
    assert [*similar(own, product, category)[: len(expected)]] == expected


@given(close_ids, products, categories)
def test_the_others_follow_by_nearest_price(own: str, product: Product, category: Members) -> None:
    found = similar(own, product, category)
    others = [name for name in found if name not in product.alternatives]
    if product.price is None:
        assert others == []
        return
    price = float(product.price.amount)
    distance = {name: abs(other - price) for name, other in category}
    assert [distance[name] for name in others] == sorted(distance[name] for name in others)
    left_out = distance.keys() - {*found, own}
    assert not left_out or len(found) == MOST_SIMILAR
    farthest = max((distance[name] for name in others), default=0)
    assert all(distance[name] >= farthest for name in left_out)


@given(
    close_ids, products, categories.flatmap(lambda it: st.tuples(st.just(it), st.permutations(it)))
)
def test_the_order_of_the_category_changes_nothing(
    own: str, product: Product, orders: tuple[Members, Sequence[tuple[str, float]]]
) -> None:
    assert similar(own, product, orders[0]) == similar(own, product, orders[1])


def test_facts_are_what_is_known() -> None:
    product = Product(
        title={"any": "Rome"},
        stock=0,
        price=Amount(amount=Decimal("9.90"), currency="EUR"),
        attributes={"vip": False, "stars": 4},
    )
    assert product.facts == {
        "title": {"any": "Rome"},
        "stock": 0,
        "price": (Decimal("9.90"), "EUR"),
        "attributes.vip": False,
        "attributes.stars": 4,
    }
    assert Product().facts == {}


def test_a_product_comes_back_as_it_was_stored() -> None:
    price = b'{"amount":"9.90","currency":"EUR"}'
    body = b'{"title":"Rome","stock":0,"price":%s,"alternatives":["a"]}' % price
    product = Product.model_validate_json(body)
    assert Product.model_validate_json(product.encoded()) == product
    assert product.title == {"any": "Rome"}


@pytest.mark.parametrize("change", [{"set": 0}, {"set": MOST_STOCK}, {"change": -3}, {"change": 0}])
def test_a_stock_is_set_or_changed(change: dict[str, int]) -> None:
    assert StockChange.model_validate(change).model_dump(exclude_none=True) == change


@pytest.mark.parametrize(
    "change", [{}, {"set": 1, "change": 1}, {"set": -1}, {"set": MOST_STOCK + 1}, {"change": "1"}]
)
def test_a_change_of_stock_is_one_thing_within_limits(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StockChange.model_validate(change)


def test_what_is_retired_has_nothing_left_and_loses_nothing() -> None:
    product = Product(stock=5, retired=True)
    assert product.facts["stock"] == 0
    assert Product(retired=True).facts["stock"] == 0
    assert product.replace(retired=False).facts["stock"] == 5

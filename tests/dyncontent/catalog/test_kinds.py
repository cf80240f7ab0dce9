"""What a write of a document changes in the store."""

from typing import Any

import pytest

from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, write
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import encode
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.store.roundtrip import Command
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio


def _product(category: str | None = "a", amount: str | None = "9.90", **more: Any) -> Product:
    price = None if amount is None else {"amount": amount, "currency": more.pop("currency", "EUR")}
    return Product.model_validate({"category": category, "price": price} | more, strict=False)


def _beside(store: Store, before: Product | None, after: Product) -> list[Command]:
    """The commands beside the document's own and its line in the change log, which go first and
    last."""
    first, *beside, last = write(store, PRODUCT, "p", before, after)
    assert first == ("SET", store.keys.product("p"), encode(after))
    assert last == store.changed(store.keys.product("p"))
    return beside


async def test_a_product_enters_the_index_of_its_category(store: Store) -> None:
    index = store.keys.category("a", "EUR")
    assert _beside(store, None, _product()) == [("ZADD", index, "9.90", "p"), store.changed(index)]


@pytest.mark.parametrize("after", [_product(None), _product(amount=None)])
async def test_without_category_or_price_it_leaves_the_index(store: Store, after: Product) -> None:
    index = store.keys.category("a", "EUR")
    assert _beside(store, _product(), after) == [("ZREM", index, "p"), store.changed(index)]
    assert _beside(store, None, after) == []


@pytest.mark.parametrize(
    ("after", "place"),
    [
        (_product("b"), ("b", "EUR", "9.90")),
        (_product(currency="SEK"), ("a", "SEK", "9.90")),
        (_product(amount="5"), ("a", "EUR", "5")),
    ],
)
async def test_it_moves_in_the_index_with_its_category_currency_and_price(
    store: Store, after: Product, place: tuple[str, str, str]
) -> None:
    old, new = store.keys.category("a", "EUR"), store.keys.category(*place[:2])
    assert _beside(store, _product(), after) == [
        ("ZREM", old, "p"),
        store.changed(old),
        ("ZADD", new, place[2], "p"),
        store.changed(new),
    ]


async def test_a_change_of_stock_leaves_the_index_alone(store: Store) -> None:
    assert _beside(store, _product(stock=3), _product(stock=2)) == []


async def test_a_message_is_told_to_every_process_and_people_are_not(store: Store) -> None:
    message = Message.model_validate({"class": "marketing"})
    key = store.keys.message("m")
    expected = (("SET", key, encode(message)), store.changed(key))
    assert write(store, MESSAGE, "m", None, message) == expected
    order, person = Order(status="packed"), Recipient(first_name="A")
    assert write(store, ORDER, "o", None, order) == (("SET", store.keys.order("o"), encode(order)),)
    assert write(store, RECIPIENT, "r", None, person) == (
        ("SET", store.keys.recipient("r"), encode(person)),
    )


async def test_a_profile_becomes_a_person_with_the_purchases_of_before() -> None:
    before = Recipient.model_validate_json(b'{"purchases":{"rome":"2026-11-20T10:00:00Z"}}')
    after = RECIPIENT.combine(before, Profile(first_name="A"))
    assert (after.first_name, after.purchases) == ("A", before.purchases)
    assert RECIPIENT.combine(None, Profile(first_name="A")) == Recipient(first_name="A")
    assert ORDER.combine(Order(status="packed"), Order(status="shipped")).status == "shipped"

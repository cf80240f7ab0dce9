"""What a write of a document changes in the store."""

from typing import Any

import pytest

from dyncontent.catalog.kinds import MESSAGE, ORDER, PARTS, PRODUCT, RECIPIENT
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.store.keys import Keys
from dyncontent.store.store import Change

KEYS = Keys("p")


def _product(category: str | None = "a", amount: str | None = "9.90", **more: Any) -> Product:
    price = None if amount is None else {"amount": amount, "currency": more.pop("currency", "EUR")}
    return Product.model_validate({"category": category, "price": price} | more, strict=False)


def _index(before: Product | None, after: Product) -> Change:
    """What a write changes beside the document itself, and the list where it is new."""
    written = PRODUCT.write(KEYS, "p", before, after)
    *commands, last = written.commands
    assert last == ("SET", KEYS.product("p"), after.encoded())
    assert written.changed[0] == KEYS.product("p")
    if before is None:
        assert commands.pop() == ("ZADD", KEYS.products, 0, "p")
    return Change(tuple(commands), written.changed[1:])


def test_a_product_enters_the_index_of_its_category() -> None:
    index = KEYS.category("a", "EUR")
    assert _index(None, _product()) == Change((("ZADD", index, "9.90", "p"),), (index,))


@pytest.mark.parametrize("after", [_product(None), _product(amount=None)])
def test_without_category_or_price_it_leaves_the_index(after: Product) -> None:
    index = KEYS.category("a", "EUR")
    assert _index(_product(), after) == Change((("ZREM", index, "p"),), (index,))
    assert _index(None, after) == Change(())


@pytest.mark.parametrize(
    ("after", "place"),
    [
        (_product("b"), ("b", "EUR", "9.90")),
        (_product(currency="SEK"), ("a", "SEK", "9.90")),
        (_product(amount="5"), ("a", "EUR", "5")),
    ],
)
def test_it_moves_in_the_index_with_its_category_currency_and_price(
    after: Product, place: tuple[str, str, str]
) -> None:
    old, new = KEYS.category("a", "EUR"), KEYS.category(*place[:2])
    assert _index(_product(), after) == Change(
        (("ZREM", old, "p"), ("ZADD", new, place[2], "p")), (old, new)
    )


def test_a_change_of_stock_leaves_the_index_alone() -> None:
    assert _index(_product(stock=3), _product(stock=2)) == Change(())


def test_a_message_is_told_to_every_process_and_people_are_not() -> None:
    message = Message.model_validate({"class": "marketing"})
    key = KEYS.message("m")
    assert MESSAGE.write(KEYS, "m", message, message) == Change(
        (("SET", key, message.encoded()),), (key,)
    )
    order, person = Order(status="packed"), Recipient(first_name="A")
    assert ORDER.write(KEYS, "o", order, order) == Change(
        (("SET", KEYS.order("o"), order.encoded()),)
    )
    assert RECIPIENT.write(KEYS, "r", person, person) == Change(
        (("SET", KEYS.recipient("r"), person.encoded()),)
    )


def test_what_is_new_is_listed() -> None:
    message = Message.model_validate({"class": "marketing"})
    written = MESSAGE.write(KEYS, "m", None, message)
    assert written.commands[0] == ("ZADD", KEYS.messages, 0, "m")
    assert written.entries == ()
    made = ORDER.write(KEYS, "o", None, Order(status="packed"))
    assert made.entries == ((ORDER.place(KEYS, "o"), "o"),)
    assert {ORDER.place(KEYS, f"o{number}") for number in range(2000)} == {
        KEYS.orders(part) for part in range(PARTS)
    }


def test_what_is_removed_leaves_its_lists() -> None:
    key, place = KEYS.product("p"), KEYS.category("a", "EUR")
    assert PRODUCT.remove(KEYS, "p", _product()) == Change(
        (("ZREM", place, "p"), ("ZREM", KEYS.products, "p"), ("DEL", key)), (key, place)
    )
    order = Order(status="packed")
    assert ORDER.remove(KEYS, "o", order) == Change((("DEL", KEYS.order("o")),))


def test_a_profile_becomes_a_person_with_the_purchases_of_before() -> None:
    before = Recipient.model_validate_json(b'{"purchases":{"rome":"2026-11-20T10:00:00Z"}}')
    after = RECIPIENT.combine(before, Profile(first_name="A"))
    assert (after.first_name, after.purchases) == ("A", before.purchases)
    assert RECIPIENT.combine(None, Profile(first_name="A")).told == Recipient(first_name="A")
    assert ORDER.combine(Order(status="packed"), Order(status="shipped")).status == "shipped"

"""Prices, in the way of each language."""

from decimal import Decimal
from typing import Any

import pytest
from PIL import ImageChops

from renderers.template import ALLOWED_VALUES, MissingValueError
from tests.renderers.support import (
    GREEN,
    RED,
    amount_of,
    canvas,
    changed,
    contents,
    drawn,
    everything,
    price_layer,
)

NOW, BEFORE = (Decimal("1290.50"), "EUR"), (Decimal("1490.00"), "EUR")


@pytest.mark.parametrize(
    ("locale", "price", "old"),
    [
        ("fi", "1\u00a0290,50\u00a0€", "1\u00a0490\u00a0€"),
        ("et", "1\u00a0290,50\u00a0€", "1\u00a0490\u00a0€"),
        ("ru-EE", "1\u00a0290,50\u00a0€", "1\u00a0490\u00a0€"),
        ("en", "€1,290.50", "€1,490"),
    ],
)
def test_a_price_is_told_in_the_way_of_the_language(locale: str, price: str, old: str) -> None:
    values = {"p": NOW, "old": BEFORE}
    assert contents(price_layer(), values.get, locale) == (price, old)


@pytest.mark.parametrize(
    ("price", "old", "shown"),
    [
        (NOW, BEFORE, True),
        (NOW, NOW, False),
        (BEFORE, NOW, False),
        (NOW, (Decimal(5000), "USD"), False),
        (NOW, 5000, False),
        (NOW, None, False),
        (NOW, "1490", False),
        (5, 7, True),
        (5.5, Decimal(7), True),
        (7, 5, False),
    ],
)
def test_the_old_price_is_told_only_where_it_was_higher(price: Any, old: Any, shown: bool) -> None:
    content = contents(price_layer(), {"p": price, "old": old}.get, "en")
    assert content is not None
    assert bool(content[1]) is shown


def test_a_price_may_have_no_old_one() -> None:
    layer = price_layer(old=None)
    assert contents(layer, {"p": NOW}.get, "fi") == ("1\u00a0290,50\u00a0€", "")
    assert changed(drawn(canvas(layer, width=200), lookup={"p": NOW}.get))


@pytest.mark.parametrize("price", [None, "12 €", True, ("12", "EUR"), float("nan")])
def test_what_is_no_price_is_missing(price: Any) -> None:
    with pytest.raises(MissingValueError, match="p"):
        contents(price_layer(), {"p": price, "old": BEFORE}.get)


@pytest.mark.parametrize(
    ("value", "locale", "shown"),
    [
        (12.5, "fi", "12,5"),
        (Decimal("1234.5"), "en", "1,234.5"),
        (10**30, "en", str(10**30)),
        ((Decimal("1.5e30"), "EUR"), "en", "1.5E+30 EUR"),
    ],
)
def test_numbers_of_any_length_are_written(value: Any, locale: str, shown: str) -> None:
    assert contents(price_layer(), {"p": value}.get, locale) == (shown, "")


@pytest.mark.parametrize("place", ["before", "after", "above", "below"])
def test_the_old_price_stands_where_it_is_told(place: str) -> None:
    layer = price_layer(
        old_place=place, colour="#FF0000", old_colour="#00FF00", size=18, smallest=18
    )
    image = drawn(canvas(layer, width=200, height=60, scale=2), lookup=VALUES.get)
    red, green = (inked(image, colour) for colour in (RED, GREEN))
    across = [(box[0] + box[2]) / 2 for box in (green, red)]
    down = [(box[1] + box[3]) / 2 for box in (green, red)]
    if place in ("before", "after"):
        assert (across[0] < across[1]) is (place == "before")
        assert abs(down[0] - down[1]) < 12
    else:
        assert (down[0] < down[1]) is (place == "above")
        assert abs(down[0] - down[1]) > 20


def test_the_old_price_is_smaller_and_struck_out() -> None:
    fields = {"colour": "#FF0000", "old_colour": "#00FF00", "old_font": "semibold"}
    large, small = (
        drawn(canvas(price_layer(old_size=size, **fields), width=200, scale=2), lookup=VALUES.get)
        for size in (1, 0.5)
    )
    tall, low = (inked(image, GREEN) for image in (large, small))
    assert low[3] - low[1] < 0.7 * (tall[3] - tall[1])
    left, top, right, bottom = tall
    rows = [amount_of(large.crop((left, y, right, y + 1)), GREEN) for y in range(top, bottom)]
    assert max(rows) == right - left


VALUES = {"p": NOW, "old": BEFORE}


def inked(image: Any, colour: Any) -> tuple[int, int, int, int]:
    """The box of a colour."""
    red, green, _ = ImageChops.difference(image, image.copy().point(lambda _: 255)).split()
    ink = green if colour == RED else red
    box = ImageChops.subtract(ink, red if colour == RED else green)
    found = box.point(lambda value: 255 if value > 250 else 0).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize("source", ["12", "{{ p }} €", "{# #}{{ p }}", "{{ p }}{{ p }}", ""])
def test_a_price_is_one_value(source: str) -> None:
    given = price_layer().model_dump() | {"price": source}
    with pytest.raises(ValueError, match="one value, such as"):
        type(price_layer()).model_validate(given, context={ALLOWED_VALUES: everything})

"""Initials, and whose colour they stand on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers.layers.avatar import initials
from tests.renderers.support import (
    BLUE,
    WHITE,
    amount_of,
    avatar_layer,
    canvas,
    changed,
    contents,
    drawn,
    law,
    pixel,
)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Märt Ots", "MO"),
        ("aino", "A"),
        ("Anna Maria von Õun", "AÕ"),
        ("  Märt \t Ots\n", "MO"),
        ("Александра Пушкина", "АП"),
        ("🎉 party", "🎉P"),
        ("👩‍👩‍👧 Õun", "👩‍👩‍👧Õ"),
        ("e\u0301mile", "E\u0301"),
        ("ßeta", "SS"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_the_first_letters_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_same_name_has_always_the_same_colour() -> None:
    layer = avatar_layer()
    names = ("Märt Ots", " Märt  Ots ", "Mari Oja")
    shown = [contents(layer, {"a": name}.get) for name in names]
    assert shown == [("MO", "#8A3FA0"), ("MO", "#8A3FA0"), ("MO", "#A61E4D")]


def test_every_colour_is_somebodys() -> None:
    layer = avatar_layer()
    shown = [contents(layer, lambda _, name=f"n{n}": name) or () for n in range(200)]  # type: ignore[misc]
    assert {colour for _, colour in shown} == set(layer.colours)


@law
@given(st.text("aZ éÕß-Жש🎉\u200d\u0301 \t\n\x00", max_size=30))
def test_any_name_has_an_avatar(name: str) -> None:
    layer = avatar_layer(colours=("#0000FF",), radius=0)
    image = drawn(canvas(layer), lookup={"a": name}.get)
    assert changed(image) == (0, 0, 40, 40)
    assert pixel(image, 0, 0) == BLUE


def test_nobody_has_a_disc_without_letters() -> None:
    image = drawn(canvas(avatar_layer(colours=("#0000FF",), radius=0)), lookup={"a": ""}.get)
    assert amount_of(image, BLUE) == 1600


def test_letters_stand_in_the_middle() -> None:
    layer = avatar_layer(name="Hannu Hakala", colours=("#0000FF",), radius=0, x=5, y=5)
    image = drawn(canvas(layer, width=50, height=50, scale=2)).crop((10, 10, 90, 90))
    left, top, right, bottom = changed(image, BLUE) or (0, 0, 0, 0)
    assert abs(left + right - 80) <= 4
    assert abs(top + bottom - 80) <= 8
    assert bottom - top > 15


def test_it_is_round_unless_it_is_told_otherwise() -> None:
    image = drawn(canvas(avatar_layer(colours=("#0000FF",))), lookup={"a": "A"}.get)
    assert pixel(image, 0, 0) == pixel(image, 39, 39) == WHITE
    assert pixel(image, 20, 1) == BLUE

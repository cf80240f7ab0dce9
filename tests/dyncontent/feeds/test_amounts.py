"""Numbers and prices as shops write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds.amounts import ValueExpectedError, number, price
from tests.strategies import amounts


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("15.00 EUR", "15.00", "EUR"),
        ("EUR 15.00", "15.00", "EUR"),
        ("15.00eur", "15.00", "EUR"),
        ("1 234,50 €", "1234.50", "EUR"),
        ("1\u00a0234,50\u202f€", "1234.50", "EUR"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("€1,234.50", "1234.50", "EUR"),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("1,234,567 GBP", "1234567", "GBP"),
        ("$12.5", "12.5", "USD"),
        ("12,5 kr", "12.5", "USD"),
        ("12", "12", "USD"),
        ("0.125", "0.125", "USD"),
        (".5", "0.5", "USD"),
        ("0 USD", "0", "USD"),
        ("99 zł", "99", "PLN"),
        ("12,- €", "12", "EUR"),
    ],
)
def test_prices_as_shops_write_them(text: str, amount: str, currency: str) -> None:
    found = price(text, "USD", None)
    assert (str(found.amount), found.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "such as 15.00 EUR"),
        ("free", "such as 15.00 EUR"),
        ("15.00", "currency"),
        ("$15.00", "currency"),
        ("15.00 EURO", "a currency such as EUR"),
        ("EUR 15.00 USD", "one currency"),
        ("-1.00 EUR", "not below zero"),
        ("1.2.3 EUR", "a number such as"),
        ("1,23,4 EUR", "a number such as"),
        ("10.00-20.00 EUR", "such as 15.00 EUR"),
        ("1.23456 EUR", "4 of them decimals"),
        ("1" * 16 + " EUR", "at most 15 digits"),
        ("1" * 70 + " EUR", "such as 15.00 EUR"),
    ],
)
def test_what_is_no_price_is_said(text: str, expected: str) -> None:
    with pytest.raises(ValueExpectedError, match=expected):
        price(text, None, None)


def test_a_number_that_can_be_read_in_two_ways_needs_its_sign() -> None:
    with pytest.raises(ValueExpectedError, match=r"1\.234 may be 1234 or 1\.234"):
        number("1.234", None)
    assert number("1.234", ".") == Decimal("1.234")
    assert number("1.234", ",") == Decimal(1234)
    assert number("1,234", ".") == Decimal(1234)


def test_a_number_has_an_end() -> None:
    with pytest.raises(ValueExpectedError, match="at most 60 characters"):
        number("1" * 1_000_000, None)


@given(amounts, st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", "")]))
def test_what_is_written_with_two_decimals_is_read_back(
    amount: Decimal, signs: tuple[str, str]
) -> None:
    decimal, thousands = signs
    text = f"{amount:,.2f}".translate({ord(","): thousands, ord("."): decimal})
    assert price(f"{text} EUR", None, None).amount == amount


@given(st.text(max_size=20))
def test_whatever_is_written_is_a_price_or_refused(text: str) -> None:
    with suppress(ValueExpectedError):
        assert price(text, "EUR", ".").amount >= 0

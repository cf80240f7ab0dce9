"""Whether there is any."""

import pytest

from dyncontent.feeds.availability import availability, is_unpublished


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("in_stock", True),
        ("In Stock", True),
        ("in stock", True),
        ("https://schema.org/InStock", True),
        ("1", True),
        ("available for order", True),
        ("Low Stock", True),
        ("out of stock", False),
        ("https://schema.org/OutOfStock", False),
        ("preorder", False),
        ("backorder", False),
        ("onbackorder", False),
        ("0", False),
        ("FALSE", False),
        ("some day", None),
        ("", None),
    ],
)
def test_words_of_shops(text: str, wanted: bool | None) -> None:
    assert availability(text) is wanted


@pytest.mark.parametrize("text", ["draft", "Archived", "0", "-1", "FALSE", "private"])
def test_what_is_not_published(text: str) -> None:
    assert is_unpublished(text)


@pytest.mark.parametrize("text", ["active", "publish", "1", "TRUE", "", "visible"])
def test_anything_else_is_published(text: str) -> None:
    assert not is_unpublished(text)

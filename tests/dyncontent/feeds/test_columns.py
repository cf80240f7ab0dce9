"""Which column says what."""

import pytest

from dyncontent.feeds.columns import NAMES, mapped, plain
from dyncontent.feeds.rows import FeedError
from tests.dyncontent.feeds.support import feed


@pytest.mark.parametrize(
    "name", ["sale_price", "g:sale_price", "Sale price", "salePrice", "Sale Price [sale_price]"]
)
def test_names_are_compared_without_their_dress(name: str) -> None:
    assert plain(name) == "sale_price"


def test_no_name_stands_for_two_fields() -> None:
    names = [name for field in NAMES.values() for name in field]
    assert len(set(names)) == len(names)
    assert [plain(name) for name in names] == names


def test_of_several_names_the_first_of_the_list_counts() -> None:
    by = mapped(feed(), ["SKU", "Name", "title", "id"])
    assert by.fields == {"id": ["id"], "title": ["title"]}
    assert by.uses("SKU") == []


def test_the_definition_goes_before_names() -> None:
    by = mapped(
        feed(columns={"id": ["code", "sku"], "stock": None}, attributes={"season": "label"}),
        ["id", "code", "sku", "stock", "label", "brand"],
    )
    assert by.fields == {"id": ["code", "sku"]}
    assert by.attributes == {"season": ["label"]}
    assert by.get("id", {"code": " ", "sku": "x"}) == "x"


def test_a_column_that_is_not_there_is_said() -> None:
    with pytest.raises(FeedError, match=r"columns\.price is Hind.*The columns are: id, price"):
        mapped(feed(columns={"price": "Hind"}), ["id", "price"])
    with pytest.raises(FeedError, match=r"attributes\.season is label"):
        mapped(feed(attributes={"season": "label"}), ["id"])


def test_without_ids_nothing_goes() -> None:
    with pytest.raises(FeedError, match="No column has the ids"):
        mapped(feed(), ["title", *map(str, range(40))])
    with pytest.raises(FeedError, match="No column has the ids"):
        mapped(feed(columns={"id": None}), ["id"])

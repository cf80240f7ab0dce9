"""Product exports of Shopify."""

from dyncontent.feeds.rows import Broken, Row
from tests.dyncontent.feeds.support import read_rows

HEADER = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\n"


def _rows(text: str) -> list[Row | Broken]:
    return read_rows((HEADER + text).encode())[1]


def test_a_variant_has_what_all_have_in_common_and_its_own() -> None:
    first, second = _rows("tee,Tee,a,shopify,1,5\ntee,,,shopify,2,6\n")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (second.values["Title"], second.values["Variant SKU"]) == ("Tee", "")


def test_the_next_product_has_nothing_of_the_one_before() -> None:
    rows = _rows("tee,Tee,a,shopify,1,5\nhat,,b,shopify,2,6\n")
    assert [row.values["Title"] for row in rows if isinstance(row, Row)] == ["Tee", ""]


def test_rows_without_a_handle_stand_for_themselves() -> None:
    rows = _rows(",Tee,a,shopify,1,5\n,,b,shopify,2,6\n")
    assert [row.values["Title"] for row in rows if isinstance(row, Row)] == ["Tee", ""]


def test_rows_of_pictures_are_no_products_and_broken_ones_stay() -> None:
    rows = _rows("tee,Tee,a,shopify,1,5\ntee,,,,,\nx\n")
    assert [type(row) for row in rows] == [Row, Broken]


def test_a_stock_that_is_not_tracked_is_not_zero() -> None:
    [row] = _rows("tee,Tee,a,,0,5\n")
    assert isinstance(row, Row)
    assert row.values["Variant Inventory Qty"] == ""
    assert row.values["Variant Inventory Tracker"] == "in stock"


def test_other_tables_are_left_as_they_are() -> None:
    _, rows = read_rows(b"handle,title\na,\na,b\n")
    assert rows == [Row(2, {"handle": "a", "title": ""}), Row(3, {"handle": "a", "title": "b"})]

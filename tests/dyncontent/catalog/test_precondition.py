"""What an editor saw."""

import pytest

from dyncontent.catalog.precondition import ANY, ANYHOW, Precondition, PreconditionError, etag
from dyncontent.catalog.product import Product


def test_an_etag_is_that_of_the_content() -> None:
    assert etag(Product(stock=1)) == etag(Product(stock=1)) != etag(Product(stock=2))
    assert etag(Product()).startswith('"')


@pytest.mark.parametrize(
    ("unless", "current"),
    [
        (ANYHOW, None),
        (ANYHOW, '"a"'),
        (Precondition(match=('"a"',)), '"a"'),
        (Precondition(match=('"b"', '"a"')), '"a"'),
        (Precondition(match=(ANY,)), '"a"'),
        (Precondition(none_match=(ANY,)), None),
        (Precondition(none_match=('"b"',)), '"a"'),
        (Precondition(('"a"',), ('"b"',)), '"a"'),
    ],
)
def test_what_is_as_it_was_seen_may_be_written(unless: Precondition, current: str | None) -> None:
    unless.require("block b", current)


@pytest.mark.parametrize(
    ("unless", "current", "header", "said"),
    [
        (Precondition(match=('"a"',)), '"b"', "If-Match",
         'faster: block b is "b" now, not "a"'),
        (Precondition(match=('W/"a"',)), '"a"', "If-Match", "faster"),
        (Precondition(match=(ANY,)), None, "If-Match", "There is no block b"),
        (Precondition(none_match=(ANY,)), '"a"', "If-None-Match", 'is block b already, as "a"'),
        (Precondition(none_match=('"c"', '"a"')), '"a"', "If-None-Match", 'is "c", "a"'),
        (Precondition(('"a"',), ('"a"',)), '"a"', "If-None-Match", "already"),
    ],
)  # fmt: skip
def test_what_is_otherwise_is_told_with_both(
    unless: Precondition, current: str | None, header: str, said: str
) -> None:
    with pytest.raises(PreconditionError, match=said) as refused:
        unless.require("block b", current)
    assert (refused.value.header, refused.value.current) == (header, current)

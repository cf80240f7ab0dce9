"""Which of two facts is the newer."""

from dyncontent.catalog.product import Product
from dyncontent.ingest.stamps import NEVER, Ledger, Stamp, digest, is_newer, latest, said, weighed

EARLY: Stamp = (1, 0, "b")
LATE: Stamp = (2, 0, "a")


def test_the_later_is_the_newer_and_a_repeat_is_not() -> None:
    assert is_newer(LATE, EARLY)
    assert not is_newer(EARLY, LATE)
    assert not is_newer(LATE, LATE)
    assert is_newer(EARLY)
    assert is_newer(EARLY, None)
    assert not is_newer(EARLY, None, LATE)


def test_of_the_same_instant_the_weightier_is_the_newer_then_the_greater_digest() -> None:
    assert is_newer(weighed((1, 0, "a"), 1), EARLY)
    assert is_newer((1, 0, "c"), EARLY)
    assert not is_newer((1, 0, "a"), EARLY)


def test_the_latest_of_what_is_known() -> None:
    assert latest(None, EARLY, LATE) == LATE
    assert latest(None) is None
    assert latest(EARLY, NEVER) == EARLY


def test_what_the_control_plane_said_stands_against_events_of_its_instant() -> None:
    product = Product(stock=1).written(5, ["stock"])
    ledger = Ledger(fields={"stock": (3, 0, "x"), "title": (9, 0, "x")})
    assert not ledger.accepts(product, "stock", (5, 99, "z"))
    assert ledger.accepts(product, "stock", (6, 0, "a"))
    assert not ledger.accepts(product, "title", (8, 0, "z"))
    assert ledger.accepts(None, "price", NEVER)
    assert said(product, "title") is None
    assert said(None, "title") is None


def test_a_ledger_comes_back_as_it_is_written() -> None:
    ledger = Ledger(fields={"stock": (3, -2, "x")})
    assert Ledger.model_validate_json(ledger.encode()) == ledger
    assert Ledger().encode() == b"{}"


def test_events_of_two_sources_are_two() -> None:
    assert digest("a", "1") == digest("a", "1")
    assert len({digest("a", "1"), digest("a", "2"), digest("b", "1"), digest("a1", "")}) == 4

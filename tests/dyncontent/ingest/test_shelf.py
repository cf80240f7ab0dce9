"""Lists of which each event tells a part."""

import pytest

from dyncontent.ingest import shelf as shelf_module
from dyncontent.ingest.shelf import MOST_OF_ONE, Shelf
from dyncontent.ingest.stamps import Stamp


def at(instant: int) -> Stamp:
    return instant, 0, f"event-{instant}"


def test_of_what_nothing_was_said_nothing_is_known() -> None:
    assert not Shelf().is_known
    assert Shelf().contents() == {}


def test_changes_count_on_top_of_the_newest_statement_before_them() -> None:
    cart = Shelf()
    cart.change("rome", 2, at(1))
    cart.change("rome", 3, at(5))
    cart.put("rome", 1, at(3))
    assert cart.contents() == {"rome": 4}
    cart.state({"rome": 7}, at(4))
    assert cart.contents() == {"rome": 10}
    cart.state({}, at(6))
    assert cart.contents() == {}
    assert cart.is_known


def test_a_change_counts_once() -> None:
    cart = Shelf()
    for _ in range(3):
        cart.change("rome", 2, at(1))
    assert cart.contents() == {"rome": 2}


@pytest.mark.parametrize(("changes", "left"), [((-2, 3), 3), ((3, -5, 1), 1), ((0,), None)])
def test_there_is_never_less_than_nothing(changes: tuple[int, ...], left: int | None) -> None:
    cart = Shelf()
    for instant, change in enumerate(changes):
        cart.change("rome", change, at(instant))
    assert cart.contents().get("rome") == left


def test_there_is_never_more_than_a_cart_can_hold() -> None:
    cart = Shelf()
    for instant in range(3):
        cart.change("rome", MOST_OF_ONE, at(instant))
    assert cart.contents() == {"rome": MOST_OF_ONE}


def test_the_latest_stands_first_and_a_whole_keeps_its_order() -> None:
    cart = Shelf()
    cart.state({"a": 1, "b": 1, "c": 1}, at(1))
    cart.change("d", 1, at(2))
    assert list(cart.contents()) == ["d", "a", "b", "c"]
    cart.change("b", 1, at(3))
    assert list(cart.contents()) == ["b", "d", "a", "c"]


def test_what_went_by_the_word_of_others_is_gone_until_it_comes_again() -> None:
    cart = Shelf()
    cart.change("rome", 2, at(1))
    cart.change("rome", 1, at(3))
    assert cart.contents({"rome": at(2), "oslo": at(9)}) == {"rome": 1}
    assert cart.contents({"rome": at(3)}) == {}
    cart.put("rome", 5, at(4))
    assert cart.contents({"rome": at(2)}) == {"rome": 5}


def test_what_is_only_taken_out_is_not_known() -> None:
    cart = Shelf()
    cart.take_out("rome", at(2))
    assert not cart.is_known
    cart.change("rome", 2, at(1))
    assert (cart.is_known, cart.contents()) == (True, {})
    cart.state(None, at(3))
    assert not cart.is_known


def test_of_very_many_changes_the_oldest_become_a_statement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shelf_module, "MOST_CHANGES", 3)
    cart = Shelf()
    for instant in range(10):
        cart.change("rome", 1, at(instant))
    assert cart.contents() == {"rome": 10}
    assert len(cart.lines["rome"].changes) == 3


def test_of_very_many_things_the_one_is_dropped_that_was_spoken_of_longest_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shelf_module, "MOST_THINGS", 2)
    cart = Shelf()
    for instant, thing in enumerate("abc"):
        cart.change(thing, 1, at(instant))
    assert list(cart.contents()) == ["c", "b"]

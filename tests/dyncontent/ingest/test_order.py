"""What events make of an order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dyncontent.catalog.message import Order
from dyncontent.ingest.happenings import Ordered
from dyncontent.ingest.order import OrderState
from dyncontent.ingest.stamps import Stamp


def at(instant: int, event: str = "") -> Stamp:
    return instant, 0, event or f"event-{instant}"


def _ordered(**told: Any) -> Ordered:
    return Ordered("o", **told)


def test_a_refund_may_come_ahead_of_its_order() -> None:
    order = OrderState(None, None)
    order.refund("r", {"rome": 1})
    assert (order.document, order.ledger.entry) == (None, None)
    order.order(_ordered(lines={"rome": 1, "oslo": 2}, is_new=True, void=False), at(1))
    assert order.ledger.left == {"rome": 0, "oslo": 2}


def test_refunds_add_up_and_each_counts_once() -> None:
    order = OrderState(None, None)
    order.order(_ordered(lines={"rome": 3}), at(1))
    for refund, count in (("a", 1), ("b", 1), ("a", 1)):
        order.refund(refund, {"rome": count, "riga": 5})
    assert order.ledger.left == {"rome": 1}
    order.refund("c", {"rome": 9})
    assert order.ledger.left == {"rome": 0}


def test_a_refund_of_all_is_of_what_is_ordered_later_too() -> None:
    order = OrderState(None, None)
    order.refund("a", None)
    order.order(_ordered(lines={"rome": 3}), at(1))
    assert order.ledger.left == {"rome": 0}


@pytest.mark.parametrize("turn", [1, -1])
def test_the_newest_lines_hold_and_the_earliest_instant(turn: int) -> None:
    order = OrderState(None, None)
    told = [
        (_ordered(lines={"rome": 1}, is_new=True, void=False), at(1)),
        (_ordered(lines={"oslo": 1}, at=datetime.fromtimestamp(0.004, UTC), void=False), at(2)),
    ]
    for one, stamp in told[::turn]:
        order.order(one, stamp)
    entry = order.ledger.entry
    assert entry is not None
    assert (entry.left, entry.at, entry.clears) == ({"oslo": 1}, 1, True)


def test_what_is_void_is_not_bought_until_it_is_paid() -> None:
    order = OrderState(None, None)
    order.order(_ordered(lines={"rome": 1}, is_new=True, void=True), at(1))
    assert order.ledger.entry is not None
    assert (order.ledger.entry.left, order.ledger.entry.clears) == ({"rome": 0}, False)
    order.order(_ordered(void=False), at(2))
    assert (order.ledger.left, order.ledger.entry.clears) == ({"rome": 1}, True)
    order.order(_ordered(void=True), at(2, "a"))
    assert order.ledger.left == {"rome": 0}


def test_of_two_statuses_at_once_the_further_holds() -> None:
    order = OrderState(None, None)
    order.take({"status": "shipped"}, at(1, "a"))
    order.take({"status": "packed"}, at(1, "b"))
    assert order.document == Order(status="shipped")
    order.take({"status": "packed"}, at(2))
    assert order.document == Order(status="packed")


def test_an_order_of_which_no_status_is_told_was_received() -> None:
    order = OrderState(None, None)
    order.take({"carrier": "Omniva"}, at(5))
    assert order.document == Order(status="received", carrier="Omniva")
    order.take({"status": "shipped"}, at(1))
    assert order.document == Order(status="shipped", carrier="Omniva")


def test_people_are_remembered() -> None:
    order = OrderState(None, None)
    for person in ("b", None, "a", "b"):
        order.note_person(person)
    assert order.ledger.people == ["a", "b"]

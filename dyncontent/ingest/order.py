"""What events make of an order: where it is, and what is left of it after refunds."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import Field

from dyncontent.catalog.instants import milliseconds
from dyncontent.catalog.kinds import ORDER
from dyncontent.catalog.message import Order
from dyncontent.ingest.fields import take
from dyncontent.ingest.happenings import Ordered
from dyncontent.ingest.person import OrderEntry
from dyncontent.ingest.stamps import Ledger, Stamp, is_newer, weighed
from rules.facts import OrderStatus

_STEPS = get_args(OrderStatus)


class OrderLedger(Ledger):
    """Beside the stamps of the order's fields: `number` counts its changes, `people` are those
    whose order it is, `lines` what was ordered, `at` when. `void` tells that it does not count as a
    purchase, `made` that it ever did. `refunds` are what was given back, by their ids; None is
    all."""

    number: int = 0
    people: list[str] = Field(default_factory=list)
    lines: tuple[Stamp, dict[str, int]] | None = None
    at: int | None = None
    void: tuple[Stamp, bool] | None = None
    made: bool = False
    refunds: dict[str, dict[str, int] | None] = Field(default_factory=dict)

    @property
    def left(self) -> dict[str, int]:
        """How many are left of each product."""
        if self.lines is None:
            return {}
        given_back = list(self.refunds.values())
        if None in given_back or (self.void is not None and self.void[1]):
            return dict.fromkeys(self.lines[1], 0)
        left = {}
        for product, ordered in self.lines[1].items():
            refunded = sum(refund.get(product, 0) for refund in given_back if refund)
            left[product] = max(0, ordered - refunded)
        return left

    @property
    def entry(self) -> OrderEntry | None:
        """What its people have of it; None while it is not known what was ordered."""
        if self.lines is None:
            return None
        at = self.lines[0][0] if self.at is None else self.at
        clears = self.made and self.at is not None
        return OrderEntry(number=self.number, at=at, clears=clears, left=self.left)


class OrderState:
    """An order that things happen to. `document` is None while only refunds are known."""

    def __init__(self, document: Order | None, ledger: OrderLedger | None) -> None:
        self.document = document
        self.ledger = ledger or OrderLedger()

    def note_person(self, person: str | None) -> None:
        if person is not None and person not in self.ledger.people:
            self.ledger.people = sorted((*self.ledger.people, person))

    def take(self, fields: Mapping[str, Any], stamp: Stamp) -> None:
        """Of two statuses at the same instant the further one holds. An order of which no status
        is told was received. Raises ValidationError if the fields do not go together."""

        def weight(field: str, value: Any) -> Stamp:
            return weighed(stamp, _STEPS.index(value)) if field == "status" else stamp

        document = self.document or _NEW
        taken = take(ORDER, document, self.ledger, fields, weight)
        if fields:
            self.document = taken

    def order(self, told: Ordered, stamp: Stamp) -> None:
        """Of two instants at which it was made the earlier one counts; where it is void and not at
        the same instant, it is void."""
        ledger = self.ledger
        if told.lines is not None and (ledger.lines is None or is_newer(stamp, ledger.lines[0])):
            ledger.lines = stamp, dict(told.lines)
        instants = [] if told.at is None else [milliseconds(told.at)]
        instants += [stamp[0]] if told.is_new else []
        if instants:
            ledger.at = min((*instants, *(() if ledger.at is None else (ledger.at,))))
        if told.void is not None:
            said = weighed(stamp, int(told.void))
            if ledger.void is None or is_newer(said, ledger.void[0]):
                ledger.void = said, told.void
            ledger.made = ledger.made or not told.void

    def refund(self, refund: str, lines: Mapping[str, int] | None) -> None:
        """A refund is what it is: it is told whole, and once."""
        if refund not in self.ledger.refunds:
            self.ledger.refunds[refund] = None if lines is None else dict(lines)


_NEW = Order(status="received")

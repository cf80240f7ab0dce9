"""Messages (one send each) and the orders that they are about."""

import datetime
from functools import cached_property
from typing import Annotated

from pydantic import Field

from dyncontent.catalog.dated import Dated
from dyncontent.catalog.model import (
    Attributes,
    Id,
    Instant,
    LocaleName,
    ShortText,
    known,
)
from rules.facts import MessageClass, OrderStatus, Record
from rules.tree import Amount


class Message(Dated):
    """One send: an email that goes to one or to many. `order` is the id of the order that it is
    about."""

    class_: Annotated[MessageClass, Field(alias="class")]
    locale: LocaleName | None = None
    order: Id | None = None
    sent_at: Instant | None = None
    deadline: Instant | None = None
    parameters: Attributes = Field(default_factory=dict)

    @cached_property
    def facts(self) -> Record:
        return known(
            {
                "class": self.class_,
                "locale": self.locale,
                "order": self.order,
                "sent_at": self.sent_at,
                "deadline": self.deadline,
            },
            self.parameters,
            "parameters",
        )


class Order(Dated):
    """An order and where it is on its way. `expected` is the day on which it should arrive."""

    status: OrderStatus
    carrier: ShortText | None = None
    tracking: ShortText | None = None
    expected: datetime.date | None = None
    total: Amount | None = None
    attributes: Attributes = Field(default_factory=dict)

    @cached_property
    def facts(self) -> Record:
        return known(
            {
                "status": self.status,
                "carrier": self.carrier,
                "tracking": self.tracking,
                "expected": self.expected,
                "total": self.total and self.total.fact,
            },
            self.attributes,
            "attributes",
        )

"""What events make of a person: profile, cart, lists, purchases."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dyncontent.catalog.consent import ConsentRecord
from dyncontent.catalog.dated import PURCHASES
from dyncontent.catalog.instants import instant, milliseconds
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.catalog.recipient import NOBODY, CartLine, Recipient
from dyncontent.ingest.fields import take
from dyncontent.ingest.shelf import Shelf
from dyncontent.ingest.stamps import NEVER, Ledger, Stamp, latest, said

MOST_ORDERS = 200
MOST_LISTED = 50
MOST_IN_CART = 200
MOST_WATCHED = 200
ATTRIBUTES = "attributes."


class OrderEntry(BaseModel):
    """What a person has of an order: how many are left of each of its products, as the order stood
    at its change of this number. `at` is when it was made; whether it emptied the cart of its
    products then, `clears` tells."""

    model_config = ConfigDict(extra="forbid")

    number: int
    at: int
    clears: bool = False
    left: dict[str, int] = Field(default_factory=dict)


class PersonLedger(Ledger):
    """Beside the stamps of the profile's fields: `lists` are the cart and the other lists,
    `orders` the latest orders. `bought` are purchases of no order that is known, with their stamps
    and instants, `returned` when all that was bought of a product before counts no more."""

    lists: dict[str, Shelf] = Field(default_factory=dict)
    orders: dict[str, OrderEntry] = Field(default_factory=dict)
    bought: dict[str, tuple[Stamp, int]] = Field(default_factory=dict)
    returned: dict[str, Stamp] = Field(default_factory=dict)


class Person:
    """A person to whom things happen. `document` is None of one who is not known yet."""

    def __init__(self, document: Recipient | None, ledger: PersonLedger | None) -> None:
        self.document = document
        self.ledger = ledger or PersonLedger()
        self._heed_control_plane(is_new=ledger is None)

    def _heed_control_plane(self, *, is_new: bool) -> None:
        """Take into the ledger what was bought and taken back through the control plane."""
        person, ledger = self.document or NOBODY, self.ledger
        for product, at in person.purchases.items():
            stamp = said(person, PURCHASES + product)
            if stamp is None and is_new:
                stamp = (milliseconds(at), 0, "")
            if stamp is not None and stamp > ledger.bought.get(product, (NEVER, 0))[0]:
                ledger.bought[product] = stamp, milliseconds(at)
        for field in person.as_of:
            product = field.removeprefix(PURCHASES)
            if product != field and product not in person.purchases:
                self._note_returned(product, said(person, field))

    def take(self, fields: Mapping[str, Any], stamp: Stamp) -> None:
        """Raises ValidationError if the fields do not go together."""
        self.document = take(
            RECIPIENT, self.document or NOBODY, self.ledger, fields, lambda *_: stamp
        )

    def withdraw(self, stamp: Stamp) -> None:
        """A person no longer wants marketing by email: what was said last holds, as with every
        consent."""
        at = instant(stamp[0])
        record = ConsentRecord(purpose="marketing.email", given=False, at=at, recorded=at)
        self.document = (self.document or NOBODY).with_consent(record)

    def state_cart(self, lines: Mapping[str, int], stamp: Stamp) -> None:
        self._list("cart").state(dict(lines), stamp)
        self._show("cart")

    def change_cart(self, product: str, change: int | None, stamp: Stamp) -> None:
        shelf = self._list("cart")
        if change is None:
            shelf.put(product, 0, stamp)
        else:
            shelf.change(product, change, stamp)
        self._show("cart")

    def put_on_list(self, name: str, item: str, stamp: Stamp, *, present: bool) -> None:
        """Raises ValidationError if a person cannot have such an attribute too."""
        self._list(name).put(item, int(present), stamp)
        self._show(name)

    def buy(self, product: str, stamp: Stamp) -> None:
        self.ledger.bought[product] = max(
            (stamp, stamp[0]), self.ledger.bought.get(product, (stamp, stamp[0]))
        )
        self._show_purchases()

    def give_back(self, product: str, stamp: Stamp) -> None:
        self._note_returned(product, stamp)
        self._show_purchases()

    def have_order(self, order: str, entry: OrderEntry) -> None:
        known = self.ledger.orders.get(order)
        if known is None or entry.number > known.number:
            self.ledger.orders[order] = entry
            self._settle_oldest()
        self._list("cart")
        self._show("cart")
        self._show_purchases()

    def _settle_oldest(self) -> None:
        """Of very many orders the oldest become purchases that no refund of theirs undoes."""
        orders = self.ledger.orders
        while len(orders) > MOST_ORDERS:
            oldest = min(orders, key=lambda order: (orders[order].at, order))
            entry = orders.pop(oldest)
            for product, left in entry.left.items():
                if entry.clears:
                    self._list("cart").take_out(product, (entry.at, 0, ""))
                settled = (entry.at, 0, ""), entry.at
                if left:
                    self.ledger.bought[product] = max(
                        settled, self.ledger.bought.get(product, settled)
                    )

    @property
    def _ordered(self) -> dict[str, Stamp]:
        """When products went out of the cart because they were ordered."""
        found: dict[str, Stamp] = {}
        for entry in self.ledger.orders.values():
            if entry.clears:
                stamp = (entry.at, 0, "")
                found |= {each: max(stamp, found.get(each, stamp)) for each in entry.left}
        return found

    def _note_returned(self, product: str, stamp: Stamp | None) -> None:
        if newest := latest(stamp, self.ledger.returned.get(product)):
            self.ledger.returned[product] = newest

    def _show_purchases(self) -> None:
        found: dict[str, int] = {}
        bought = [(product, *entry) for product, entry in self.ledger.bought.items()]
        for entry in self.ledger.orders.values():
            stamp = (entry.at, 0, "")
            bought += ((product, stamp, entry.at) for product, left in entry.left.items() if left)
        for product, stamp, at in bought:
            if stamp > self.ledger.returned.get(product, NEVER):
                found[product] = max(at, found.get(product, at))
        purchases = {product: instant(at) for product, at in found.items()}
        person = self.document or NOBODY
        if purchases != person.purchases or self.document is None:
            self.document = person.replace(purchases=purchases)

    def _list(self, name: str) -> Shelf:
        """A list as it is known, what the control plane says of it among that."""
        shelf = self.ledger.lists.setdefault(name, Shelf())
        stamp = said(self.document, name)
        if stamp is not None and stamp > (shelf.since or NEVER):
            shelf.state(self._written(name), stamp)
        elif stamp is None and shelf == _UNTOLD and (written := self._written(name)) is not None:
            shelf.state(written, NEVER)
        return shelf

    def _written(self, name: str) -> dict[str, int] | None:
        """What a document has of a list."""
        person = self.document or NOBODY
        if name == "cart":
            return None if person.cart is None else _counted(person.cart)
        value = person.watched if name == "watched" else person.attributes.get(_attribute(name))
        return dict.fromkeys(value, 1) if isinstance(value, tuple) else None

    def _show(self, name: str) -> None:
        """Write a list into the document."""
        person, shelf = self.document or NOBODY, self.ledger.lists[name]
        if not shelf.is_known:
            return
        contents = shelf.contents(self._ordered if name == "cart" else {})
        if name == "cart":
            cart = [CartLine(product=each, quantity=count) for each, count in contents.items()]
            changes: dict[str, Any] = {"cart": tuple(cart[:MOST_IN_CART])}
        elif name == "watched":
            changes = {"watched": tuple(contents)[:MOST_WATCHED]}
        else:
            value = {_attribute(name): tuple(contents)[:MOST_LISTED]}
            changes = {"attributes": person.attributes | value}
        self.document = person.replace(**changes)


_UNTOLD = Shelf()


def _attribute(name: str) -> str:
    return name.removeprefix(ATTRIBUTES)


def _counted(cart: tuple[CartLine, ...]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for line in cart:
        counted[line.product] = counted.get(line.product, 0) + line.quantity
    return counted

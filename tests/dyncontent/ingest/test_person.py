"""What events make of a person."""

from datetime import UTC, datetime

import pytest

from dyncontent.catalog.consent import Consents
from dyncontent.catalog.recipient import CartLine, Recipient
from dyncontent.ingest import person as person_module
from dyncontent.ingest.person import OrderEntry, Person, PersonLedger
from dyncontent.ingest.stamps import Stamp


def at(instant: int) -> Stamp:
    return instant, 0, f"event-{instant}"


def when(instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1000, UTC)


def _again(person: Person) -> Person:
    """As it is read from the store the next time."""
    ledger = PersonLedger.model_validate_json(person.ledger.encode())
    return Person(person.document, ledger)


def test_nobody_becomes_somebody_without_consents() -> None:
    person = Person(None, None)
    person.take({"first_name": "Aino", "attributes.plan": "vip"}, at(1))
    assert person.document == Recipient(first_name="Aino", attributes={"plan": "vip"})
    assert person.document.consents == Consents()


def test_a_field_is_as_the_newest_event_says() -> None:
    person = Person(None, None)
    person.take({"first_name": "B"}, at(2))
    person.take({"first_name": "A", "last_name": "Kask"}, at(1))
    assert person.document == Recipient(first_name="B", last_name="Kask")
    person.take({"first_name": None}, at(3))
    assert person.document == Recipient(last_name="Kask")


def test_a_consent_is_withdrawn_unless_it_was_given_later() -> None:
    person = Person(Recipient(consents=Consents(marketing=True, tracking=True)), None)
    person.withdraw(at(5))
    assert person.document is not None
    assert person.document.consents == Consents(marketing=False, tracking=True)
    given = Recipient(consents=Consents(marketing=True), consented={"marketing.email": 9})
    person = Person(given, None)
    person.withdraw(at(5))
    assert person.document == given


def test_what_is_bought_without_an_order_is_given_back_until_then() -> None:
    person = Person(None, None)
    person.buy("rome", at(1))
    person.buy("oslo", at(1))
    person.give_back("rome", at(2))
    assert person.document == Recipient(purchases={"oslo": when(1)})
    person.buy("rome", at(2))
    assert "rome" not in person.document.purchases
    person.buy("rome", at(3))
    assert person.document.purchases == {"oslo": when(1), "rome": when(3)}


def test_what_was_bought_before_events_came_stays_bought() -> None:
    person = Person(Recipient(purchases={"rome": when(1)}), None)
    person.buy("oslo", at(2))
    assert person.document == Recipient(purchases={"rome": when(1), "oslo": when(2)})


def test_what_the_control_plane_took_back_is_not_bought_by_an_older_event() -> None:
    person = Person(Recipient().written(5, ["purchases.rome"]), None)
    person.buy("rome", at(4))
    assert person.document is not None
    assert person.document.purchases == {}
    person.buy("rome", at(6))
    assert person.document.purchases == {"rome": when(6)}


def test_a_purchase_of_the_control_plane_outlives_the_refund_of_an_order() -> None:
    bought = Recipient().with_purchase("rome", when(3)).written(3, ["purchases.rome"])
    person = Person(bought, None)
    person.have_order("o", OrderEntry(number=1, at=9, left={"rome": 1}))
    assert person.document is not None
    assert person.document.purchases == {"rome": when(9)}
    person = _again(person)
    person.have_order("o", OrderEntry(number=2, at=9, left={"rome": 0}))
    assert person.document is not None
    assert person.document.purchases == {"rome": when(3)}


def test_an_order_is_as_its_latest_change_has_it() -> None:
    person = Person(None, None)
    person.have_order("o", OrderEntry(number=2, at=1, left={"rome": 0, "oslo": 1}))
    person.have_order("o", OrderEntry(number=1, at=1, left={"rome": 1, "oslo": 1}))
    assert person.document is not None
    assert person.document.purchases == {"oslo": when(1)}


def test_what_was_ordered_is_not_in_the_cart_any_more() -> None:
    person = Person(None, None)
    person.have_order("o", OrderEntry(number=1, at=5, clears=True, left={"rome": 0}))
    assert person.document is not None
    assert person.document.cart is None
    person.change_cart("rome", 2, at(4))
    assert person.document.cart == ()
    person.change_cart("rome", 1, at(6))
    assert person.document.cart == (CartLine(product="rome"),)


def test_of_very_many_orders_the_oldest_stay_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_module, "MOST_ORDERS", 2)
    person = Person(None, None)
    for number in range(4):
        left = {f"p{number}": number % 2, "rome": 1}
        person.have_order(f"o{number}", OrderEntry(number=1, at=number, clears=True, left=left))
    assert person.ledger.orders.keys() == {"o2", "o3"}
    assert person.document is not None
    assert person.document.purchases == {"p1": when(1), "p3": when(3), "rome": when(3)}
    person.change_cart("p1", 1, at(0))
    assert person.document.cart == ()


def test_a_cart_that_the_control_plane_wrote_goes_on_from_there() -> None:
    cart = (CartLine(product="rome", quantity=2), CartLine(product="oslo"))
    person = Person(Recipient(cart=cart).written(5), None)
    person.change_cart("rome", 1, at(6))
    person.change_cart("oslo", None, at(4))
    assert person.document is not None
    assert person.document.cart == (
        CartLine(product="rome", quantity=3), CartLine(product="oslo")
    )  # fmt: skip
    replaced = person.document.replace(cart=None).written(9)
    person = Person(replaced, person.ledger)
    person.change_cart("rome", 1, at(8))
    assert person.document is not None
    assert person.document.cart is None


def test_a_cart_from_before_events_is_known() -> None:
    person = Person(Recipient(cart=(CartLine(product="rome"),)), None)
    person.change_cart("oslo", 1, at(1))
    assert person.document is not None
    assert [line.product for line in person.document.cart or ()] == ["oslo", "rome"]


def test_lists() -> None:
    person = Person(Recipient(watched=("riga",)), None)
    person.put_on_list("watched", "rome", at(2), present=True)
    person.put_on_list("attributes.viewed", "oslo", at(3), present=True)
    person.put_on_list("attributes.viewed", "rome", at(4), present=True)
    person.put_on_list("watched", "riga", at(5), present=False)
    assert person.document == Recipient(watched=("rome",), attributes={"viewed": ("rome", "oslo")})


def test_a_list_that_an_attribute_cannot_be_begins_anew() -> None:
    person = Person(Recipient(attributes={"viewed": "rome"}).written(1), None)
    person.put_on_list("attributes.viewed", "oslo", at(2), present=True)
    assert person.document is not None
    assert person.document.attributes == {"viewed": ("oslo",)}

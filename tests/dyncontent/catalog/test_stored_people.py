"""People as they are stored, and as an open looks at them."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given

from dyncontent.catalog.consent import Consents
from dyncontent.catalog.instants import instant
from dyncontent.catalog.model import Definition
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.catalog.stored_people import glimpse, look
from rules.tree import Amount
from tests.dyncontent.catalog.people import PEOPLE

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def _require_same(read: Recipient, person: Recipient) -> None:
    assert read == person
    for told, known in ((read.facts, person.facts), (read.attributes, person.attributes)):
        assert told == known
        assert {name: type(value) for name, value in told.items()} == {
            name: type(value) for name, value in known.items()
        }


@given(PEOPLE)
def test_people_are_read_as_they_were_stored(person: Recipient) -> None:
    read = Recipient.read(person.encoded())
    _require_same(read, person)
    assert read.encoded() == person.encoded()


@given(PEOPLE)
def test_people_are_read_who_were_stored_by_the_names_of_their_fields(person: Recipient) -> None:
    in_history = person.with_noted(noted=bool(person.consented))
    for raw in (person.readable, Definition.readable.fget(person)):  # type: ignore[attr-defined]
        _require_same(Recipient.read(raw), in_history)


@given(PEOPLE)
def test_a_glimpse_is_of_the_same_facts(person: Recipient) -> None:
    names = ("first_name", "last_name", "purchases", "cart", "watched")
    attributes = [f"attributes.{name}" for name in ("city", "tier", "absent")]
    for raw in (person.encoded(), person.readable):
        seen = glimpse(raw, [(name, look(name)) for name in (*names, *attributes)])
        wanted = {"consents", *names, *attributes}
        assert seen.facts == {name: value for name, value in person.facts.items() if name in wanted}
        assert [type(seen.facts[name]) for name in seen.facts] == [
            type(person.facts[name]) for name in seen.facts
        ]
        assert seen[1:] == (person.consents.tracking, person.time_zone, person.locale)


def test_people_are_stored_in_little_room() -> None:
    at = 1_795_642_576_753
    profile = Profile(
        first_name="Aino",
        locale="fi",
        consents=Consents(marketing=True),
        attributes={"tier": "gold", "spent": Amount(amount=Decimal("19.90"), currency="EUR")},
    )
    aino = Recipient().with_profile(profile, instant(at)).with_purchase("rome", AT)
    assert aino.written(at + 3, ("purchases.rome",)).encoded() == (
        b'["y","mwwn87ld 0 tosp40:3","rome","tier spent",["gold",{"EUR":"19.90"}],"Aino",null,"fi"]'
    )
    assert Recipient().encoded() == b'["","","","",[]]'

"""People, and what they bought."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dyncontent.catalog.consent import Consents
from dyncontent.catalog.instants import instant
from dyncontent.catalog.model import Definition
from dyncontent.catalog.recipient import CartLine, Profile, Recipient, glimpse, look
from rules.tree import Amount

AT, LATER = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)

_ZONES = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30)))
_ids = st.sampled_from(["rome", "a.b~c", "x"])
_said = st.none() | st.booleans()
_texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_values = (
    st.booleans()
    | st.integers(1 - 2**63, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "gold", '\x00 Щ "', ("a", "b"), {"fi": "kulta"}])
    | st.decimals(0, 10**9, places=4).map(lambda amount: Amount(amount=amount, currency="EUR"))
)
_instants = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from(_ZONES),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
_people = st.builds(
    Recipient,
    first_name=_texts,
    locale=st.none() | st.just("fi"),
    time_zone=st.none() | st.just("Europe/Tallinn"),
    consents=st.builds(
        Consents,
        marketing=st.booleans(),
        tracking=st.booleans(),
        **dict.fromkeys(("profiling", "marketing.sms", "marketing.phone"), _said),
    ),
    cart=st.none()
    | st.lists(st.builds(CartLine, product=_ids, quantity=st.integers(1, 3))).map(tuple),
    watched=st.none() | st.lists(_ids).map(tuple),
    attributes=st.dictionaries(st.sampled_from(["city", "tier"]), _values),
    purchases=st.dictionaries(_ids, _instants),
    consented=st.dictionaries(
        st.sampled_from(["tracking", "marketing.sms"]), st.integers(0, 2**50)
    ),
    noted=st.booleans(),
    as_of=st.dictionaries(
        st.sampled_from(["", "cart", "purchases.rome", "purchases.x"]), st.integers(0, 2**50)
    ),
)


@given(_people)
def test_people_are_told_as_every_definition_is(person: Recipient) -> None:
    assert orjson.loads(person.readable) == orjson.loads(Definition.readable.fget(person))  # type: ignore[attr-defined]
    assert Recipient.model_validate_json(person.readable) == person


@given(_people)
def test_people_are_read_as_they_were_stored(person: Recipient) -> None:
    assert Recipient.read(person.encoded()) == person
    _require_same(Recipient.decode(person.encoded()), person)
    assert Recipient.decode(person.encoded()).encoded() == person.encoded()
    readable = Recipient.decode(person.encoded()).readable
    assert readable == Recipient.read(person.encoded()).readable
    assert Recipient.decode(person.encoded()).told == person.told


@given(_people)
def test_people_are_read_who_were_stored_by_the_names_of_their_fields(person: Recipient) -> None:
    in_history = person.with_noted(noted=bool(person.consented))
    for raw in (person.readable, Definition.readable.fget(person)):  # type: ignore[attr-defined]
        assert Recipient.read(raw) == in_history
        _require_same(Recipient.decode(raw), in_history)


@given(_people)
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


def _require_same(read: Recipient, person: Recipient) -> None:
    assert read.facts == person.facts
    assert {name: type(value) for name, value in read.facts.items()} == {
        name: type(value) for name, value in person.facts.items()
    }
    for name in Recipient.model_fields:
        assert getattr(read, name) == getattr(person, name)
    assert read == person
    assert list(map(type, read.attributes.values())) == list(map(type, person.attributes.values()))
    with pytest.raises(AttributeError):
        read.fist_name  # type: ignore[attr-defined]  # noqa: B018


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


def test_no_consent_is_taken_for_granted() -> None:
    assert Recipient().facts == {"consents": (), "purchases": frozenset()}


@pytest.mark.parametrize(
    ("consents", "given"),
    [
        (Consents(marketing=True), ("marketing", "marketing.email")),
        (Consents(tracking=True), ("tracking",)),
        (Consents(tracking=True, profiling=True), ("tracking", "profiling")),
        (Consents(profiling=False), ()),
        (Consents.model_validate({"marketing.sms": True}), ("marketing.sms",)),
    ],
)
def test_a_consent_is_a_fact_once_it_is_given(consents: Consents, given: tuple[str, ...]) -> None:
    assert Recipient(consents=consents).facts["consents"] == given


def test_facts_are_what_is_known() -> None:
    aino = Recipient(first_name="Aino", attributes={"vip": True}, purchases={"rome": AT})
    assert aino.facts == {
        "first_name": "Aino",
        "consents": (),
        "purchases": frozenset({"rome"}),
        "attributes.vip": True,
    }


def test_purchases_come_and_go() -> None:
    aino = Recipient(first_name="Aino")
    assert aino.facts["purchases"] == frozenset()
    both = aino.with_purchase("rome", AT).with_purchase("oslo", AT).with_purchase("rome", LATER)
    assert both.purchases == {"rome": LATER, "oslo": AT}
    assert both.facts["purchases"] == {"rome", "oslo"}
    assert both.without_purchase("rome").facts["purchases"] == {"oslo"}
    assert both.without_purchase("riga") == both
    assert aino.purchases == {}


def test_a_purchase_is_told_as_it_is_kept() -> None:
    late = datetime(2026, 11, 20, 12, 0, 0, 122_987, timezone(timedelta(hours=2)))
    aino = Recipient().with_purchase("rome", late)
    assert aino.purchases["rome"].isoformat() == "2026-11-20T10:00:00.123000+00:00"
    assert Recipient.read(aino.encoded()) == aino


def test_a_new_profile_replaces_all_but_the_purchases() -> None:
    aino = Recipient(first_name="Aino", locale="fi", purchases={"rome": AT})
    renamed = aino.with_profile(Profile(last_name="Kask"))
    assert renamed.told == Recipient(last_name="Kask", purchases={"rome": AT})
    assert renamed.as_of.keys() == {""}


def test_a_person_comes_back_as_stored() -> None:
    aino = Recipient(
        first_name="Щука", consents=Consents(tracking=True), time_zone="Europe/Tallinn",
        purchases={"a.b~c": AT},
    )  # fmt: skip
    assert Recipient.read(aino.encoded()) == aino


@pytest.mark.parametrize("zone", ["Europe/Tallinn", "UTC", "America/Argentina/Ushuaia"])
def test_a_time_zone_is_an_iana_name(zone: str) -> None:
    assert Profile(time_zone=zone).time_zone == zone


@pytest.mark.parametrize(
    "zone", ["", "Tartu", "+02:00", "Europe", "../../etc/passwd", "/etc/localtime", "a\x00b", "é"]
)
def test_anything_else_is_no_time_zone(zone: str) -> None:
    with pytest.raises(ValidationError, match=r"IANA name such as Europe/Tallinn"):
        Profile(time_zone=zone)


@pytest.mark.parametrize("locale", ["EN", "e", "en_US", "en-us", "english", "en-US\n"])
def test_anything_else_is_no_language(locale: str) -> None:
    with pytest.raises(ValidationError, match="locale"):
        Profile(locale=locale)


def test_a_cart_is_of_products_and_how_many_of_each() -> None:
    written = b'{"cart":["rome",{"product":"oslo","quantity":2},{"product":"riga"}]}'
    aino = Recipient.model_validate_json(written)
    assert aino.facts["cart"] == ("rome", "oslo", "riga")
    assert [line.quantity for line in aino.cart or ()] == [1, 2, 1]
    assert aino.readable == b'{"cart":["rome",{"product":"oslo","quantity":2},"riga"]}'
    assert Recipient.read(aino.encoded()) == aino


@pytest.mark.parametrize("line", ['""', "7", '{"product":"rome","quantity":0}', '{"quantity":1}'])
def test_a_line_of_a_cart_that_says_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        Recipient.model_validate_json(f'{{"cart":[{line}]}}')

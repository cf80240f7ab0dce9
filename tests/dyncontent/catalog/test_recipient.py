"""People, and what they bought."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from pydantic import ValidationError

from dyncontent.catalog.consent import Consents
from dyncontent.catalog.model import Definition
from dyncontent.catalog.recipient import Profile, Recipient
from tests.dyncontent.catalog.people import PEOPLE

AT, LATER = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)


@given(PEOPLE)
def test_people_are_told_as_every_definition_is(person: Recipient) -> None:
    assert orjson.loads(person.readable) == orjson.loads(Definition.readable.fget(person))  # type: ignore[attr-defined]
    assert Recipient.model_validate_json(person.readable) == person


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

"""What people agreed to."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dyncontent.catalog.consent import PURPOSES, ConsentRecord, Consents, Statement, withdrawing
from dyncontent.catalog.instants import instant, milliseconds
from dyncontent.catalog.recipient import Profile, Recipient
from rules.facts import Consent

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def _record(purpose: str, minute: int, *, given: bool) -> ConsentRecord:
    at = NOON + timedelta(minutes=minute)
    statement = Statement.model_validate({"purpose": purpose, "given": given, "at": at})
    return ConsentRecord.of(statement, NOON)


records = st.lists(
    st.builds(
        _record,
        st.sampled_from([*PURPOSES, "marketing"]),
        st.integers(0, 3),
        given=st.booleans(),
    ),
    max_size=12,
)


@given(records)
def test_of_each_purpose_the_latest_word_holds_and_a_withdrawal_wins_a_tie(
    heard: list[ConsentRecord],
) -> None:
    person = Recipient()
    for record in heard:
        person = person.with_consent(record)
    for purpose in PURPOSES:
        own = [record for record in heard if record.purpose == purpose]
        last = max((record.at for record in own), default=None)
        expected = bool(own) and all(record.given for record in own if record.at == last)
        assert bool(person.consents.says(purpose)) is expected
        assert (purpose in person.facts["consents"]) is expected
    assert Recipient.read(person.encoded()) == person


def test_every_purpose_is_a_name_that_conditions_know() -> None:
    everything = Consents.model_validate(
        dict.fromkeys(
            ("marketing", *(name for name in PURPOSES if name != "marketing.email")), True
        )
    )
    assert set(everything.given) == set(get_args(Consent))


def test_marketing_is_short_for_marketing_by_email() -> None:
    assert Consents.model_validate({"marketing.email": True}) == Consents(marketing=True)
    assert Statement.model_validate({"purpose": "marketing", "given": True}).purpose == (
        "marketing.email"
    )
    with pytest.raises(ValidationError, match=r"marketing\.email"):
        Consents.model_validate({"marketing": True, "marketing.email": False})


def test_a_profile_always_speaks_of_email_and_tracking_and_of_the_others_where_it_names_them() -> (
    None
):
    asked = {"marketing": True, "tracking": True, "marketing.sms": True, "profiling": False}
    aino = Recipient().with_profile(Profile(consents=Consents.model_validate(asked)), NOON)
    assert aino.consented == dict.fromkeys(
        ("marketing.email", "tracking", "marketing.sms", "profiling"), milliseconds(NOON)
    )
    renamed = aino.with_profile(Profile(first_name="Aino"), NOON)
    assert renamed.consents.given == ("marketing.sms",)
    assert renamed.consents.profiling is False
    assert renamed.consented["marketing.sms"] == milliseconds(NOON)
    assert renamed.consented["tracking"] == milliseconds(NOON) + 1


def test_what_a_profile_says_stands_against_what_was_said_before_even_at_a_later_time() -> None:
    aino = Recipient().with_consent(_record("tracking", 5, given=False))
    agreed = aino.with_profile(Profile(consents=Consents(tracking=True)), NOON)
    assert agreed.consents.tracking
    assert agreed.with_consent(_record("tracking", 5, given=False)) == agreed


def test_to_remove_a_consent_by_a_patch_is_to_withdraw_it() -> None:
    assert withdrawing({"first_name": None}) == {"first_name": None}
    assert withdrawing({"consents": {"marketing.sms": None, "tracking": True}}) == {
        "consents": {"marketing.sms": False, "tracking": True}
    }
    assert withdrawing({"consents": None}) == {
        "consents": {"marketing" if name == "marketing.email" else name: False for name in PURPOSES}
    }
    assert withdrawing({"consents": {"marketing.email": None}}) == {
        "consents": {"marketing": False}
    }
    twice = {"consents": {"marketing": True, "marketing.email": False}}
    assert withdrawing(twice) == twice
    assert withdrawing({"consents": 7}) == {"consents": 7}


@given(st.integers(0, 2**42))
def test_instants_and_milliseconds_are_the_same(at: int) -> None:
    assert milliseconds(instant(at)) == at

"""Instants of a person in one text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.stored_dates import decode, encode

PUT = 1_795_642_576_753
_moments = st.integers(-(2**50), 2**50)


@given(
    st.dictionaries(st.sampled_from(["", "cart", "purchases.a", "purchases.b"]), _moments),
    st.lists(_moments, max_size=3),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(-(10**13), 10**14)),
)
def test_what_was_encoded_is_decoded(
    as_of: dict[str, int], consented: list[int], bought: dict[str, int]
) -> None:
    purchases = {
        name: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
        for name, at in bought.items()
    }
    text, others = encode(as_of, consented, purchases)
    names = [str(number) for number in range(len(consented))]
    known, dates, read = decode(text, names, list(purchases))
    assert known | others == as_of
    assert others.keys() == as_of.keys() - {"", *(f"purchases.{name}" for name in purchases)}
    assert dates == dict(zip(names, consented, strict=True))
    assert read == purchases


def test_what_is_said_together_takes_little_room() -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    milliseconds = round(at.timestamp() * 1000)
    purchases = dict.fromkeys("abc", at) | {"d": at + timedelta(milliseconds=5)}
    as_of = {
        "": PUT,
        "purchases.a": PUT + 3,
        "purchases.b": milliseconds,
        "purchases.c": milliseconds - 312,
    }
    assert encode(as_of, [PUT], purchases) == (
        "mwwn87ld 0 tp2400:3 tp2400+ tp2400+-8o .mww2n405",
        {},
    )
    assert encode({"": PUT}, [PUT, PUT], {}) == ("mwwn87ld 0 0", {})
    assert encode({}, [], {}) == ("", {})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
            datetime.min.replace(tzinfo=UTC),
        ),
        (
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
            datetime.max.replace(tzinfo=UTC, microsecond=999_000),
        ),
    ],
)
def test_an_instant_of_no_year_is_kept_as_the_next_that_there_is(
    given: datetime, kept: datetime
) -> None:
    text, _ = encode({}, [], {"a": given})
    assert decode(text, [], ["a"])[2] == {"a": kept}

"""Which passwords are good enough, and how they are kept."""

import pytest

from dyncontent.access.password import WeakPasswordError, hashed, matches

GOOD = "four words are enough"


def test_a_password_matches_what_was_kept_of_it() -> None:
    kept = hashed(GOOD, "aino")
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert matches(kept, GOOD)
    assert not matches(kept, GOOD + "!")
    assert kept != hashed(GOOD, "aino")


def test_it_is_the_same_from_every_keyboard() -> None:
    assert matches(
        hashed("K\u00e4rbes lendab k\u00f6\u00f6gis", "a1b2"),
        "Ka\u0308rbes lendab ko\u0308o\u0308gis",
    )


@pytest.mark.parametrize(
    ("password", "right"),
    [
        ("", "12 to 1000 characters"),
        ("elevenchars", "12 to 1000 characters"),
        ("xy" * 501, "12 to 1000 characters"),
        ("abcdABCDabcd", "5 different"),
        ("my name is AINO", "name of its user"),
    ],
)
def test_one_that_could_be_guessed_is_refused(password: str, right: str) -> None:
    with pytest.raises(WeakPasswordError, match=right) as refusal:
        hashed(password, "aino")
    assert not password or password not in str(refusal.value)

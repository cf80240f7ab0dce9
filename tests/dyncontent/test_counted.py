"""Numbers of things, in words."""

import pytest

from dyncontent.counted import counted


@pytest.mark.parametrize(("number", "expected"), [(0, "0 drafts"), (1, "1 draft"), (2, "2 drafts")])
def test_one_is_not_many(number: int, expected: str) -> None:
    assert counted(number, "draft") == expected


def test_some_have_a_word_of_their_own() -> None:
    told = [counted(number, "person", "people") for number in (1, 2)]
    assert told == ["1 person", "2 people"]

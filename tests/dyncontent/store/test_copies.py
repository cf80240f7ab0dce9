"""Copies: used only while they are known to be fresh."""

from typing import Any

import pytest

from dyncontent.store import copies
from dyncontent.store.copies import COPY_BYTES, FRESH_SECONDS, MISSING, Copies


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fresh_copies(most: int = 10 * (COPY_BYTES + 1)) -> tuple[Copies, Clock]:
    clock = Clock()
    made = Copies(most, clock)
    made.prove(clock.now)
    return made, clock


def keep(made: Copies, key: str, value: str) -> None:
    made.keep(made.start_reading(), key, value.encode(), value)


def test_a_fresh_copy_is_found() -> None:
    made, _ = fresh_copies()
    keep(made, "a", "1")
    assert made.find("a") == "1"


def test_nothing_is_found_before_there_is_proof() -> None:
    made = Copies()
    keep(made, "a", "1")
    assert made.find("a") is MISSING
    assert made.last("a") == "1"


def test_a_copy_is_not_found_once_the_proof_is_old() -> None:
    made, clock = fresh_copies()
    keep(made, "a", "1")
    clock.now += FRESH_SECONDS - 0.01
    assert made.find("a") == "1"
    clock.now += 0.02
    assert made.find("a") is MISSING
    made.prove(clock.now)
    assert made.find("a") == "1"


def test_an_older_proof_takes_nothing_back() -> None:
    made, clock = fresh_copies()
    made.prove(clock.now - 50)
    assert made.fresh


def test_a_changed_copy_is_missing_but_known_as_it_was() -> None:
    made, _ = fresh_copies()
    keep(made, "a", "1")
    made.forget("a")
    assert made.find("a") is MISSING
    assert made.last("a") == "1"
    assert made.last("b") is MISSING


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    made, _ = fresh_copies()
    mark = made.start_reading()
    made.forget("a")
    made.keep(mark, "a", b"old", "old")
    made.keep(mark, "b", b"1", "1")
    assert made.find("a") is MISSING
    assert made.find("b") == "1"


def test_what_was_read_before_a_doubt_is_not_kept_after_it() -> None:
    made, clock = fresh_copies()
    keep(made, "a", "1")
    mark = made.start_reading()
    made.doubt()
    made.keep(mark, "b", b"1", "1")
    made.prove(clock.now)
    assert made.find("a") is MISSING
    assert made.find("b") is MISSING


def test_a_long_memory_of_changes_is_not_needed_to_be_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_FORGOTTEN", 2)
    made, _ = fresh_copies()
    mark = made.start_reading()
    for key in "abcd":
        made.forget(key)
    made.keep(mark, "a", b"old", "old")
    assert made.find("a") is MISSING
    keep(made, "a", "new")
    assert made.find("a") == "new"


def test_the_least_recently_used_go_first() -> None:
    made, _ = fresh_copies(most=2 * (COPY_BYTES + 1))
    keep(made, "a", "1")
    keep(made, "b", "2")
    assert made.find("a") == "1"
    keep(made, "c", "3")
    assert [made.find(key) for key in "abc"] == ["1", MISSING, "3"]


def test_the_same_bytes_need_not_be_understood_twice() -> None:
    made, _ = fresh_copies()
    keep(made, "a", "1")
    made.forget("a")
    assert made.same("a", b"1") == "1"
    assert made.same("a", b"2") is MISSING
    assert made.same("b", b"1") is MISSING


@pytest.mark.parametrize(
    "large", [b"x" * 1000, "x" * 1000, [b"x" * 500, [b"y" * 300, 7]], {b"x" * 500: b"y" * 500}]
)
def test_a_large_copy_takes_the_room_of_several(large: Any) -> None:
    made, _ = fresh_copies(most=1000 + 3 * COPY_BYTES)
    for key in ("a", "b"):
        keep(made, key, "1")
    made.keep(made.start_reading(), "large", large, "value")
    assert made.find("large") == "value"
    assert made.last("a") is MISSING
    for _ in range(3):
        made.keep(made.start_reading(), "large", large, "value")
    keep(made, "c", "1")
    assert made.find("c") == "1"
    made.keep(made.start_reading(), "large", b"", "value")
    keep(made, "d", "1")
    assert (made.find("c"), made.find("d"), made.find("large")) == ("1", "1", "value")


def test_one_that_is_larger_than_the_room_is_kept_alone() -> None:
    made, _ = fresh_copies(most=COPY_BYTES)
    keep(made, "a", "1")
    keep(made, "b", "x" * 1000)
    assert (made.last("a"), made.find("b")) == (MISSING, "x" * 1000)

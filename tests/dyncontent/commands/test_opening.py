"""What is wrong with an answer, and figures of many."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.commands.opening import (
    BenchError,
    Measured,
    Tally,
    check_urls,
    percentile,
    wrong,
)

PNG = {"content-type": "image/png"}
BODY = b"\x89PNG\r\n\x1a\n..."


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (200, PNG, BODY, None),
        (404, PNG, BODY, "status 404"),
        (200, {"content-type": "text/html"}, BODY, "type text/html"),
        (200, {}, BODY, "type None"),
        (200, PNG, b"<html>", "no such picture"),
    ],
)
def test_an_open_is_answered_with_a_picture_of_its_type(
    status: int, headers: dict[str, str], body: bytes, said: str | None
) -> None:
    assert wrong("https://a.example/i/trip.png?r=a", status, headers, body) == said


@pytest.mark.parametrize("urls", [[], ["ftp://a/i/b.png"], ["https://a/c/trip"], [""]])
def test_what_is_no_picture_is_not_opened(urls: list[str]) -> None:
    with pytest.raises(BenchError):
        check_urls(urls)


@given(st.lists(st.floats(0, 1000), min_size=1), st.sampled_from([50, 90, 99, 99.9, 100]))
def test_so_many_are_not_above_a_percentile(values: list[float], percent: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert found is not None
    assert sum(value <= found + 0.01 for value in values) >= len(values) * percent / 100
    assert any(abs(value - found) <= 0.01 for value in values)


def test_without_answers_there_is_no_percentile() -> None:
    assert percentile([], 50) is None
    assert not Measured("closed", 1, Tally(), 0).ok
    assert not Measured("closed", 1, Tally([1.0], Counter({"status 500": 1})), 0).ok
    assert Measured("closed", 1, Tally([1.0]), 0).ok

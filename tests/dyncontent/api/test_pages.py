"""Limits and cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from dyncontent.api.pages import cursor, page_limit, page_start
from dyncontent.errors import ProblemError


def _request(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


@pytest.mark.parametrize(("query", "limit"), [("", 50), ("limit=1", 1), ("limit=200", 200)])
def test_a_limit_is_read(query: str, limit: int) -> None:
    assert page_limit(_request(query)) == limit


@pytest.mark.parametrize("given", ["", "0", "201", "-1", "x", "1.5", "%D9%A3", "9" * 5000])
def test_a_limit_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ProblemError) as refused:
        page_limit(_request(f"limit={given}"))
    assert [field.path for field in refused.value.fields] == ["limit"]


@given(st.text("abcXYZ0189_-", max_size=64))
def test_a_cursor_leads_back_to_its_name(name: str) -> None:
    assert page_start(_request(f"cursor={cursor(name)}")) == name


@pytest.mark.parametrize("given", ["!", "A", "YQ==", "YR", "_w", "YQ" * 5000, "%C3%A4"])
def test_a_cursor_that_no_page_had_is_refused(given: str) -> None:
    with pytest.raises(ProblemError) as refused:
        page_start(_request(f"cursor={given}"))
    assert [field.path for field in refused.value.fields] == ["cursor"]

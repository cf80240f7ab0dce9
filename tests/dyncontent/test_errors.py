"""One shape for every error."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from dyncontent.errors import BadField, ProblemError


def test_an_error_has_its_status_code_message_and_fields() -> None:
    problem = ProblemError(422, "INVALID", "No", [BadField("stock", -1, "at least 0")])
    assert orjson.loads(problem.body()) == {
        "status": 422,
        "code": "INVALID",
        "message": "No",
        "fields": [{"path": "stock", "value": -1, "expected": "at least 0"}],
    }


def test_without_bad_fields_there_is_an_empty_list() -> None:
    assert orjson.loads(ProblemError(404, "NOT_FOUND", "No").body())["fields"] == []


def test_as_an_exception_it_says_its_message() -> None:
    assert str(ProblemError(404, "NOT_FOUND", "There is no product x")) == "There is no product x"


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, None), ("ä\n", "ä\n"), ([1, {"a": 2.5}], [1, {"a": 2.5}]), (Decimal("1.50"), "1.50"),
     (b"x", "b'x'"), (float("nan"), None)],
)  # fmt: skip
def test_any_value_can_be_reported(value: Any, written: Any) -> None:
    body = ProblemError(422, "INVALID", "No", [BadField("a", value, "b")]).body()
    assert orjson.loads(body)["fields"][0]["value"] == written

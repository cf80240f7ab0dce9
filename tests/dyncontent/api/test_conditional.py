"""If-Match and If-None-Match as they are sent."""

import pytest
from starlette.requests import Request

from dyncontent.api.conditional import precondition
from dyncontent.catalog.precondition import ANYHOW, Precondition
from dyncontent.errors import ProblemError


def _request(*headers: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "headers": list(headers)})


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ([], ANYHOW),
        ([(b"if-match", b'"a"')], Precondition(('"a"',))),
        ([(b"if-match", b'"a", "b"')], Precondition(('"a"', '"b"'))),
        ([(b"if-match", b'"a"'), (b"if-match", b'"b"')], Precondition(('"a"', '"b"'))),
        ([(b"if-match", b'W/"a"')], Precondition(('W/"a"',))),
        ([(b"if-match", b" * ")], Precondition(("*",))),
        ([(b"if-none-match", b"*")], Precondition(None, ("*",))),
        ([(b"if-none-match", b'W/"a"')], Precondition(None, ('"a"',))),
        ([(b"if-match", b'"a,b"'), (b"if-none-match", b"*")], Precondition(('"a,b"',), ("*",))),
    ],
)
def test_etags_are_read(headers: list[tuple[bytes, bytes]], read: Precondition) -> None:
    assert precondition(_request(*headers)) == read


@pytest.mark.parametrize(
    "value", [b"", b"abc", b'"a', b'"a" "b"', b'*, "a"', b'"a b"', b'"' + b"x" * 5000 + b'"']
)
@pytest.mark.parametrize("header", [b"if-match", b"if-none-match"])
def test_what_is_no_etag_is_refused(header: bytes, value: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        precondition(_request((header, value)))
    assert (refused.value.status, refused.value.code) == (400, "BAD_HEADER")
    [field] = refused.value.fields
    assert field.path.lower().encode() == header

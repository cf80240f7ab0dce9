"""Lines are the same however their bytes arrive, and none is kept that is too long."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dyncontent.api import lines as lines_module
from dyncontent.api.body import MOST_JSON_BYTES
from dyncontent.api.lines import Line, batches
from dyncontent.errors import ProblemError

pytestmark = pytest.mark.anyio

LONGEST = MOST_JSON_BYTES


class _Model(BaseModel):
    name: str


async def _read(chunks: Iterable[bytes]) -> list[list[Line]]:
    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [batch async for batch in batches(arriving())]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=5)), st.data())
def test_lines_are_the_same_however_they_arrive(pieces: list[bytes], data: st.DataObject) -> None:
    body = b"\n".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    expected = [
        Line(number, raw.strip()) for number, raw in enumerate(body.split(b"\n"), 1) if raw.strip()
    ]
    assert [line for batch in asyncio.run(_read(chunks)) for line in batch] == expected


async def test_empty_lines_are_counted_and_not_read() -> None:
    assert await _read([b"\r\n\n a \r\n", b"b"]) == [[Line(3, b"a")], [Line(4, b"b")]]


async def test_a_batch_has_a_limit() -> None:
    most = lines_module.MOST_LINES
    assert [len(batch) for batch in await _read([b"x\n" * (2 * most + 1)])] == [most, most, 1]


async def test_a_line_that_is_too_long_is_told_and_the_next_is_read() -> None:
    long = [b"y" * 1000] * (LONGEST // 1000 + 1)
    [[first], [second]] = await _read([b"x" * LONGEST + b"\n", *long, b"y\n"])
    assert (first.raw, second) == (b"x" * LONGEST, Line(2, None))
    with pytest.raises(ProblemError) as problem:
        second.read(_Model)
    assert (problem.value.status, problem.value.code) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "NOT_JSON"),
        (b'{"name": "\xff"}', "NOT_JSON"),
        (b'{"name": "\\ud800"}', "NOT_JSON"),
        (b"[1]", "NOT_AN_OBJECT"),
        (b'{"name": 1}', "INVALID"),
    ],
)
async def test_a_bad_line_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as problem:
        Line(1, raw).read(_Model)
    assert problem.value.code == code


async def test_a_good_line_is_read() -> None:
    assert Line(1, b'{"name": "\xc3\xb6"}').read(_Model) == _Model(name="ö")

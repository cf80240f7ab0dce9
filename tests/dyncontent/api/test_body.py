"""Bodies are read up to a limit, and no further."""

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from dyncontent.api.body import read_bytes, read_model, read_model_if_any
from dyncontent.catalog.recipient import Profile, Purchase
from dyncontent.errors import ProblemError

pytestmark = pytest.mark.anyio


def _request(chunks: list[bytes]) -> tuple[Request, list[bytes]]:
    """A request that sends these chunks, and those that were taken from it."""
    taken: list[bytes] = []

    async def messages() -> AsyncIterator[Message]:
        for chunk in chunks:
            taken.append(chunk)
            yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http"}, messages().__anext__), taken


@pytest.mark.parametrize("chunks", [[], [b"abc"], [b"a", b"bc"]])
async def test_a_body_is_put_together(chunks: list[bytes]) -> None:
    request, _ = _request(chunks)
    assert await read_bytes(request, 3) == b"".join(chunks)


async def test_what_is_too_large_is_not_read_to_its_end() -> None:
    request, taken = _request([b"x" * 10] * 1000)
    with pytest.raises(ProblemError) as problem:
        await read_bytes(request, 25)
    assert problem.value.status == 413
    assert len(taken) == 3


async def test_a_model_is_read_strictly() -> None:
    request, _ = _request([b'{"product": "rome"}'])
    assert await read_model(request, Purchase) == Purchase(product="rome")
    request, _ = _request([b'{"product": 5}'])
    with pytest.raises(ProblemError) as problem:
        await read_model(request, Purchase)
    assert [field.path for field in problem.value.fields] == ["product"]


async def test_no_body_at_all_may_be_as_good_as_an_empty_object() -> None:
    for chunks in ([], [b""], [b"{}"]):
        request, _ = _request(chunks)
        assert await read_model_if_any(request, Profile) == Profile()
    request, _ = _request([b" "])
    with pytest.raises(ProblemError) as problem:
        await read_model_if_any(request, Profile)
    assert problem.value.code == "NOT_JSON"

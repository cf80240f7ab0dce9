"""Headers and bytes, straight to ASGI."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from dyncontent.delivery.reply import NEVER_STORED, NOT_SNIFFED, Reply

pytestmark = pytest.mark.anyio

LENGTH = (b"content-length", b"3")
TYPE = (b"content-type", b"image/png")
ETAG = (b"etag", b'"a"')


async def _sent(reply: Reply, *, head: bool = False) -> tuple[int, list[Any], bytes]:
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await reply.send(send, head=head)
    start, body = messages
    assert [start["type"], body["type"]] == ["http.response.start", "http.response.body"]
    return start["status"], start["headers"], body["body"]


async def test_a_reply_is_typed_measured_and_never_stored() -> None:
    status, headers, body = await _sent(Reply(200, "image/png", b"abc", (ETAG,)))
    assert (status, body) == (200, b"abc")
    assert sorted(headers) == sorted([TYPE, LENGTH, NEVER_STORED, NOT_SNIFFED, ETAG])


async def test_head_gets_the_headers_without_the_body() -> None:
    reply = Reply(200, "image/png", b"abc")
    assert await _sent(reply, head=True) == (*(await _sent(reply))[:2], b"")


async def test_not_modified_tells_of_no_content() -> None:
    status, headers, body = await _sent(Reply(304, "image/png", b"", (ETAG,)))
    assert (status, body) == (304, b"")
    assert sorted(headers) == sorted([NEVER_STORED, NOT_SNIFFED, ETAG])

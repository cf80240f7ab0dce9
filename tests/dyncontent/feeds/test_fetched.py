"""A feed from its address."""

import pytest

from dyncontent.catalog.feed import FeedState
from dyncontent.feeds.fetched import fetched, wanted
from dyncontent.outgoing.client import Outgoing
from dyncontent.outgoing.reach import OutgoingError, Reach
from tests.answering import Conversation, answering

pytestmark = pytest.mark.anyio


def test_what_is_known_of_the_last_answer_is_asked_by() -> None:
    asked = wanted("https://shop.example/f", FeedState(etag='"1"', last_modified="m"))
    assert (asked.etag, asked.modified) == ('"1"', "m")
    asked = wanted("https://shop.example/f", FeedState())
    assert (asked.etag, asked.modified) == ("", "")


@pytest.mark.parametrize(
    ("type_", "taken"), [("text/csv", True), ("application/rss+xml", True), ("text/html", False)]
)
async def test_files_of_feeds_are_taken_and_pages_are_not(type_: str, taken: bool) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("200 OK", b"id", content_type=type_)

    async with answering(handle) as server:
        chunks = fetched(Outgoing(Reach.of([server.place])), server.url())
        if taken:
            assert b"".join([chunk async for chunk in chunks]) == b"id"
        else:
            with pytest.raises(OutgoingError):
                await anext(chunks)

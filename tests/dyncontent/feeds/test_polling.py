"""A feed on its schedule."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.feed import FeedState
from dyncontent.feeds.polling import Poller
from dyncontent.outgoing.client import Outgoing
from dyncontent.outgoing.reach import Reach
from tests.answering import Answering, Conversation, answering
from tests.dyncontent.feeds.support import AT, Shop, feed

pytestmark = pytest.mark.anyio

FILE = b"id,title\nrome,Rome\noslo,Oslo\nriga,Riga\nparis,Paris\n"


class Polled:
    """A feed at an address, which was seen before."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.file = FILE
        self.status = "200 OK"
        self.server = Answering()

    async def handle(self, asked: Conversation) -> None:
        tag = f'"{hash(self.file)}"'
        if self.status == "200 OK" and asked.headers.get("if-none-match") == tag:
            await asked.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            await asked.answer(self.status, self.file, content_type="text/csv", etag=tag)

    async def poll(self) -> FeedState:
        """As if the interval were over."""
        poller = Poller(
            self.shop.feeds, self.shop.importer, Outgoing(Reach.of([self.server.place]))
        )
        await self.shop.feeds.note(self.shop.name, fetched_at=None)
        await poller.poll_if_due(self.shop.name)
        return await self.shop.feeds.state(self.shop.name)

    async def outcomes(self) -> list[str]:
        return [str(run["outcome"]) for run in await self.shop.feeds.runs(self.shop.name)]


@pytest.fixture
async def polled(shop: Shop) -> AsyncIterator[Polled]:
    polled = Polled(shop)
    async with answering(polled.handle) as polled.server:
        await shop.define(url=polled.server.url(), every="PT1H")
        await shop.run(FILE)
        yield polled


async def test_a_file_is_imported_and_not_again_while_it_is_the_same(polled: Polled) -> None:
    polled.file = FILE + b"bonn,Bonn\n"
    state = await polled.poll()
    assert state.fetched_at is not None
    assert state.etag is not None
    assert (state.error, state.failures) == (None, 0)
    await polled.poll()
    assert await polled.outcomes() == ["written", "written"]
    assert len(polled.server.asked) == 2


async def test_what_is_not_due_is_not_asked(polled: Polled) -> None:
    await polled.poll()
    poller = Poller(
        polled.shop.feeds, polled.shop.importer, Outgoing(Reach.of([polled.server.place]))
    )
    await poller.poll_if_due(polled.shop.name)
    await polled.shop.define()
    await poller.poll_if_due(polled.shop.name)
    assert len(polled.server.asked) == 1


async def test_a_feed_that_cannot_be_fetched_leaves_the_shop_as_it_is(polled: Polled) -> None:
    polled.status = "500 Broken"
    first = await polled.poll()
    assert first.error == "127.0.0.1 answers 500 Internal Server Error"
    second = await polled.poll()
    assert (second.failures, second.failing_since) == (2, first.failing_since)
    assert await polled.outcomes() == ["written"]
    polled.status = "200 OK"
    third = await polled.poll()
    assert (third.error, third.failing_since, third.failures) == (None, None, 0)


async def test_a_file_that_is_refused_is_told_and_looked_at_again(polled: Polled) -> None:
    await polled.poll()
    polled.file = b"id,title\nrome,Rome\n"
    for _ in range(2):
        state = await polled.poll()
        assert state.error is not None
        assert "one import retires at most" in state.error
        assert state.failures == 0
    assert await polled.outcomes() == ["refused", "refused", "unchanged", "written"]
    polled.file = FILE
    assert (await polled.poll()).error is None


async def test_a_feed_that_is_forgotten_meanwhile_leaves_nothing(polled: Polled) -> None:
    handle = polled.handle

    async def forget(asked: Conversation) -> None:
        await polled.shop.feeds.delete(polled.shop.name)
        await handle(asked)

    async with answering(forget) as polled.server:
        await polled.shop.define(url=polled.server.url(), every="PT1H")
        with pytest.raises(NotFoundError):
            await polled.poll()
    [left] = await polled.shop.store.ask(
        ("EXISTS", polled.shop.store.keys.feed_state(polled.shop.name))
    )
    assert left == 0


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 60), (1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (99, 60)]
)
def test_what_failed_is_tried_again_sooner_with_longer_pauses(failures: int, minutes: int) -> None:
    definition = feed(url="https://shop.example/f", every="PT1H")
    state = FeedState(fetched_at=AT, seen_at=AT, failures=failures)
    assert not state.is_due(definition, AT + timedelta(minutes=minutes - 0.1))
    assert state.is_due(definition, AT + timedelta(minutes=minutes))

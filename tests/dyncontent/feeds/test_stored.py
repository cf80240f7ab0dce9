"""Feeds in the store."""

from datetime import UTC, datetime, timedelta

import pytest

from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.catalog.feed import FeedState
from dyncontent.catalog.precondition import Precondition, PreconditionError, etag
from dyncontent.feeds import stored
from dyncontent.feeds.stored import FeedBusyError
from tests.dyncontent.feeds.support import Shop, feed, table

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://shop.example/feed.xml"


async def test_a_definition_is_got_as_it_was_put(shop: Shop) -> None:
    definition = feed(
        columns={"stock": None, "id": ["a", "b"]}, attributes={}, every="PT1H", url=URL
    )
    await shop.feeds.put("x", definition)
    assert await shop.feeds.get("x") == definition
    assert await shop.feeds.all() == {"shop": feed(), "x": definition}
    assert await shop.feeds.listed(1, "shop") == [("x", definition)]
    with pytest.raises(NotFoundError):
        await shop.feeds.get("y")


async def test_two_editors_do_not_overwrite_each_other(shop: Shop) -> None:
    seen = Precondition(match=(etag(feed()),))
    await shop.feeds.put("shop", feed(title="A"), seen)
    with pytest.raises(PreconditionError):
        await shop.feeds.put("shop", feed(title="B"), seen)
    with pytest.raises(PreconditionError):
        await shop.feeds.delete("shop", seen)
    with pytest.raises(PreconditionError):
        await shop.feeds.put("new", feed(), seen)
    assert (await shop.feeds.get("shop")).title == "A"


async def test_what_is_forgotten_leaves_its_products(shop: Shop) -> None:
    await shop.run(table("a"))
    await shop.feeds.delete("shop")
    assert (await shop.product("a")).stock == 5
    assert not await shop.present()
    assert await shop.feeds.state("shop") == FeedState()
    assert await shop.feeds.all() == {}
    with pytest.raises(NotFoundError):
        await shop.feeds.delete("shop")
    with pytest.raises(NotFoundError):
        await shop.feeds.runs("shop")


async def test_a_feed_is_due_after_its_interval_and_not_before_it_was_seen(shop: Shop) -> None:
    await shop.define(url=URL, every="PT1H")
    assert not await shop.feeds.due(NOW)
    await shop.feeds.note("shop", seen_at=NOW)
    [due] = await shop.feeds.due(NOW)
    assert (due.id, due.feed.url, due.state.seen_at) == ("shop", URL, NOW)
    await shop.feeds.note("shop", fetched_at=NOW, etag='"x"')
    assert not await shop.feeds.due(NOW + timedelta(minutes=59))
    [due] = await shop.feeds.due(NOW + timedelta(hours=1))
    assert (due.state.etag, due.state.seen_at) == ('"x"', NOW)


async def test_another_definition_does_not_know_the_last_answer(shop: Shop) -> None:
    await shop.feeds.note("shop", etag='"x"', last_modified="m", seen_at=NOW)
    await shop.define()
    assert (await shop.feeds.state("shop")).etag == '"x"'
    await shop.define(currency="EUR")
    assert await shop.feeds.state("shop") == FeedState(seen_at=NOW)


async def test_one_at_a_time(shop: Shop) -> None:
    async with shop.feeds.alone("shop"):
        with pytest.raises(FeedBusyError):
            async with shop.feeds.alone("shop"):
                raise AssertionError
        async with shop.feeds.alone("other"):
            pass
        with pytest.raises(FeedBusyError):
            await shop.feeds.delete("shop")
    async with shop.feeds.alone("shop"):
        pass


async def test_who_lost_its_turn_hears_of_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    key = shop.store.keys.feed_lock("shop")
    monkeypatch.setattr(stored, "LOCK_SECONDS", 1)
    async with shop.feeds.alone("shop") as go_on:
        monkeypatch.setattr(stored, "LOCK_SECONDS", 0)
        await shop.store.ask(("SET", key, "another"))
        with pytest.raises(FeedBusyError):
            await go_on()
    assert await shop.store.ask(("GET", key)) == [b"another"]


async def test_all_products_are_walked_through(shop: Shop) -> None:
    names = [f"p{number}" for number in range(1500)]
    await shop.run(table(*names))
    assert await shop.present() == set(names)
    assert await shop.feeds.owned("shop", ["p0", "none"]) == [b"1", None]
    assert await shop.feeds.owned("shop", []) == []


async def test_only_the_last_runs_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_RUNS", 2)
    for number in range(3):
        await shop.feeds.add_run("shop", b"%d" % number)
    assert await shop.feeds.runs("shop") == [2, 1]  # type: ignore[comparison-overlap]

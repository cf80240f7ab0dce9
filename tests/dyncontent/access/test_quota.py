"""How many requests a token may make."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from dyncontent.access.quota import Quota, Quotas, Standing
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from tests.valkeys import valkey

pytestmark = pytest.mark.anyio


async def _clock(store: Store) -> float:
    [[seconds, micros]] = await store.ask(("TIME",))
    return int(seconds) + int(micros) / 1e6


async def _counted(quotas: Quotas, name: str) -> Standing:
    standing = await quotas.take(name)
    assert standing is not None
    return standing


async def test_so_many_at_once_and_no_more(store: Store) -> None:
    quotas = Quotas(store, Quota(3, 3600))
    stood = [await _counted(quotas, "one") for _ in range(5)]
    assert [one.is_within for one in stood] == [True, True, True, False, False]
    assert [one.left for one in stood] == [2, 1, 0, 0, 0]
    assert all(1195 < one.wait <= 1200 for one in stood)
    assert (await _counted(quotas, "other")).left == 2


@pytest.mark.parametrize("at_once", [1, 16])
async def test_in_no_time_more_pass_than_the_bucket_and_what_comes_back(
    store: Store, at_once: int
) -> None:
    """On the store's clock, and from several servers at once."""
    quota = Quota(5, 0.05)
    servers = [Quotas(store, quota), Quotas(store, quota)]
    passed: list[float] = []
    for number in range(600 // at_once):
        before = await _clock(store)
        stood = await asyncio.gather(
            *(_counted(servers[(number + one) % 2], "one") for one in range(at_once))
        )
        passed += [before for standing in stood if standing.is_within]
        assert all(standing.left < quota.most for standing in stood)
    end = await _clock(store)
    assert len(passed) >= quota.most
    for first, begin in enumerate(passed):
        within = len(passed) - first
        # All of these passed between `begin` and `end`.
        assert within <= quota.most + (end - begin) / quota.seconds * quota.most + 1e-6


async def test_after_the_wait_one_more_passes(store: Store) -> None:
    quotas = Quotas(store, Quota(2, 0.2))
    while (refused := await _counted(quotas, "one")).is_within:
        pass
    await asyncio.sleep(refused.wait)
    assert (await _counted(quotas, "one")).is_within


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 1_000_000))
async def test_a_first_request_always_passes(store_url: str, prefix: str, most: int) -> None:
    store = Store(connect(store_url), Keys(prefix))
    try:
        first = await _counted(Quotas(store, Quota(most)), f"of-{most}")
        assert first.is_within
        assert first.left in (most - 1, most - 2)  # what came back meanwhile is not lost
        assert 0 < first.wait <= 60 / most + 1e-5
        await store.ask(("DEL", store.keys.quota(f"of-{most}")))
    finally:
        await store.aclose()


async def test_what_is_whole_again_is_forgotten(store: Store) -> None:
    await _counted(Quotas(store, Quota(60, 60)), "one")
    [lasts] = await store.ask(("PTTL", store.keys.quota("one")))
    assert 0 < lasts <= 1000


async def test_a_store_that_is_not_reached_counts_nothing(tmp_path: Path) -> None:
    store = Store(connect(f"unix://{tmp_path}/none.sock"), Keys("p"))
    assert await Quotas(store, Quota(1)).take("one") is None
    await store.aclose()


async def test_a_store_that_cannot_write_holds_nothing_up(tmp_path: Path) -> None:
    with valkey(tmp_path) as url:
        store = Store(connect(url), Keys("p"))
        await store.ask(("CLIENT", "PAUSE", 60_000, "WRITE"))
        async with asyncio.timeout(5):
            assert await Quotas(store, Quota(1)).take("one") is None
            assert await Quotas(store, Quota(1)).take("one") is None
        with Redis.from_url(url) as other:  # what is paused holds its own connection
            other.client_unpause()
        await store.aclose()


def test_the_headers_of_the_draft() -> None:
    assert Quota(100).policy == '"token";q=100;w=60'
    assert Standing(is_within=True, left=7, wait=0.2).limit == '"token";r=7;t=1'
    assert Standing(is_within=False, left=0, wait=1.2).limit == '"token";r=0;t=2'

"""Old events go, but none that somebody has still to read."""

from datetime import UTC, datetime, timedelta

import pytest

from dyncontent.store.store import Store
from dyncontent.worker import upkeep
from dyncontent.worker.upkeep import Upkeep

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COUNT = 1000


async def _fill(store: Store, days: float) -> list[bytes]:
    """Events, one after the other until now; their ids."""
    begin = round((NOW - timedelta(days=days)).timestamp() * 1000)
    step = round(days * 86400 * 1000 / COUNT)
    entries = [
        ("XADD", store.keys.events, f"{begin + number * step}-0", "event", "{}")
        for number in range(COUNT)
    ]
    return list(await store.ask(*entries))


async def _left(store: Store) -> list[bytes]:
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    return [entry for entry, _ in entries]


async def test_events_that_are_too_old_go(store: Store) -> None:
    ids = await _fill(store, days=100)
    removed = await Upkeep(store, 50).trim(NOW)
    left = await _left(store)
    assert left == ids[removed:]
    assert set(ids[COUNT // 2 :]) <= set(left)
    assert 0 <= len(left) - COUNT // 2 <= 100


async def test_many_go_in_several_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "AT_ONCE", 100)
    await _fill(store, days=100)
    assert await Upkeep(store, 1).trim(NOW) >= COUNT - 200


async def test_young_events_stay_and_so_do_all_where_they_are_kept_for_ever(store: Store) -> None:
    ids = await _fill(store, days=100)
    assert await Upkeep(store, 101).trim(NOW) == 0
    assert await Upkeep(store, 0).trim(NOW) == 0
    assert await _left(store) == ids


async def test_without_events_there_is_nothing_to_do(store: Store) -> None:
    assert await Upkeep(store, 1).trim(NOW) == 0


async def _read(store: Store, group: str, count: int) -> list[bytes]:
    command = ("XREADGROUP", "GROUP", group, "me", "COUNT", count, "STREAMS", store.keys.events)
    [[(_, entries)]] = await store.ask((*command, ">"))
    return [entry for entry, _ in entries]


@pytest.mark.parametrize("read", [0, 1, 300])
async def test_what_a_group_has_not_read_stays(store: Store, read: int) -> None:
    ids = await _fill(store, days=100)
    await store.ask(("XGROUP", "CREATE", store.keys.events, "reports", "0"))
    if read:
        taken = await _read(store, "reports", read)
        await store.ask(("XACK", store.keys.events, "reports", *taken))
    await Upkeep(store, 10).trim(NOW)
    left = await _left(store)
    assert set(ids[read:]) <= set(left)
    assert len(left) <= COUNT - read + 100


async def test_what_a_group_has_read_and_not_acknowledged_stays(store: Store) -> None:
    ids = await _fill(store, days=100)
    await store.ask(("XGROUP", "CREATE", store.keys.events, "reports", "0"))
    taken = await _read(store, "reports", 900)
    await store.ask(("XACK", store.keys.events, "reports", *taken[:400]))
    await Upkeep(store, 10).trim(NOW)
    assert set(ids[400:]) <= set(await _left(store))


async def test_the_slowest_of_several_groups_counts(store: Store) -> None:
    ids = await _fill(store, days=100)
    for group, read in (("fast", 900), ("slow", 200)):
        await store.ask(("XGROUP", "CREATE", store.keys.events, group, "0"))
        await store.ask(("XACK", store.keys.events, group, *await _read(store, group, read)))
    await Upkeep(store, 10).trim(NOW)
    assert set(ids[200:]) <= set(await _left(store))


async def test_it_is_due_once_an_hour(store: Store) -> None:
    kept = Upkeep(store, 30)
    [task] = await kept.due(datetime.now(UTC))
    assert task.name == "upkeep"
    await task.run()
    assert await kept.due(datetime.now(UTC)) == []
    assert await kept.due(datetime.now(UTC) + timedelta(hours=1)) != []


async def test_another_that_was_faster_has_done_it(store: Store) -> None:
    kept = Upkeep(store, 1)
    await kept.run_if_due()
    await _fill(store, days=100)
    await kept.run_if_due()
    assert len(await _left(store)) == COUNT

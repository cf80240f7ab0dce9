"""A store that would lose what it was given."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dyncontent.doctor.stored import Node, examine_node, examine_store
from tests.valkeys import valkey

BUDGET_MS = 150
GOOD = Node(
    name="store",
    version="Valkey 9.1",
    round_trip=0.001,
    drift=0.5,
    append_only=True,
    sync="always",
    snapshots="",
    policy="noeviction",
    memory=50,
    most_memory=100,
)


def _amiss(**changes: Any) -> dict[str, str]:
    found = list(examine_node(replace(GOOD, **changes), BUDGET_MS))
    for finding in found:
        assert bool(finding.advice) == (finding.severity != "ok")
    return {finding.check: finding.severity for finding in found if finding.severity != "ok"}


@pytest.mark.parametrize(
    ("changes", "amiss"),
    [
        ({}, {}),
        ({"round_trip": 0.05}, {}),
        ({"round_trip": 0.051}, {"store": "warning"}),
        ({"round_trip": 0.076}, {"store": "error"}),
        ({"sync": "everysec"}, {}),
        ({"sync": ""}, {}),
        ({"sync": "no"}, {"store: durable": "warning"}),
        ({"append_only": False, "snapshots": "3600 1"}, {"store: durable": "warning"}),
        ({"append_only": False}, {"store: durable": "error"}),
        ({"policy": "volatile-ttl"}, {}),
        ({"policy": "allkeys-lru"}, {"store: eviction": "error"}),
        ({"policy": ""}, {"store: eviction": "warning"}),
        ({"drift": 2.0}, {}),
        ({"drift": 2.1}, {"store: clock": "error"}),
        ({"drift": -2.1}, {"store: clock": "error"}),
        ({"memory": 80}, {}),
        ({"memory": 81}, {"store: memory": "warning"}),
        ({"most_memory": 0}, {"store: memory": "warning"}),
    ],
)
def test_what_is_amiss_is_said(changes: dict[str, Any], amiss: dict[str, str]) -> None:
    assert _amiss(**changes) == amiss


def test_an_embedded_store_may_use_what_there_is() -> None:
    found = examine_node(replace(GOOD, most_memory=0), BUDGET_MS, embedded=True)
    assert {finding.severity for finding in found} == {"ok"}


@pytest.mark.anyio
async def test_the_embedded_store_is_well(store_url: str) -> None:
    found = await examine_store(store_url, 10_000, embedded=True)
    assert len(found) == 5
    assert {finding.severity for finding in found} == {"ok"}
    assert found[0].found.startswith("Valkey 9.")


@pytest.mark.anyio
async def test_a_store_with_bad_settings_is_told_from_a_good_one(tmp_path: Path) -> None:
    with valkey(tmp_path, maxmemory="100mb", maxmemory_policy="allkeys-lru") as url:
        found = await examine_store(url, 10_000)
    assert [finding.severity for finding in found] == ["ok", "error", "error", "ok", "ok"]
    assert "allkeys-lru may drop" in found[2].found


@pytest.mark.anyio
async def test_snapshots_alone_are_a_warning(tmp_path: Path) -> None:
    with valkey(tmp_path, save="3600 1") as url:
        found = await examine_store(url, 10_000)
    assert "snapshots alone (3600 1)" in found[1].found
    assert [finding.severity for finding in found] == ["ok", "warning", "ok", "ok", "warning"]


@pytest.mark.anyio
async def test_a_clock_that_is_wrong_is_said(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + 100)
    clock = (await examine_store(store_url, 10_000))[3]
    assert clock.severity == "error"
    assert clock.found.startswith(("the store is 100.0 s behind", "the store is 99.9 s behind"))


@pytest.mark.anyio
async def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    [found] = await examine_store(f"unix://{tmp_path}/none.sock", BUDGET_MS)
    assert (found.check, found.severity) == ("store", "error")

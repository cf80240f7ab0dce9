"""Freshness is measured on every worker, and only where the change log is really cut off."""

import asyncio
import random
import sys

import pytest

from benchmarks import freshness
from benchmarks.cut import Line
from benchmarks.freshness import CUT_TARGET_MILLISECONDS
from benchmarks.peers.opens import block
from benchmarks.probe import WrongError, probes
from benchmarks.site import Site

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def chance() -> random.Random:
    return random.Random(1)


def test_each_worker_is_asked_and_a_wrong_answer_ends_it(opened: Site) -> None:
    path = opened.links[block.BLOCK][0].image

    async def ask() -> list[bytes]:
        async with probes(server.peer.base_url, server.pids, path) as every:
            assert {one.pid for one in every} == set(server.pids)
            with pytest.raises(WrongError, match="404"):
                await every[0].open("/nothing")
            return [await one.open(path) for one in every]

    with freshness._two_workers(opened) as server:
        assert asyncio.run(ask()) == [opened.wanted(0)] * 2


def test_a_cut_change_log_is_felt_and_not_for_long(opened: Site, chance: random.Random) -> None:
    delays = freshness._silent(opened, 2, chance)
    assert len(delays) == 2
    assert max(delays) * 1000 <= CUT_TARGET_MILLISECONDS


def test_a_change_log_that_goes_on_is_noticed(
    opened: Site, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Line, "cut", lambda _: None)
    with pytest.raises(SystemExit, match="the change log was not cut off"):
        freshness._silent(opened, 2, chance)

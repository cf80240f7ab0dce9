"""Two workers are two only if both work."""

import itertools
import os
import sys

import pytest

from benchmarks import instant
from benchmarks.peers.opens import Peer
from benchmarks.trial import Contestant
from benchmarks.workers import ONE, TWO, Workers, run
from dyncontent.load.answer import exactly
from dyncontent.load.sender import Request

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_one_that_does_nothing_ends_the_run() -> None:
    with instant.serving(100) as (url, pid), instant.serving(100) as (_, idle):
        request = Request.get(url, exactly(instant.MEDIA_TYPE, instant.body(100)), "a test")
        contestant = Contestant("one", url, (pid,), lambda: itertools.repeat(request))
        one = Workers(Peer(ONE, url, (pid,)), (pid,))
        assert run(one, contestant, 0.1, os.getpid()).figures["least part of a worker"] == 1
        two = Workers(Peer(TWO, url, (pid,)), (pid, idle))
        with pytest.raises(SystemExit, match="two workers: one did 0% of the work"):
            run(two, contestant, 0.1, os.getpid())

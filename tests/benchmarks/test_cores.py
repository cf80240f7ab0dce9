"""Where processes may run."""

import os
import sys

import pytest

from benchmarks import cores


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do that")
def test_a_process_is_kept_elsewhere_for_a_while() -> None:
    before = os.sched_getaffinity(0)
    with cores.elsewhere(0, cores.ALL[:1]):
        assert os.sched_getaffinity(0) == {cores.ALL[0]}
    assert os.sched_getaffinity(0) == before


def test_workers_have_no_core_of_the_sender_if_there_are_enough() -> None:
    others = {core for own in cores.OF_WORKERS for core in own}
    assert (cores.SENDER in others) is not cores.WORKERS_APART
    assert set(cores.BESIDE_WORKERS) | others == set(cores.ALL)

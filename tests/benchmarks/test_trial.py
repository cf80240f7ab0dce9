"""One trial: counted, timed, and ended by a wrong answer."""

import asyncio
import itertools
import os
import subprocess
import sys
import time

import pytest

from benchmarks import instant
from benchmarks.trial import (
    Contestant,
    cpu_seconds,
    in_closed_loop,
    in_closed_loop_while,
    in_open_loop,
    resident_bytes,
)
from dyncontent.load.answer import exactly
from dyncontent.load.arrivals import steady
from dyncontent.load.sender import Request

SIZE = 1000
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _contestant(url: str, pid: int, body: bytes) -> Contestant:
    request = Request.get(url, exactly(instant.MEDIA_TYPE, body), "a test")
    return Contestant("one", url, (pid,), lambda: itertools.repeat(request), 2)


def test_who_answers_rightly_is_counted_and_timed() -> None:
    with instant.serving(SIZE) as (url, pid):
        contestant = _contestant(url, pid, instant.body(SIZE))
        closed = in_closed_loop(contestant, 0.2, os.getpid())
        open_ = in_open_loop(contestant, steady(100, 0.2), os.getpid())

        async def happens() -> None:
            await asyncio.sleep(0.05)

        meanwhile = in_closed_loop_while(contestant, happens, os.getpid())
    assert closed.figures["opens"] > 2
    assert closed.figures["CPU seconds of a thousand"] > 0
    assert open_.figures["opens"] == 20
    assert meanwhile.figures["opens"] > 0
    for run in (closed, open_, meanwhile):
        times = list(run.milliseconds.values())
        assert times == sorted(times)
        assert times[0] > 0


def test_a_server_that_answers_a_wrong_picture_ends_the_run() -> None:
    with instant.serving(SIZE) as (url, pid):
        contestant = _contestant(url, pid, instant.body(SIZE)[:-1] + b"!")
        with pytest.raises(SystemExit, match=r"one did not answer all rightly: .*another body"):
            in_closed_loop(contestant, 0.1, os.getpid())
        with pytest.raises(SystemExit, match="another body"):
            in_open_loop(contestant, [0.0], os.getpid())


def test_what_a_process_has_started_is_counted_with_it() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    told = "print(); import sys; sys.stdin.read()"
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {burn + told!r}],"
        " stdin=subprocess.PIPE)\n"
        "sys.stdin.read(); child.stdin.close(); child.wait()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        alone = time.clock_gettime((~parent.pid << 3) | 2)
        assert cpu_seconds([parent.pid]) >= alone + 0.25
        assert cpu_seconds([parent.pid, parent.pid]) < 2 * cpu_seconds([parent.pid])
        assert resident_bytes([parent.pid]) > 5e6
        parent.communicate()

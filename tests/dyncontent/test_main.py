"""The way in."""

import signal
import subprocess
import sys

import pytest

_STUBBORN_IMPORT = """
import sys, time

class Stubborn:
    def find_spec(self, name, path=None, target=None):
        if name == "dyncontent.cli":
            print("importing", flush=True)
            while True:
                try:
                    time.sleep(60)
                except KeyboardInterrupt:
                    pass

sys.meta_path.insert(0, Stubborn())
from dyncontent.__main__ import run
run()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_also_where_an_import_would_lose_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STUBBORN_IMPORT], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"importing\n"
        process.send_signal(number)
        _, printed = process.communicate(timeout=30)
    assert (process.returncode, printed) == (-number, b"")

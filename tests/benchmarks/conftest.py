"""What is opened, for tests of the programs that measure it."""

import os
from collections.abc import Iterator

import pytest

from benchmarks.site import Site, site


@pytest.fixture(scope="module")
def opened() -> Iterator[Site]:
    """A site of four people; this process may run where it could before."""
    everywhere = os.sched_getaffinity(0)
    try:
        with site(4) as found:
            yield found
    finally:
        os.sched_setaffinity(0, everywhere)

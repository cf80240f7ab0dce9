"""`make fuzz` asks for the longer profile."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.fuzz.reader import Reader

settings.register_profile(
    "fuzz",
    max_examples=20_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A process that takes uploads, one after another."""
    with Reader() as reader:
        yield reader

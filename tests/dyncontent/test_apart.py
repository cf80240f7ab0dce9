"""Fonts that are read in another process."""

import asyncio
import logging
import sys

import pytest

from dyncontent import apart
from dyncontent.apart import accept_apart
from renderers.fonts import Font
from renderers.typeface import TypefaceError, accept
from tests.processes import is_alive
from tests.renderers.typeface.support import blocky, few, shipped

pytestmark = pytest.mark.anyio

Process = asyncio.subprocess.Process


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that were begun."""
    begun: list[Process] = []
    begin = asyncio.create_subprocess_exec

    async def noted(*command: str, **more: object) -> Process:
        process = await begin(*command, **more)  # type: ignore[arg-type]
        begun.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    return begun


@pytest.mark.parametrize("data", [few(), few(Font.REGULAR), blocky()])
async def test_a_font_is_what_it_would_be_here(data: bytes, readers: list[Process]) -> None:
    assert await accept_apart(data) == accept(data)
    assert [reader.returncode for reader in readers] == [0]


async def test_a_refusal_says_why() -> None:
    with pytest.raises(TypefaceError, match=r"^a font is one of TTF, OTF, WOFF, WOFF2$"):
        await accept_apart(b"")


async def test_a_reader_that_needs_too_much_memory_is_told() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux holds a process to its memory")
    with pytest.raises(TypefaceError, match="leave out scripts that you do not write"):
        await accept_apart(shipped(Font.REGULAR), memory=16 * 1024 * 1024)


async def test_a_reader_that_crashes_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(apart, "__name__", "tests.crash")
    with pytest.raises(TypefaceError, match="cannot be read within 60 seconds and 1024 MB: leave"):
        await accept_apart(few())
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "could not be read: exit code 1, " in record.message
    assert "No module named tests.crash" in record.message


async def test_a_reader_that_takes_too_long_is_ended(readers: list[Process]) -> None:
    with pytest.raises(TypefaceError, match=r"cannot be read within 0\.2 seconds"):
        await accept_apart(shipped(Font.REGULAR), seconds=0.2)
    assert not any(is_alive(reader.pid) for reader in readers)
    assert len(readers) == 1


async def test_a_reader_that_nobody_waits_for_is_ended(readers: list[Process]) -> None:
    reading = asyncio.create_task(accept_apart(shipped(Font.REGULAR)))
    while not readers:
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not is_alive(readers[0].pid)


async def test_a_reader_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_API_TOKENS", "secret")
    monkeypatch.setenv("ELSE", "kept")
    environment = apart._environment()
    assert environment["ELSE"] == "kept"
    assert "secret" not in environment.values()
    assert environment["PYTHONPATH"].split(":")[-1] == [part for part in sys.path if part][-1]

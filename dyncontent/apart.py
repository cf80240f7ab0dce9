"""Foreign fonts are read in a process of their own: it has so much memory and time and no more,
knows no secret, and if it crashes, the server does not.

What goes in is the file; what comes out is a line of JSON, and after it the font that is stored.
"""

import asyncio
import logging
import os
import resource
import sys
from asyncio.subprocess import PIPE
from dataclasses import fields
from typing import Any

import orjson

from renderers.typeface import Typeface, TypefaceError, accept

log = logging.getLogger(__name__)

SECONDS = 60
"""Of computing, and until there must be an answer."""
MEMORY = 1024 * 1024 * 1024
"""Bytes; only Linux holds a process to it."""
_REFUSED = "refused"
_TOO_MUCH = (
    "the font cannot be read within {} seconds and {} MB: leave out scripts that you do not write"
)


async def accept_apart(data: bytes, seconds: float = SECONDS, memory: int = MEMORY) -> Typeface:
    """As `renderers.typeface.accept`. Raises TypefaceError."""
    reader = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(int(seconds) + 1), str(memory)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(seconds):
            answer, said = await reader.communicate(data)
    except TimeoutError:
        answer = said = b""
    finally:
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
    if not answer:
        log.warning(
            "a font of %d bytes could not be read: exit code %s, %s",
            *(len(data), reader.returncode, said[-1000:].decode(errors="replace")),
        )
        raise TypefaceError(_TOO_MUCH.format(seconds, memory // 2**20))
    return _heard(answer)


def _environment() -> dict[str, str]:
    """This process's, without the settings, among which are secrets."""
    plain = {name: value for name, value in os.environ.items() if "DYNCONTENT" not in name}
    return plain | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _heard(answer: bytes) -> Typeface:
    line, _, data = answer.partition(b"\n")
    told: dict[str, Any] = orjson.loads(line)
    if _REFUSED in told:
        raise TypefaceError(told[_REFUSED])
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    facts: dict[str, Any] = told | lists
    return Typeface(**facts, data=data)


def _tell(data: bytes) -> bytes:
    try:
        typeface = accept(data)
    except TypefaceError as error:
        return orjson.dumps({_REFUSED: str(error)}) + b"\n"
    names = [field.name for field in fields(typeface) if field.name != "data"]
    told = {name: getattr(typeface, name) for name in names}
    return orjson.dumps(told) + b"\n" + typeface.data


def _limit(seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    logging.disable()  # fontTools tells each thing that is odd; what matters is refused in words
    _limit(*map(int, sys.argv[1:]))
    sys.stdout.buffer.write(_tell(sys.stdin.buffer.read()))

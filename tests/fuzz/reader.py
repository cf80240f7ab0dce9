"""A process that takes uploads as the server does: should a decoder crash, it is this one that
ends, and the test fails.

A question is a line with the kind and the length, and the file; an answer is a line of JSON.
"""

import faulthandler
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

from PIL import Image, ImageDraw, ImageFont

from renderers import picture, typeface
from renderers.picture import PictureError
from renderers.typeface import TypefaceError

MEMORY = 1024 * 1024 * 1024
"""Bytes that the process may have."""
MOST_SECONDS = 10
"""Of computing, for one file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused` is why, None if the file was taken; `megabytes` are those by which the process grew
    beyond all that it had before."""

    refused: str | None
    seconds: float
    megabytes: float


class Reader:
    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def read(self, kind: str, data: bytes) -> Outcome:
        """Fails for anything but a file that is taken and drawn, or refused in words."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{kind} {len(data)}\n".encode() + data)
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            process.wait(MOST_SECONDS)
            self._errors.seek(0)
            crash = f"exit code {process.returncode}: {self._errors.read()}"
            self.__exit__()
            self.__enter__()
            raise AssertionError(crash)
        told = json.loads(answer)
        assert "fault" not in told, told["fault"]
        outcome = Outcome(**told)
        assert outcome.seconds < MOST_SECONDS, outcome
        return outcome


def take_picture(data: bytes) -> None:
    taken = picture.accept(data)
    image = picture.decode(taken.data)
    assert image.size == (taken.width, taken.height)
    assert len(image.tobytes()) == taken.width * taken.height * len(image.mode)


def take_font(data: bytes) -> None:
    """What is stored is drawn as texts are, in other sizes and orders than it was checked in."""
    taken = typeface.accept(data)
    for size in (9, 48):
        face = ImageFont.truetype(BytesIO(taken.data), size)
        face.getmetrics()
        for text, features in (("AaäfflšA1 ABC", ["lnum"]), ("1šlffäaA", ["lnum", "tnum"])):
            face.getlength(text, features=features)
            image = Image.new("RGBA", (200, 100))
            ImageDraw.Draw(image).text(
                (50, 50), text, "black", face, "ls", features=features, embedded_color=True
            )
    assert typeface.accept(taken.data).glyphs == taken.glyphs


def crash(_: bytes) -> None:
    """So that it is seen that a crash is."""
    os.kill(os.getpid(), signal.SIGSEGV)


TAKERS: dict[str, Callable[[bytes], None]] = {
    "picture": take_picture,
    "font": take_font,
    "crash": crash,
}


def _answer(kind: str, data: bytes) -> dict[str, Any]:
    before, started = _peak(), time.process_time()
    refused = None
    try:
        TAKERS[kind](data)
    except (PictureError, TypefaceError) as error:
        refused = str(error)
    except Exception as error:  # noqa: BLE001 (that there is none is what is tested)
        return {"fault": "".join(traceback.format_exception(error))}
    return {
        "refused": refused,
        "seconds": time.process_time() - started,
        "megabytes": _peak() - before,
    }


def _peak() -> float:
    """Megabytes that the process ever had at once."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _answer_all() -> None:
    faulthandler.enable()
    logging.disable()
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin.buffer:
        kind, length = line.split()
        told = _answer(kind.decode(), sys.stdin.buffer.read(int(length)))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _answer_all()

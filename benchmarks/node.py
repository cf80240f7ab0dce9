"""Who draws on Node: the programs of `benchmarks/peers/render`. Each is a process that is asked for
one picture after another, so that neither its start nor its warming up is measured.
"""

import hashlib
import json
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NoReturn, Self, TypeVar, cast

import orjson

from benchmarks.drawers import Drawer
from benchmarks.drawings import JPEG_QUALITY, card, countdown, fill, photo
from benchmarks.peers import MissingError
from renderers.canvas import Drawing
from renderers.countdown import label
from renderers.encode import ImageType
from renderers.fields import TextBox
from renderers.fonts import BY_NAME, Face, shipped
from renderers.layers.text import TextLayer

HERE = Path(__file__).parent / "peers" / "render"
CLOCKS = {"canvas and gifenc": "gifenc.js", "canvas and gif-encoder-2": "gif-encoder-2.js"}
CARDS = {
    ImageType.PNG: {
        "canvas": "canvas.js",
        "resvg": "resvg.js",
        "satori and resvg": "satori.js",
    },
    ImageType.JPG: {
        "canvas": "canvas.js",
        "resvg and sharp": "resvg.js",
        "satori, resvg and sharp": "satori.js",
    },
}
"""Programs by the name of what draws."""

Asked = TypeVar("Asked")


def install() -> None:
    """Install what the lock file says, unless it is there. Raises MissingError."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise MissingError(f"there is no {program} on the PATH (Node 20.9 or later is needed)")
    stamp = HERE / "node_modules" / ".installed"
    wanted = hashlib.sha256(b"".join(map(Path.read_bytes, sorted(HERE.glob("package*.json")))))
    if stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    done = _run("npm", "ci")
    if done.returncode:
        said = [line.removeprefix("npm error ") for line in done.stderr.splitlines()]
        raise MissingError(f"npm ci failed: {'; '.join(said[:2]) or 'no output'}")
    stamp.write_text(wanted.hexdigest())


def versions() -> dict[str, str]:
    """Of Node and of what is installed on it."""
    wanted = json.loads((HERE / "package.json").read_bytes())["dependencies"]
    return {"node": _run("node", "--version").stdout.strip().removeprefix("v"), **wanted}


def names() -> list[str]:
    """Who draws on Node."""
    return list(dict.fromkeys(f"{name}, Node" for of in (CLOCKS, *CARDS.values()) for name in of))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603


class Program:
    """A running program; closed, it ends."""

    def __init__(self, script: str, common: Mapping[str, Any]) -> None:
        """`common` is what all its pictures have in common."""
        self._process = subprocess.Popen(  # noqa: S603
            ("node", str(HERE / script)),  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._asked = cast("IO[bytes]", self._process.stdin)
        self._answered = cast("IO[bytes]", self._process.stdout)
        self._script = script
        self._tell(common)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def draw(self, asked: Iterable[Mapping[str, Any]]) -> list[bytes]:
        return [self._one(picture) for picture in asked]

    def clock(self) -> float:
        """Seconds of CPU time, user and system, of all its threads. The clock's number is the one
        that glibc's clock_getcpuclockid makes of a process."""
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def _one(self, picture: Mapping[str, Any]) -> bytes:
        self._tell(picture)
        return self._read(int.from_bytes(self._read(4)))

    def _tell(self, told: Mapping[str, Any]) -> None:
        try:
            self._asked.write(orjson.dumps(told) + b"\n")
            self._asked.flush()
        except BrokenPipeError:
            self._complain()

    def _read(self, size: int) -> bytes:
        data = self._answered.read(size)
        if len(data) < size:
            self._complain()
        return data

    def _complain(self) -> NoReturn:
        raise SystemExit(f"{self._script} ended before it was asked to; its error is above")


def _started(
    running: ExitStack,
    scripts: Mapping[str, str],
    common: Mapping[str, Any],
    ask: Callable[[Asked], Mapping[str, Any]],
) -> Iterator[Drawer[Asked]]:
    for name, script in scripts.items():
        program = running.enter_context(Program(script, common))
        yield _drawer(f"{name}, Node", program, ask)


def _drawer(
    name: str, program: Program, ask: Callable[[Asked], Mapping[str, Any]]
) -> Drawer[Asked]:
    return Drawer(name, lambda asked: program.draw(map(ask, asked)), program.clock)


def clocks(running: ExitStack) -> Iterator[Drawer[int]]:
    """Those that draw a countdown, until `running` is closed."""
    spec = countdown()
    boxes = [*spec.units, *(unit.label for unit in spec.units if unit.label)]
    common = {
        "countdown": spec.model_dump(),
        "fonts": _fonts(boxes),
        "names": {
            unit.unit: [label(unit, number, "en") for number in (1, 2)] for unit in spec.units
        },
    }
    yield from _started(running, CLOCKS, common, lambda seconds: {"seconds": seconds})


def cards(running: ExitStack, kind: ImageType) -> Iterator[Drawer[str]]:
    """Those that draw a card, until `running` is closed."""
    canvas = card()
    drawing = Drawing(canvas, lambda _: True)
    common = {
        "canvas": canvas.model_dump(),
        "fonts": _fonts(layer for layer in canvas.layers if isinstance(layer, TextLayer)),
        "photo": f"data:image/png;base64,{b64encode(photo()).decode()}",
        "jpeg": {"quality": JPEG_QUALITY} if kind is ImageType.JPG else None,
    }

    def ask(name: str) -> Mapping[str, Any]:
        texts = [content[-1] if content else "" for content in fill(drawing, name).contents]
        lines = [
            _lines(text, layer) if isinstance(layer, TextLayer) else []
            for layer, text in zip(canvas.layers, texts, strict=True)
        ]
        return {"texts": texts, "lines": lines}

    yield from _started(running, CARDS[kind], common, ask)


def _fonts(boxes: Iterable[TextBox]) -> dict[str, Any]:
    """The file, the family and the weight of each font, by our name for it."""
    found: dict[str, Any] = {}
    for box in boxes:
        face = _face(box)
        family, style = face.at(box.size).getname()
        weight = 700 if style == "Bold" else 400
        found[box.font] = {"path": face.source, "family": family, "weight": weight}
    return found


def _face(box: TextBox) -> Face:
    return shipped(BY_NAME[box.font])


def _lines(text: str, box: TextBox) -> Sequence[Mapping[str, Any]]:
    """Where each line of a text begins on its baseline, for programs that break no lines."""
    font = _face(box).at(box.size)
    lines: list[str] = []
    for word in text.split(" "):
        if lines and font.getlength(f"{lines[-1]} {word}") <= box.width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    ascent, _ = font.getmetrics()
    leading = round(box.size * box.line_height)
    return [
        {"x": box.x, "y": box.y + ascent + number * leading, "text": line}
        for number, line in enumerate(lines)
    ]

"""Who draws, in this process: ours, and Pillow. What does not depend on the person is there before,
as it is in a server that runs.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Generic, TypeVar

from PIL import Image, ImageDraw

from benchmarks import alike
from benchmarks.drawings import (
    CREAM,
    DAY,
    DAYS,
    JPEG_QUALITY,
    NAVY,
    PHOTO,
    WHITE,
    card,
    countdown,
    fill,
    people,
    photo,
)
from renderers.canvas import Drawing, draw
from renderers.countdown import Clock, frames, label
from renderers.coverage import rounded
from renderers.encode import ImageType
from renderers.fonts import Font, shipped
from renderers.pen import Pen
from renderers.spec import Countdown

OURS = "dyncontent"
PILLOW = "Pillow"
Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Drawer(Generic[Asked]):
    """`draw` makes a file for each that is asked for; `clock` tells the seconds of CPU time that
    the process that draws has taken."""

    name: str
    draw: Callable[[Sequence[Asked]], list[bytes]]
    clock: Callable[[], float] = time.process_time


def _one_by_one(name: str, make: Callable[[Asked], bytes]) -> Drawer[Asked]:
    return Drawer(name, lambda asked: [make(one) for one in asked])


# A countdown, asked for by the seconds to go


def clocks() -> Iterator[Drawer[int]]:
    spec = countdown()
    clock = Clock(spec, {}, "en")
    clock.prepare(DAYS * DAY)
    for at in (2 * DAY + 61, 5 * DAY):
        ours, plain = (alike.shown(made) for made in (clock.gif(at), _same_gif(spec, clock, at)))
        if ours != plain:
            raise SystemExit("the two countdowns differ")
    yield _one_by_one(OURS, clock.gif)
    yield _one_by_one(
        f"{PILLOW}, the same pixels, letters kept", lambda seconds: _same_gif(spec, clock, seconds)
    )
    yield _one_by_one(PILLOW, lambda seconds: _usual_gif(spec, seconds))


def _same_gif(spec: Countdown, clock: Clock, seconds: int) -> bytes:
    """Each frame drawn whole out of letters that are kept, in our palette, and saved by Pillow."""
    images, delays = [], []
    for values, delay in frames(spec, seconds):
        image = Image.new("RGB", (600, 200), CREAM)
        pen = Pen(image, scale=1, assets={}, language="en")
        for unit, number in zip(spec.units, values or (), strict=False):
            area = pen.area(unit)
            pen.paint(area, NAVY, rounded(area.size, unit.radius))
            pen.write(area, ((f"{number:02}", 0),), pen.style(unit, area, tabular=True))
            if unit.label is not None:
                area = pen.area(unit.label)
                said = label(unit, number, "en")
                pen.write(area, ((said, 0),), pen.style(unit.label, area))
        images.append(image.quantize(palette=clock.palette, dither=Image.Dither.NONE))
        delays.append(10 * delay or 1000)
    return _saved(images, delays)


def _usual_gif(spec: Countdown, seconds: int) -> bytes:
    """As a script with Pillow does it: shapes and texts drawn on each frame, saved as they are.
    The letters stand where ours do but for a part of a pixel."""
    digits, names = shipped(Font.DISPLAY).at(48), shipped(Font.REGULAR).at(16)
    images = []
    for values, _ in frames(spec, seconds):
        image = Image.new("RGB", (600, 200), CREAM)
        canvas = ImageDraw.Draw(image)
        for unit, number in zip(spec.units, values or (), strict=False):
            left, top, middle = unit.x, unit.y, unit.x + unit.width / 2
            tile = (left, top, left + unit.width - 1, top + unit.height - 1)
            canvas.rounded_rectangle(tile, unit.radius, NAVY)
            canvas.text(
                (middle, top + 34), f"{number:02}", WHITE, digits, anchor="mm", features=["tnum"]
            )
            canvas.text((middle, top + 89), label(unit, number, "en"), NAVY, names, anchor="mm")
        images.append(image)
    return _saved(images, [1000] * len(images))


def _saved(images: Sequence[Image.Image], delays: Sequence[int]) -> bytes:
    output = BytesIO()
    images[0].save(
        output, "GIF", save_all=True, append_images=images[1:], duration=delays, disposal=1
    )
    return output.getvalue()


# A card, asked for by the person's name


def cards(kind: ImageType) -> Iterator[Drawer[str]]:
    drawing = Drawing(card(), lambda _: True)
    pictures = {PHOTO: photo()}
    options: dict[ImageType, tuple[str, dict[str, Any]]] = {
        ImageType.PNG: ("PNG", {}),
        ImageType.JPG: ("JPEG", {"quality": JPEG_QUALITY, "subsampling": 0}),
    }
    form, settings = options[kind]

    def ours(name: str) -> bytes:
        return fill(drawing, name).file(pictures, kind)

    def usual(name: str) -> bytes:
        saved = BytesIO()
        draw(fill(drawing, name), pictures).save(saved, form, **settings)
        return saved.getvalue()

    anyone = next(people())
    if alike.shown(ours(anyone)) != alike.shown(usual(anyone)):
        raise SystemExit("the two pictures differ")
    yield _one_by_one(OURS, ours)
    yield _one_by_one(PILLOW, usual)

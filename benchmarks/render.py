"""What it costs to draw a picture for one person.

    python -m benchmarks.render [ROUNDS]

Each picture is made in our way and with Pillow, in turn, on one core, for another person (another
second) each time; before the clock runs, both must give the same pixels, but for Pillow's usual way
to make an animation, which sets letters otherwise. A figure is the median over the rounds of CPU
time. What does not depend on the person is there before, as it is in a server that runs.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count, product
from statistics import median
from typing import Any

import orjson
from PIL import Image, ImageDraw, ImageSequence

from benchmarks import report
from renderers import fonts, text
from renderers.canvas import Drawing, Filled, draw
from renderers.countdown import Clock, frames, label
from renderers.encode import ImageType
from renderers.fonts import Font
from renderers.layers import paint, rounded
from renderers.spec import Canvas, Countdown

ROUNDS = 30
SECONDS = 0.02
"""How long one way to draw has its turn."""
DAY = 86_400
DAYS = 20
"""How far off the instants are."""
NAVY, CREAM, WHITE = "#1B2A49", "#F4EFE6", "#FFFFFF"
Make = Callable[[], bytes]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    clocks = _measure(dict(_clocks()), rounds)
    people = _names()
    named = {
        kind: _measure(dict(_named(kind, people)), rounds)
        for kind in (ImageType.PNG, ImageType.JPG)
    }
    report.bars("a countdown of 60 frames, 600 x 200", "ms", _milliseconds(clocks))
    for kind, figures in named.items():
        report.bars(f"a name and a sentence, 600 x 300, {kind}", "ms", _milliseconds(figures))
    report.say("")
    lead = clocks["Pillow"]["ms"] / clocks["dyncontent"]["ms"]
    targets = [
        report.Target("countdown, ms", clocks["dyncontent"]["ms"], 0.3),
        report.Target("countdown, times less than Pillow", round(lead, 1), 500, "at_least"),
        *(
            report.Target(f"name and sentence, {kind}, ms", figures["dyncontent"]["ms"], 1)
            for kind, figures in named.items()
        ),
    ]
    by_kind = {f"name_and_sentence_{kind}": figures for kind, figures in named.items()}
    report.write("render", targets, {"rounds": rounds, "countdown": clocks, **by_kind})


def _milliseconds(figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: figure["ms"] for name, figure in figures.items()}


def _measure(makers: Mapping[str, Make], rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds and bytes of a picture: in each round all take their turn, each as many pictures
    as it makes in SECONDS."""
    often = {name: _often(make) for name, make in makers.items()}
    times: dict[str, list[float]] = {name: [] for name in makers}
    sizes: dict[str, list[int]] = {name: [] for name in makers}
    for _ in range(rounds):
        for name, make in makers.items():
            started = time.process_time()
            made = [len(make()) for _ in range(often[name])]
            spent = time.process_time() - started
            times[name].append(spent / often[name] * 1000)
            sizes[name] += made
    return {
        name: {"ms": round(median(times[name]), 4), "bytes": median(sizes[name])} for name in makers
    }


def _often(make: Make) -> int:
    make()
    started = time.process_time()
    make()
    return max(1, round(SECONDS / (time.process_time() - started)))


# A countdown


def _countdown() -> Countdown:
    units = [
        {
            "unit": unit,
            "x": 90 + 110 * place,
            "y": 70,
            "width": 90,
            "height": 70,
            "font": "display",
            "size": 48,
            "colour": WHITE,
            "tile": NAVY,
            "radius": 10,
            "label": {
                "x": 90 + 110 * place,
                "y": 146,
                "width": 90,
                "height": 26,
                "size": 16,
                "colour": NAVY,
            },
        }
        for place, unit in enumerate(("days", "hours", "minutes", "seconds"))
    ]
    face = {"width": 600, "height": 200, "background": CREAM}
    over = {**face, "background": NAVY}
    spec = {"face": face, "expired": over, "units": units}
    return Countdown.model_validate_json(orjson.dumps(spec))


def _clocks() -> Iterator[tuple[str, Make]]:
    spec = _countdown()
    clock = Clock(spec, {}, "en")
    clock.prepare(DAYS * DAY)
    seconds = count(3 * DAY, 79_193)

    def moment() -> int:
        """Another at each call, all over the days and hours."""
        return next(seconds) % ((DAYS - 1) * DAY) + 100

    for at in (2 * DAY + 61, 5 * DAY):
        ours, plain = (_shown(made) for made in (clock.gif(at), _same_gif(spec, clock, at)))
        if ours != plain:
            raise SystemExit("the two countdowns differ")
    yield "dyncontent", lambda: clock.gif(moment())
    yield "Pillow, the same pixels, letters kept", lambda: _same_gif(spec, clock, moment())
    yield "Pillow", lambda: _usual_gif(spec, moment())


def _same_gif(spec: Countdown, clock: Clock, seconds: int) -> bytes:
    """Each frame drawn whole out of masks that are kept, in our palette, and saved by Pillow."""
    images, delays = [], []
    for values, delay in frames(spec, seconds):
        image = Image.new("RGB", (600, 200), CREAM)
        for unit, number in zip(spec.units, values or (), strict=False):
            paint(image, unit, NAVY, rounded((unit.width, unit.height), unit.radius))
            paint(image, unit, WHITE, text.mask(f"{number:02}", unit, 1, tabular=True))
            if unit.label is not None:
                said = label(unit, number, "en")
                paint(image, unit.label, NAVY, text.mask(said, unit.label, 1))
        images.append(image.quantize(palette=clock.palette, dither=Image.Dither.NONE))
        delays.append(10 * delay or 1000)
    return _saved(images, delays)


def _usual_gif(spec: Countdown, seconds: int) -> bytes:
    """As a script with Pillow does it: shapes and texts drawn on each frame, saved as they are.
    The letters stand where ours do but for a part of a pixel."""
    digits, names = fonts.load(Font.DISPLAY, 48), fonts.load(Font.REGULAR, 16)
    images = []
    for values, _ in frames(spec, seconds):
        image = Image.new("RGB", (600, 200), CREAM)
        canvas = ImageDraw.Draw(image)
        for unit, number in zip(spec.units, values or (), strict=False):
            left, top, middle = unit.x, unit.y, unit.x + unit.width / 2
            tile = (left, top, left + unit.width, top + unit.height)
            canvas.rounded_rectangle(tile, unit.radius, NAVY)
            canvas.text((middle, top + 35), f"{number:02}", WHITE, digits, anchor="mm")
            canvas.text((middle, top + 89), label(unit, number, "en"), NAVY, names, anchor="mm")
        images.append(image)
    return _saved(images, [1000] * len(images))


def _saved(images: Sequence[Image.Image], delays: Sequence[int]) -> bytes:
    output = BytesIO()
    images[0].save(
        output, "GIF", save_all=True, append_images=images[1:], duration=delays, disposal=1
    )
    return output.getvalue()


def _shown(data: bytes) -> list[bytes]:
    with Image.open(BytesIO(data)) as image:
        return [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(image)]


# A name and a sentence

_SYLLABLES = (
    "ai",
    "no",
    "mär",
    "tin",
    "ol",
    "ga",
    "vä",
    "lja",
    "kri",
    "jü",
    "õn",
    "ne",
    "so",
    "ül",
)


def _names() -> Iterator[str]:
    """Names of which none comes again."""
    for first, second, third, last in product(_SYLLABLES, repeat=4):
        yield f"{first}{second}{third}{last}".capitalize()


def _greeting() -> Canvas:
    spec: dict[str, Any] = {
        "width": 600,
        "height": 300,
        "background": {"start": "#F4EFE6", "end": "#C9D6E8"},
        "layers": [
            {
                "kind": "picture",
                "picture": "0" * 32,
                "x": 380,
                "y": 30,
                "width": 190,
                "height": 240,
            },
            {
                "kind": "text",
                "text": "{{ name }}, your trip to Rome is still waiting for you",
                "font": "display",
                "size": 26,
                "colour": NAVY,
                "x": 30,
                "y": 100,
                "width": 330,
                "height": 100,
            },
            {
                "kind": "text",
                "text": "Book your seat",
                "size": 18,
                "colour": NAVY,
                "x": 30,
                "y": 230,
                "width": 300,
                "height": 40,
            },
        ],
    }
    return Canvas.model_validate_json(orjson.dumps(spec))


def _named(kind: ImageType, people: Iterator[str]) -> Iterator[tuple[str, Make]]:
    photo = Image.effect_mandelbrot((190, 240), (-2, -1.2, 0.6, 1.2), 60).convert("RGB")
    output = BytesIO()
    photo.save(output, "PNG")
    pictures = {"0" * 32: output.getvalue()}
    drawing = Drawing(_greeting(), lambda _: True)

    def fill() -> Filled:
        name = next(people)
        return drawing.fill(lambda _: name, "en")

    options: dict[ImageType, tuple[str, dict[str, Any]]] = {
        ImageType.PNG: ("PNG", {}),
        ImageType.JPG: ("JPEG", {"quality": 88, "subsampling": 0}),
    }
    form, settings = options[kind]

    def usual(filled: Filled) -> bytes:
        saved = BytesIO()
        draw(filled, pictures).save(saved, form, **settings)
        return saved.getvalue()

    one = fill()
    if _shown(one.file(pictures, kind)) != _shown(usual(one)):
        raise SystemExit("the two pictures differ")
    yield "dyncontent", lambda: fill().file(pictures, kind)
    yield "Pillow", lambda: usual(fill())


if __name__ == "__main__":
    main()

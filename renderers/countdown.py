"""Countdowns: animated clocks that cost next to nothing to make for one more person.

Nothing is drawn when an animation is asked for. Its first frame is whole, for some clients show no
other: it is joined from the rows of upright strips, one for each unit, which were encoded once for
each number. Every later frame is the rectangle that changes, encoded once for each change of
numbers. What is needed for the first time is drawn then, and kept.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import ClassVar

from babel.numbers import format_decimal
from babel.units import format_unit
from PIL import Image, ImageChops, ImageColor

from renderers import fonts, gif
from renderers.canvas import Drawing, draw
from renderers.coverage import rounded
from renderers.encode import ImageType
from renderers.fields import overlap
from renderers.gif import Box
from renderers.localised import language_of, pick
from renderers.pen import Pen
from renderers.spec import UNIT_SECONDS, Canvas, Countdown, CountdownUnit, is_label_value
from renderers.template import TemplateError, parse, parse_locale

VERSION = 2
"""Part of every content key: raise it when the same clock comes to look different."""

MOST_TICKS = 60
"""Frames in a row that are kept as such."""

MOST_AHEAD = 200
"""Values of the largest unit that are encoded ahead."""
MOST_LANGUAGES = 16
"""In which a countdown is kept ready."""

MOST_KEPT = 4096
"""Strips, and changes, that a clock keeps."""
MOST_WHOLE = 2
"""Files that a clock keeps: where all have one deadline, all see the same second."""

Values = tuple[int, ...]
"""The numbers on a clock, one for each of its units."""


def label(unit: CountdownUnit, value: int, locale: str) -> str:
    """What stands beside a number: the label's text, or the unit's name in the language."""
    if unit.label is not None and unit.label.text is not None:
        template = parse(pick(unit.label.text, locale), is_label_value)
        return template.write(lambda _: value, locale)
    name, spoken = f"duration-{unit.unit[:-1]}", parse_locale(locale)
    named = format_unit(value, name, "long", locale=spoken)
    if name in named:  # Babel knows no form in this language
        spoken = parse_locale("en")
        named = format_unit(value, name, "long", locale=spoken)
    return named.replace(format_decimal(value, locale=spoken), "").strip()


class Clocks:
    """A countdown in all languages. `assets` are the ids of its pictures and fonts, `locales` the
    languages of its texts."""

    def __init__(self, spec: Countdown) -> None:
        """Raises TemplateError if its face shows a value, or depends on one."""
        self.spec = spec
        faces = [Drawing(canvas, _nothing) for canvas in (spec.face, spec.expired)]
        for path in sorted(faces[0].paths | faces[1].paths):
            raise TemplateError(f"{path!r}: a face is the same for all people")
        self.assets = faces[0].assets.union(faces[1].assets, fonts.uploads(spec.fonts))
        self.locales = faces[0].locales | faces[1].locales
        labels = (unit.label.text for unit in spec.units if unit.label and unit.label.text)
        self._written = self.locales.union(*labels)
        self._clocks: dict[str, Clock] = {}
        encoded = spec.model_dump_json().encode()
        self._digest = hashlib.blake2b(encoded, digest_size=12, salt=b"clock%d" % VERSION)

    def at(self, seconds: int, locale: str) -> "ClockAt":
        """Set to so many seconds before the instant, or, counting up, after it."""
        return ClockAt(self, seconds, locale, f"{self._digest.hexdigest()}.{locale}.{seconds}")

    def clock(self, locale: str, assets: Mapping[str, bytes]) -> "Clock":
        """Ready for a locale, which is its language's unless a text is its own. Raises
        MissingAssetError."""
        spoken = self._spoken(locale)
        kept = self._clocks.get(spoken)
        if kept is None:
            kept = self._clocks[spoken] = Clock(self.spec, assets, spoken)
            if len(self._clocks) > MOST_LANGUAGES:
                self._clocks.pop(next(iter(self._clocks)), None)
        return kept

    def ticking(self, locale: str) -> "Clock | None":
        """The same, if it was set or prepared before."""
        clock = self._clocks.get(self._spoken(locale))
        return clock if clock is not None and clock.ticks else None

    def _spoken(self, locale: str) -> str:
        return locale if locale in self._written else language_of(locale)


@dataclass(frozen=True, slots=True)
class ClockAt:
    """A countdown at a time. `key` names the content. It is not worth keeping: a second later it
    is another, and it costs less to make than to find."""

    clocks: Clocks
    seconds: int
    locale: str
    key: str
    is_kept: ClassVar[bool] = False

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(sorted(self.clocks.assets))

    def at_hand(self) -> bytes | None:
        """Of a clock that ticks already. A number that is shown for the first time is drawn all
        the same, in a millisecond."""
        clock = self.clocks.ticking(self.locale)
        return None if clock is None else clock.gif(self.seconds)

    def file(self, assets: Mapping[str, bytes], _: ImageType) -> bytes:
        """A GIF, which alone can move."""
        return self.clocks.clock(self.locale, assets).gif(self.seconds)


class Clock:
    """A countdown in one language, ready to be set. `assets` maps the ids of its pictures and fonts
    to their stored files."""

    def __init__(self, spec: Countdown, assets: Mapping[str, bytes], locale: str) -> None:
        self.ticks = False
        """Whether it was set or prepared, so that little is left to be drawn."""
        self._spec = spec
        self._locale = locale
        self._assets = assets
        self._face = _plain(spec.face, assets, locale)
        expired = _plain(spec.expired, assets, locale)
        areas = [self._real(unit.area) for unit in spec.units]
        self._areas = areas
        self.palette = _palette(spec, self._face, self._sample(), expired)
        self._back = _mapped(self._face, self.palette)
        width, height = self._face.size
        self._whole = (0, 0, width, height)
        self._strips = _strips(areas, width)
        self._top, self._bottom = min(area[1] for area in areas), max(area[3] for area in areas)
        self._above = self._still((0, 0, width, self._top))
        self._below = self._still((0, self._bottom, width, height))
        self._header = gif.header(width, height, bytes(self.palette.getpalette() or ()))
        self._expired = gif.packed_image(self._whole, self._shown(_mapped(expired, self.palette)))
        self._cell = lru_cache(MOST_KEPT)(self._draw_cell)
        self._rows = lru_cache(MOST_KEPT)(self._encode_rows)
        self._near = lru_cache(MOST_KEPT)(self._find_near)
        self._change = lru_cache(MOST_KEPT)(self._encode_change)
        self._joined = lru_cache(MOST_WHOLE)(self._join)

    def gif(self, seconds: int) -> bytes:
        """The animation from so many seconds before the instant (counting up: after it) on, frame
        by frame as `frames` tells. It plays once and stays on its last frame."""
        whole = self._joined(seconds)
        self.ticks = True
        return whole

    def _join(self, seconds: int) -> bytes:
        spec = self._spec
        over = gif.control(0) + self._expired
        if seconds <= 0 and spec.direction == "down":
            return b"".join((self._header, over, gif.TRAILER))
        shown, wanted = seconds // spec.step, spec.frames - 1
        moves = min(wanted, shown - _least(spec)) if spec.direction == "down" else wanted
        first = gif.control(100 * _first_lasts(spec, seconds))
        parts = [self._header, first, self._first(values_at(spec, seconds))]
        for run in self._moves(shown, moves):
            parts += run
        if moves < wanted:
            parts.append(over)
        parts.append(gif.TRAILER)
        return b"".join(parts)

    def _moves(self, shown: int, moves: int) -> Iterator[Sequence[bytes]]:
        """The frames behind one that shows so many seconds (or minutes), in runs."""
        way = -1 if self._spec.direction == "down" else 1
        ticks = self._ticks
        while moves > 0:
            value = shown % (len(ticks) + 1)
            begin = value if way > 0 else len(ticks) - value
            run = ticks[begin : begin + moves]
            yield run
            shown += way * len(run)
            moves -= len(run)
            if moves > 0:
                yield (self._tick(shown, shown + way),)
                shown += way
                moves -= 1

    @cached_property
    def _ticks(self) -> Sequence[bytes]:
        """The frames between which the smallest unit alone changes, in order."""
        spec = self._spec
        cycle = 1
        if len(spec.units) > 1:
            cycle = UNIT_SECONDS[spec.units[-2].unit] // spec.step
        if cycle > MOST_TICKS:
            return ()
        if spec.direction == "down":
            return [self._tick(value, value - 1) for value in range(cycle - 1, 0, -1)]
        return [self._tick(value, value + 1) for value in range(cycle - 1)]

    def _tick(self, before: int, after: int) -> bytes:
        """What makes one frame the next, which lasts as long."""
        step = self._spec.step
        shown = (values_at(self._spec, steps * step) for steps in (before, after))
        return gif.control(100 * step) + self._moved(*shown)

    def prepare(self, longest: int) -> None:
        """Encode now what times up to so many seconds need, instead of when it is needed; no more
        of them than are kept."""
        spec, down = self._spec, self._spec.direction == "down"
        sizes = [UNIT_SECONDS[unit.unit] for unit in spec.units]
        most = min(longest, MOST_AHEAD * sizes[0])
        for size, larger in zip(sizes, (most, *sizes), strict=False):
            for begin in range(0, larger, size):
                end = values_at(spec, begin + size)
                beside = values_at(spec, begin + size - spec.step)
                self._first(values_at(spec, begin))
                self._moved(*((end, beside) if down else (beside, end)))
        self.gif(spec.step)

    def frame(self, numbers: Iterable[tuple[int, int]], box: Box) -> Image.Image:
        """A part of the clock as it shows some units' numbers: colour numbers, mode L."""
        part = self._back.crop(box)
        for unit, number in numbers:
            left, top, _, _ = self._areas[unit]
            part.paste(self._cell(unit, number), (left - box[0], top - box[1]))
        return part

    def _moved(self, before: Values, after: Values) -> bytes:
        """The image that makes one frame the next."""
        changed = tuple(unit for unit, now in enumerate(after) if now != before[unit])
        near = self._near(changed)
        old, new = (tuple(values[unit] for unit in near) for values in (before, after))
        return self._change(changed, old, new)

    def _first(self, values: Values) -> bytes:
        strips = (
            self._rows(strip, tuple(values[unit] for unit in units))
            for strip, (_, _, units) in enumerate(self._strips)
        )
        rows = chain.from_iterable(zip(*strips, strict=True))
        return gif.image(self._whole, chain(self._above, rows, self._below))

    def _encode_rows(self, strip: int, numbers: Values) -> tuple[bytes, ...]:
        """The rows of a strip, which stands between two units' left ends."""
        left, right, units = self._strips[strip]
        pixels = self.frame(
            zip(units, numbers, strict=True), (left, self._top, right, self._bottom)
        ).tobytes()
        width = right - left
        return tuple(
            gif.run(pixels[start : start + width]) for start in range(0, len(pixels), width)
        )

    def _around(self, units: Iterable[int]) -> Box:
        lefts, tops, rights, bottoms = zip(*(self._areas[unit] for unit in units), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def _find_near(self, changed: tuple[int, ...]) -> tuple[int, ...]:
        """The units that can be seen in the box around those that change."""
        box = self._around(changed)
        return tuple(unit for unit, area in enumerate(self._areas) if overlap(area, box))

    def _encode_change(self, changed: tuple[int, ...], before: Values, after: Values) -> bytes:
        """The same, of the numbers of the units near by."""
        box, near = self._around(changed), self._near(changed)
        old, new = (self.frame(zip(near, numbers, strict=True), box) for numbers in (before, after))
        left, top, right, bottom = ImageChops.difference(old, new).getbbox() or (0, 0, 1, 1)
        moved = (box[0] + left, box[1] + top, box[0] + right, box[1] + bottom)
        return gif.packed_image(moved, self._shown(new.crop((left, top, right, bottom))))

    def _draw_cell(self, unit: int, number: int) -> Image.Image:
        return _mapped(self._draw_unit(unit, number), self.palette)

    def _draw_unit(self, unit: int, number: int) -> Image.Image:
        """The area of a unit that shows a number, in full colours."""
        spec, face = self._spec.units[unit], self._spec.face
        drawn = self._face.copy()
        language = language_of(self._locale)
        pen = Pen(drawn, face.scale, self._assets, face.fallback_fonts, language)
        area = pen.area(spec)
        if spec.tile is not None:
            pen.paint(area, spec.tile, rounded(area.size, spec.radius * face.scale))
        pen.write(area, ((f"{number:02}", 0),), pen.style(spec, area, tabular=True))
        if spec.label is not None:
            area = pen.area(spec.label)
            said = label(spec, number, self._locale)
            pen.write(area, ((said, 0),), pen.style(spec.label, area))
        return drawn.crop(self._areas[unit])

    def _sample(self) -> Image.Image:
        """All that a clock can look like, for the choice of its colours."""
        sample = self._face.copy()
        for unit, area in enumerate(self._areas):
            sample.paste(self._draw_unit(unit, 88), area[:2])
        return sample

    def _still(self, box: Box) -> tuple[bytes, ...]:
        pixels = self._back.crop(box).tobytes()
        return (gif.run(pixels),) if pixels else ()

    def _shown(self, numbers: Image.Image) -> Image.Image:
        """Colour numbers as a picture."""
        shown = Image.frombytes("P", numbers.size, numbers.tobytes())
        shown.putpalette(self.palette.getpalette() or ())
        return shown

    def _real(self, box: Box) -> Box:
        left, top, right, bottom = (side * self._spec.face.scale for side in box)
        return left, top, right, bottom


def frames(spec: Countdown, seconds: int) -> Iterator[tuple[Values | None, int]]:
    """What is shown (None when it is over), and for how many hundredths of a second. A frame comes
    a moment early rather than late: more time is never shown than there is."""
    if seconds <= 0 and spec.direction == "down":
        yield None, 0
        return
    way = -1 if spec.direction == "down" else 1
    yield values_at(spec, seconds), 100 * _first_lasts(spec, seconds)
    for number in range(1, spec.frames):
        shown = seconds // spec.step + way * number
        if way < 0 and shown < _least(spec):
            yield None, 0
            return
        yield values_at(spec, shown * spec.step), 100 * spec.step


def _least(spec: Countdown) -> int:
    """The last that is shown when counting down: a second, or less than a minute."""
    return 1 if spec.step == 1 else 0


def _first_lasts(spec: Countdown, seconds: int) -> int:
    """Seconds until the second, or the minute, is another."""
    if spec.step == 1:
        return 1
    begun = seconds % spec.step
    return begun + 1 if spec.direction == "down" else spec.step - begun


def values_at(spec: Countdown, seconds: int) -> Values:
    """The numbers of a clock; its largest unit holds what is over."""
    values = []
    for unit in spec.units:
        value, seconds = divmod(seconds, UNIT_SECONDS[unit.unit])
        values.append(value)
    return tuple(values)


def _plain(canvas: Canvas, assets: Mapping[str, bytes], locale: str) -> Image.Image:
    """A canvas that shows no values."""
    return draw(Drawing(canvas, _nothing).fill(lambda _: None, locale), assets)


def _nothing(_: str) -> bool:
    """A face shows no values, for it is the same for all people."""
    return False


def _strips(areas: Sequence[Box], width: int) -> list[tuple[int, int, list[int]]]:
    """Upright strips that together are as wide as the clock: where each begins and ends, and the
    units in it. Units that stand over each other share one."""
    strips: list[tuple[int, int, list[int]]] = []
    for unit in sorted(range(len(areas)), key=lambda unit: areas[unit][0]):
        left, _, right, _ = areas[unit]
        if strips and left < strips[-1][1]:
            start, end, units = strips.pop()
            strips.append((start, max(end, right), [*units, unit]))
        else:
            strips.append((left, right, [unit]))
    starts = [0, *(left for left, _, _ in strips[1:]), width]
    return [
        (start, end, units)
        for start, end, (_, _, units) in zip(starts, starts[1:], strips, strict=False)
    ]


def _palette(spec: Countdown, *looks: Image.Image) -> Image.Image:
    """The colours of all frames: those of the spec as they are, the rest by how much is in them."""
    fixed = [ImageColor.getrgb(colour)[:3] for colour in _colours(spec)]
    width = max(look.width for look in looks)
    everything = Image.new("RGB", (width, sum(look.height for look in looks)))
    top = 0
    for look in looks:
        everything.paste(look, (0, top))
        top += look.height
    quantized = everything.quantize(gif.COLOURS - len(fixed), Image.Quantize.MEDIANCUT)
    flat = quantized.getpalette() or []
    cells = set(map(_cell, fixed))
    mixed = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    colours = [*fixed, *(colour for colour in mixed if _cell(colour) not in cells)]
    # Nothing may be nearest to a colour beyond those of the file.
    colours += colours[:1] * (256 - len(colours))
    palette = Image.new("P", (1, 1))
    palette.putpalette(bytes(part for colour in colours for part in colour))
    return palette


def _cell(colour: tuple[int, ...]) -> tuple[int, ...]:
    """Where Pillow looks for the nearest colour: it takes all of a cell for the same."""
    return tuple(part >> 2 for part in colour)


def _colours(spec: Countdown) -> Sequence[str]:
    """Those that a designer has chosen for the numbers, and for what is behind them."""
    behind = [canvas.background for canvas in (spec.face, spec.expired)]
    parts = [part for unit in spec.units for part in (unit.colour, unit.tile)]
    labels = [unit.label.colour for unit in spec.units if unit.label]
    chosen = (colour for colour in (*behind, *parts, *labels) if isinstance(colour, str))
    return list(dict.fromkeys(chosen))


def _mapped(image: Image.Image, palette: Image.Image) -> Image.Image:
    """The colour numbers (mode L) of a picture's nearest colours."""
    numbers = image.quantize(palette=palette, dither=Image.Dither.NONE)
    return Image.frombytes("L", numbers.size, numbers.tobytes())

"""Pictures with a palette: as they are, where they have few colours; in fewer colours, where that
cannot be seen; dithered, where it can.

Pillow finds the nearest colour of a palette quickly, but for cells of 4 x 4 x 4 colours at once. In
a soft shadow that would be seen. So a pixel is told by two numbers, its cell and what tells the
colours of a cell apart, and a table gives the colour for each pair.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from PIL import Image, ImageChops

MOST = 256
"""Colours of a palette."""

Colour = tuple[int, ...]
"""Red, green and blue."""

Counted = list[tuple[int, Colour]]

_SAMPLE = 250_000
"""Pixels from which the colours of a whole picture are learned."""
_SMALL_SAMPLE = 16_000
"""The same, where a picture has so many colours that nothing is lost."""
_PHOTOGRAPH = 6000
"""Colours in a sample; with more a palette would be seen."""
_FLAT = 0.001
"""Of the pixels: a colour that has so many is a flat colour, and kept as it is."""
_SETTLED = 0.1
"""Of the colours: when so few change their place in the palette, it is good enough."""
_CELL = 4
_AREA = 4
"""Pixels: what is seen as one, of a small picture or of a large one that is shown at half size."""
_MOST_OFF = 6, 8, 8
"""How much an area may differ: in brightness, and in both parts of its hue (YCbCr, of 255)."""
_STEP = 2
"""In brightness, beyond half of what the pixels beside it differ by: a step that can be seen in
what was smooth, as in the bands of a gradient."""
_STEPS = 0.015
"""Of the pixels, where there may be such a step."""


def exact(image: Image.Image) -> Image.Image | None:
    """The same pixels with a palette (mode P); None if the picture (mode RGB) has too many
    colours."""
    counted = _counted(image, MOST)
    if counted is None:
        return None
    colours = _colours(reversed(counted))
    cells = {cell: number for number, cell in enumerate(dict.fromkeys(map(_cell, colours)))}
    table = bytearray(MOST * MOST)
    for number, colour in enumerate(colours):
        table[_place_in_cell(colour) * MOST + cells[_cell(colour)]] = number
    within = [part % _CELL * weight for weight in (1, _CELL, _CELL * _CELL) for part in range(256)]
    red, green, blue = image.point(within).split()
    place = ImageChops.add(ImageChops.add(red, green), blue)
    return _with_palette(_looked_up(_nearest(image, list(cells)), place, table), colours)


def alike(image: Image.Image) -> Image.Image | None:
    """What looks the same in 256 colours (mode P); None if nothing does."""
    counted = _counted(_sample(image, _SAMPLE), _PHOTOGRAPH)
    if counted is None:
        return None
    shown = _in_colours(image, counted, MOST)
    return shown if look_alike(image, shown.convert("RGB")) else None


def few(image: Image.Image, most: int, *, dithered: bool) -> Image.Image:
    """The picture in at most so many colours (2 to 256; mode P), whatever it looks like. Only what
    the palette lacks is dithered: flat colours stay clean."""
    counted = _counted(_sample(image, _SMALL_SAMPLE), _SMALL_SAMPLE) or []
    shown = _in_colours(image, counted, most)
    if not dithered:
        return shown
    colours = _palette_of(shown)
    grained = image.quantize(palette=_only(colours), dither=Image.Dither.FLOYDSTEINBERG)
    lacking = ImageChops.difference(image, shown.convert("RGB")).convert("L").point(_any)
    numbers = Image.composite(_numbers(grained), _numbers(shown), lacking)
    return _with_palette(numbers, colours)


def look_alike(image: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures (mode RGB) of one size look the same: no small area is of another
    colour, and what is smooth in the first has hardly a step in the second that can be seen. Beside
    an edge the eye sees less, so that more is allowed there."""
    areas, others = (one.reduce(_AREA).convert("YCbCr") for one in (image, other))
    for off, most in zip(ImageChops.difference(areas, others).split(), _MOST_OFF, strict=True):
        if any(off.histogram()[most + 1 :]):
            return False
    bright = image.convert("L")
    wrong = ImageChops.difference(bright, other.convert("L"))
    seen = ImageChops.subtract(wrong, _busy(bright)).histogram()
    return sum(seen[_STEP:]) <= _STEPS * sum(seen)


def _busy(bright: Image.Image) -> Image.Image:
    """Half of what each pixel differs by from those beside it."""
    busy = Image.new("L", bright.size)
    for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        beside = ImageChops.offset(bright, right, down)
        busy = ImageChops.lighter(busy, ImageChops.difference(bright, beside))
    return busy.point(_half)


_any = [0, *(255,) * 255]
_half = [value // 2 for value in range(256)]


def _sample(image: Image.Image, most: int) -> Image.Image:
    """Pixels at even distances, at most so many."""
    step = 1
    while (image.width // step) * (image.height // step) > most:
        step += 1
    size = (max(1, image.width // step), max(1, image.height // step))
    return image.resize(size, Image.Resampling.NEAREST)


def _counted(image: Image.Image, most: int) -> Counted | None:
    """Its colours (mode RGB), the rarest first, each behind how often there is one; None if there
    are too many."""
    counted = image.getcolors(most)
    return None if counted is None else sorted(cast("Counted", counted))


def _in_colours(image: Image.Image, counted: Counted, most: int) -> Image.Image:
    """The picture in the best colours for those counted in a sample: flat ones as they are, for the
    rest those that are nearest."""
    enough = _FLAT * sum(count for count, _ in counted)
    flat = [colour for count, colour in counted[-most // 2 :] if count >= enough]
    rest = _colours(counted[: len(counted) - len(flat)])
    palette: list[Colour] = []
    numbers: list[int] = []
    if rest:
        row = _row(rest)
        settled = round(_SETTLED * row.width)
        mixed = row.quantize(most - len(flat), Image.Quantize.MEDIANCUT, settled)
        palette, numbers = _palette_of(mixed), list(mixed.tobytes())
    numbers += range(len(palette), len(palette) + len(flat))
    palette += flat
    table = bytearray(range(MOST)) * MOST
    known = _row([*rest, *flat])
    cells, bright = _nearest(known, _cells(palette)).tobytes(), known.convert("L").tobytes()
    for cell, brightness, number in zip(cells, bright, numbers, strict=True):
        table[brightness * MOST + cell] = number  # of several the last, which is the most frequent
    looked_up = _looked_up(_nearest(image, _cells(palette)), image.convert("L"), table)
    return _with_palette(looked_up, palette)


def _looked_up(low: Image.Image, high: Image.Image, table: bytearray) -> Image.Image:
    """What a table has for each pixel's pair of numbers; all of mode L."""
    pairs = Image.merge("LA", (low, high)).tobytes()
    numbers = Image.frombuffer("I;16", low.size, pairs, "raw", "I;16", 0, 1)
    return numbers.convert("I").point(table, "L")


def _nearest(image: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    """The number (mode L) of the colour that is nearest to each pixel's cell."""
    return _numbers(image.quantize(palette=_only(colours), dither=Image.Dither.NONE))


def _numbers(image: Image.Image) -> Image.Image:
    return Image.frombytes("L", image.size, image.tobytes())


def _with_palette(numbers: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    shown = Image.frombytes("P", numbers.size, numbers.tobytes())
    shown.putpalette(_flattened(colours))
    return shown


def _only(colours: Sequence[Colour]) -> Image.Image:
    """A palette of these and no others, which Pillow would add."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(_flattened(colours) + bytes(colours[0]) * (MOST - len(colours)))
    return palette


def _palette_of(image: Image.Image) -> list[Colour]:
    parts = image.getpalette() or []
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def _row(colours: Sequence[Colour]) -> Image.Image:
    return Image.frombytes("RGB", (len(colours), 1), _flattened(colours))


def _flattened(colours: Iterable[Colour]) -> bytes:
    return b"".join(map(bytes, colours))


def _colours(counted: Iterable[tuple[int, Colour]]) -> list[Colour]:
    return [colour for _, colour in counted]


def _cells(colours: Iterable[Colour]) -> list[Colour]:
    return [_cell(colour) for colour in colours]


def _cell(colour: Colour) -> Colour:
    """The darkest colour of its cell, by which Pillow looks for all of them."""
    return tuple(part - part % _CELL for part in colour)


def _place_in_cell(colour: Colour) -> int:
    red, green, blue = (part % _CELL for part in colour)
    return red + _CELL * (green + _CELL * blue)

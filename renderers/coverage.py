"""What is covered of an area: masks (mode L) in real pixels. They are shared: draw on none."""

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from math import cos, pi, sin
from typing import Concatenate, ParamSpec

from PIL import Image, ImageColor, ImageDraw

from renderers.latest import Latest

_SMOOTHING = 4
"""Shapes are drawn so many times as large, and made smaller."""

MOST_KEPT = 16 * 1024 * 1024
"""Bytes of all masks that are kept of a kind of shape."""
_MOST_PIXELS = 500_000
"""Of a mask that is kept."""

Point = tuple[float, float]
Size = tuple[int, int]
Rest = ParamSpec("Rest")
Make = Callable[Concatenate[Size, Rest], Image.Image]


def _kept(make: Make[Rest]) -> Make[Rest]:
    """Keeps the latest masks that are not large."""
    kept: Latest[Image.Image] = Latest(MOST_KEPT, lambda mask: mask.width * mask.height)

    @wraps(make)
    def made(size: Size, /, *args: Rest.args, **kwargs: Rest.kwargs) -> Image.Image:
        if size[0] * size[1] > _MOST_PIXELS:
            return make(size, *args, **kwargs)
        key = size, args, tuple(kwargs.items())
        return kept.of(key, lambda: make(size, *args, **kwargs))

    return made


@_kept
def rounded(size: Size, radius: int) -> Image.Image:
    """A box with round corners."""
    width, height = size
    radius = min(radius, width // 2, height // 2)
    coverage = Image.new("L", (width, height), 255)
    if radius == 0:
        return coverage
    large = Image.new("L", (2 * radius * _SMOOTHING, 2 * radius * _SMOOTHING))
    ImageDraw.Draw(large).ellipse((0, 0, large.width - 1, large.height - 1), fill=255)
    disc = large.reduce(_SMOOTHING)
    for x, left in ((0, 0), (radius, width - radius)):
        for y, top in ((0, 0), (radius, height - radius)):
            coverage.paste(disc.crop((x, y, x + radius, y + radius)), (left, top))
    return coverage


@_kept
def polygon(size: Size, points: tuple[Point, ...]) -> Image.Image:
    """A polygon; its corners are parts of the size, from 0 to 1."""
    large = _large(size)
    ImageDraw.Draw(large).polygon(_placed(points, large), fill=255)
    return large.reduce(_SMOOTHING)


@_kept
def line(size: Size, points: tuple[Point, ...], thick: float) -> Image.Image:
    """A line through points, which are parts of the size, so many real pixels thick, with round
    ends."""
    large = _large(size)
    draw = ImageDraw.Draw(large)
    width = round(thick * _SMOOTHING)
    corners = _placed(points, large)
    draw.line(corners, fill=255, width=width, joint="curve")
    for x, y in (corners[0], corners[-1]):
        draw.circle((x, y), width / 2, fill=255)
    return large.reduce(_SMOOTHING)


def _large(size: Size) -> Image.Image:
    return Image.new("L", (size[0] * _SMOOTHING, size[1] * _SMOOTHING))


def _placed(points: Sequence[Point], image: Image.Image) -> Sequence[Point]:
    return [(x * image.width, y * image.height) for x, y in points]


def star(points: int = 5, waist: float = 0.42) -> tuple[Point, ...]:
    """The corners of a star that stands on two of its points, as parts of its size; `waist` is how
    far its inner corners are from the middle, to the outer ones."""
    corners: Sequence[Point] = [
        (radius * sin(angle), -radius * cos(angle))
        for number in range(2 * points)
        for radius, angle in [((1, waist)[number % 2], number * pi / points)]
    ]
    lefts, tops = zip(*corners, strict=True)
    width, height = max(lefts) - min(lefts), max(tops) - min(tops)
    return tuple(((x - min(lefts)) / width, (y - min(tops)) / height) for x, y in corners)


@lru_cache(maxsize=512)
def ink(colour: str) -> tuple[tuple[int, int, int], int]:
    """Red, green and blue of `#RRGGBB` or `#RRGGBBAA`, and how opaque it is, of 255."""
    red, green, blue, *alpha = ImageColor.getrgb(colour)
    return (red, green, blue), alpha[0] if alpha else 255


def faded(coverage: Image.Image, alpha: int) -> Image.Image:
    """As opaque as `alpha` (of 255) says."""
    return coverage if alpha == 255 else coverage.point(lambda value: value * alpha // 255)

"""What layers are painted with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageOps

from renderers import fonts
from renderers.coverage import faded, ink
from renderers.fields import Box, Gradient, TextBox
from renderers.fonts import Face
from renderers.text.breaks import Span
from renderers.text.draw import draw
from renderers.text.fit import Letters, Style
from renderers.text.look import FIGURES, TABULAR


class MissingAssetError(LookupError):
    """A layer's picture or font is not among those given."""


class Area(NamedTuple):
    """A box in real pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def within(self, left: int, top: int, width: int, height: int) -> "Area":
        """A part of it, by where that stands in it."""
        return Area(self.left + left, self.top + top, width, height)


@dataclass(frozen=True, slots=True)
class Pen:
    """Paints on an image that begins `top` real pixels below the top of its canvas. `assets` maps
    ids to stored files of pictures and fonts; `fallback_fonts` are the ids of those for what a
    text's own font lacks; `language` is the reader's."""

    image: Image.Image
    scale: int
    assets: Mapping[str, bytes]
    fallback_fonts: tuple[str, ...] = ()
    language: str = ""
    top: int = 0

    def area(self, box: Box) -> Area:
        return Area(*(side * self.scale for side in (box.x, box.y, box.width, box.height)))

    def asset(self, name: str) -> bytes:
        """Raises MissingAssetError."""
        if name not in self.assets:
            raise MissingAssetError(name)
        return self.assets[name]

    def paint(self, area: Area, colour: str | Gradient, coverage: Image.Image) -> None:
        """Paint an area as far as it is covered (mode L, of its size)."""
        where = (area.left, area.top - self.top)
        if isinstance(colour, Gradient):
            self.image.paste(gradient(colour, area.size), where, coverage)
            return
        paint, alpha = ink(colour)
        self.image.paste(paint, where, faded(coverage, alpha))

    def show(self, area: Area, picture: Image.Image, coverage: Image.Image | None) -> None:
        """Put a picture (mode RGB) at the left and top of an area."""
        self.image.paste(picture, (area.left, area.top - self.top), coverage)

    def write(self, area: Area, spans: Sequence[Span], style: Style) -> None:
        """Write a text, given in parts with the numbers of their letters, in an area."""
        draw(self.image, spans, style, area.left, area.top - self.top)

    def style(self, box: TextBox, area: Area, *, tabular: bool = False) -> Style:
        """How a text is set in an area; `tabular` figures are all of one width."""
        return Style(
            letters=(Letters(self.faces(box.font), box.colour),),
            size=box.size * self.scale,
            smallest=min(box.smallest, box.size) * self.scale,
            width=area.width,
            height=area.height,
            line_height=box.line_height,
            balance=box.balance,
            align=box.align,
            valign=box.valign,
            spacing=box.letter_spacing,
            features=TABULAR if tabular else FIGURES,
            language=self.language,
        )

    def faces(self, name: str) -> tuple[Face, ...]:
        """The fonts in which a text is set: its own first.

        Raises MissingAssetError if an uploaded one is not among the assets.
        """
        return faces((name, *self.fallback_fonts), self.assets)


def faces(names: Sequence[str], assets: Mapping[str, bytes]) -> tuple[Face, ...]:
    """The fonts of these names, and the shipped ones behind them. Raises MissingAssetError."""
    return fonts.chain(*(_face(name, assets) for name in names))


def _face(name: str, assets: Mapping[str, bytes]) -> Face:
    if name in fonts.BY_NAME:
        return fonts.shipped(fonts.BY_NAME[name])
    if name not in assets:
        raise MissingAssetError(name)
    return fonts.uploaded(name, assets[name])


def gradient(colours: Gradient, size: tuple[int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L")
    if colours.towards == "right":
        ramp = ramp.transpose(Image.Transpose.ROTATE_90)
    smooth = ramp.resize(size, Image.Resampling.BILINEAR)
    return ImageOps.colorize(smooth, colours.start, colours.end)

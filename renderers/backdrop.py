"""What of a canvas is the same for all people: drawn and compressed once.

The rows in which something is personal are a band: for one person that alone is drawn and encoded.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from renderers import jpeg, png
from renderers.encode import ImageType
from renderers.latest import Latest
from renderers.paint import background, paint_layer
from renderers.reader import Content
from renderers.spec import Canvas

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of all backdrops that are kept."""
LARGEST_SHARE = 0.6
"""Of a picture's rows: of a larger band little would be saved."""


class Backdrop:
    """All layers of a canvas but the personal ones (of which there is one at least), and those that
    are drawn over these. `contents` holds what each layer shows."""

    def __init__(
        self,
        canvas: Canvas,
        contents: Sequence[Content | None],
        language: str,
        personal: Sequence[int],
        assets: Mapping[str, bytes],
    ) -> None:
        """Raises MissingAssetError if a picture or a font is not among the assets."""
        self._canvas = canvas
        self._language = language
        self._rows, self._columns = _band(canvas, personal), _columns(canvas, personal)
        image = background(canvas)
        above = range(personal[0], len(contents))
        for number in range(personal[0]):
            paint_layer(image, canvas, number, contents[number], language, assets)
        self._under = image.crop((0, self._rows[0], image.width, self._rows[1]))
        for number in above:
            if number not in personal:
                paint_layer(image, canvas, number, contents[number], language, assets)
        self._whole = image
        self._anew = [one for one in above if one in personal or self._is_within(one)]

    def file(
        self, contents: Sequence[Content | None], assets: Mapping[str, bytes], kind: ImageType
    ) -> bytes:
        """The picture of one person, as a PNG or a JPEG."""
        band, top = self._under.copy(), self._rows[0]
        for number in self._anew:
            paint_layer(band, self._canvas, number, contents[number], self._language, assets, top)
        surroundings = self._png if kind is ImageType.PNG else self._jpeg
        return surroundings.file(band)

    @cached_property
    def _png(self) -> png.Surroundings:
        return png.Surroundings(self._whole, *self._rows)

    @cached_property
    def _jpeg(self) -> jpeg.Surroundings:
        return jpeg.Surroundings(self._whole, *self._rows, *self._columns)

    @property
    def bytes(self) -> int:
        """About the memory that its pixels take: four for each, and those of the band again."""
        width, height = self._whole.size
        return 4 * width * (height + self._under.height)

    def _is_within(self, number: int) -> bool:
        layer, scale = self._canvas.layers[number], self._canvas.scale
        top, bottom = self._rows
        return layer.y * scale < bottom and (layer.y + layer.height) * scale > top


BACKDROPS: Latest[Backdrop] = Latest(MOST_KEPT, lambda backdrop: backdrop.bytes)


def is_worth_it(canvas: Canvas, personal: Sequence[int]) -> bool:
    """Whether there is a band, and it is not most of the picture."""
    if not personal:
        return False
    top, bottom = _band(canvas, personal)
    return 0 < bottom - top <= LARGEST_SHARE * canvas.height * canvas.scale


def _band(canvas: Canvas, personal: Sequence[int]) -> tuple[int, int]:
    """The real pixels from which row, and to which, something may be personal; in whole rows of a
    JPEG's blocks."""
    height = canvas.height * canvas.scale
    layers = [canvas.layers[number] for number in personal]
    top = max(0, min(layer.y for layer in layers) * canvas.scale)
    bottom = min(height, max(layer.y + layer.height for layer in layers) * canvas.scale)
    whole_rows = -(-bottom // jpeg.BLOCK) * jpeg.BLOCK
    return top // jpeg.BLOCK * jpeg.BLOCK, min(height, whole_rows)


def _columns(canvas: Canvas, personal: Sequence[int]) -> tuple[int, int]:
    """The real pixels of a row from which, and to which, something may be personal."""
    layers = [canvas.layers[number] for number in personal]
    left = min(canvas.width, max(0, min(layer.x for layer in layers)))
    right = min(canvas.width, max(layer.x + layer.width for layer in layers))
    return left * canvas.scale, max(left, right) * canvas.scale

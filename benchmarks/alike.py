"""Whether two files show the same: to the pixel, or as far as an eye can tell."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from statistics import fmean

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageSequence, ImageStat

from renderers.fonts import Font, shipped

LINE = 28
"""Pixels for a name on a sheet."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
SOFT = 2
"""Pixels by which pictures are blurred to be compared, so that a letter's edge does not count."""
MOST = 10.0
"""How far apart two pictures may be in a box that something fills: the mean difference of their
values, of 255. Another second is 17 away, a text whose lines break elsewhere 20, none 30."""


class OtherFormError(ValueError):
    """Two files differ in their type, their size, or the number or the length of their frames."""


def shown(data: bytes) -> list[bytes]:
    """The pixels of each frame."""
    return [frame.tobytes() for frame in _frames(data)]


def _frames(data: bytes) -> list[Image.Image]:
    with Image.open(BytesIO(data)) as image:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]


def difference(ours: bytes, other: bytes, boxes: Sequence[Box]) -> float:
    """How far apart two files are, in the box and the frame where it is most. Raises
    OtherFormError."""
    forms = [_form(data) for data in (ours, other)]
    if forms[0] != forms[1]:
        raise OtherFormError(f"it is {forms[1]}, ours is {forms[0]}")
    return max(
        _mean(one.crop(box), another.crop(box))
        for one, another in zip(_soft(ours), _soft(other), strict=True)
        for box in boxes
    )


def _soft(data: bytes) -> list[Image.Image]:
    return [frame.filter(ImageFilter.GaussianBlur(SOFT)) for frame in _frames(data)]


def _form(data: bytes) -> str:
    with Image.open(BytesIO(data)) as image:
        lasts = [frame.info.get("duration") for frame in ImageSequence.Iterator(image)]
        form = f"{image.format} of {image.width} x {image.height}"
    return form if lasts == [None] else f"{form}, frames of {lasts} ms"


def _mean(one: Image.Image, another: Image.Image) -> float:
    return fmean(ImageStat.Stat(ImageChops.difference(one, another)).mean)


def sheet(files: Mapping[str, bytes]) -> Image.Image:
    """Each file under its name: its first frame, and beside it its last."""
    rows = {name: _frames(data) for name, data in files.items()}
    width = max(2 * frames[0].width for frames in rows.values())
    image = Image.new("RGB", (width, sum(LINE + frames[0].height for frames in rows.values())))
    canvas, top = ImageDraw.Draw(image), 0
    for name, frames in rows.items():
        canvas.text((8, top + 4), name, "white", shipped(Font.REGULAR).at(16))
        top += LINE
        for place, frame in enumerate(frames[:1] + frames[1:][-1:]):
            image.paste(frame, (place * frame.width, top))
        top += frames[0].height
    return image

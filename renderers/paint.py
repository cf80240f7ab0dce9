"""A canvas, painted layer by layer."""

from collections.abc import Mapping

from PIL import Image

from renderers.fields import Gradient
from renderers.pen import Pen, gradient
from renderers.reader import Content
from renderers.spec import Canvas


def background(canvas: Canvas) -> Image.Image:
    """A canvas without its layers (mode RGB)."""
    size = (canvas.width * canvas.scale, canvas.height * canvas.scale)
    if isinstance(canvas.background, Gradient):
        return gradient(canvas.background, size)
    return Image.new("RGB", size, canvas.background)


def paint_layer(
    image: Image.Image,
    canvas: Canvas,
    number: int,
    content: Content | None,
    language: str,
    assets: Mapping[str, bytes],
    top: int = 0,
) -> None:
    """Paint one of a canvas's layers, if it is shown, on an image of it that begins at `top`, in
    real pixels. `assets` maps ids to stored files of pictures and fonts.

    Raises MissingAssetError if one that the layer needs is not among them.
    """
    if content is not None:
        pen = Pen(image, canvas.scale, assets, canvas.fallback_fonts, language, top)
        canvas.layers[number].paint(pen, content)

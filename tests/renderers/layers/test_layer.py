"""What all layers have in common."""

from typing import Any

import pytest
from PIL import Image, ImageChops

from tests.renderers.support import (
    canvas,
    changed,
    drawn,
    shape_layer,
    text_layer,
)

ID, OTHER = "0" * 32, "1" * 32


def greys(image: Image.Image) -> float:
    """The part of the ink's pixels that is neither ink nor ground: how blurred edges are."""
    counts = image.convert("L").histogram()
    return sum(counts[32:224]) / sum(counts[:224])


@pytest.mark.parametrize(
    "layer",
    [
        text_layer(text="Matka", width=60, height=30, size=18),
        shape_layer(width=37, height=29, radius=14),
    ],
    ids=["text", "shape"],
)
@pytest.mark.parametrize("scale", [2, 3])
def test_a_larger_scale_is_really_sharper(layer: Any, scale: int) -> None:
    layer = layer.model_copy(update={"colour": "#000000"})
    once, sharp = (drawn(canvas(layer, width=60, scale=number)) for number in (1, scale))
    blurred = once.resize(sharp.size, Image.Resampling.BICUBIC)
    assert greys(sharp) < greys(blurred) * 0.75
    small = sharp.reduce(scale)
    assert changed(once) is not None
    difference = ImageChops.difference(small, once).convert("L")
    assert sum(value * count for value, count in enumerate(difference.histogram())) < 60 * 40 * 12

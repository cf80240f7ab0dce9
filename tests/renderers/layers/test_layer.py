"""What all layers have in common."""

from typing import Any

import pytest
from PIL import Image, ImageChops

from renderers.layers.layer import Layer
from tests.renderers.support import (
    avatar_layer,
    canvas,
    changed,
    chart_layer,
    drawn,
    picture_layer,
    price_layer,
    progress_layer,
    rating_layer,
    shape_layer,
    steps_layer,
    text_layer,
)


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


@pytest.mark.parametrize(
    ("layer", "numbers"),
    [
        (shape_layer(), []),
        (text_layer(text="{{ n }}"), []),
        (steps_layer(), []),
        (avatar_layer(), []),
        (rating_layer(value="{{ n }}"), ["{{ n }}"]),
        (progress_layer(value=3.5), [3.5]),
        (price_layer(), ["{{ p }}", "{{ old }}"]),
        (price_layer(old=None), ["{{ p }}"]),
        (chart_layer(1, "{{ n }}"), [1, "{{ n }}"]),
    ],
)
def test_a_layer_tells_which_of_its_values_are_numbers(layer: Layer, numbers: list[Any]) -> None:
    assert [*layer.numbers] == numbers


def test_a_layer_has_nothing_but_a_box_unless_it_says_so() -> None:
    layer = shape_layer(x=3, y=4)
    asked = (layer.texts, layer.needed, layer.optional, layer.numbers, layer.pictures, layer.fonts)
    assert [[*one] for one in asked] == [[]] * 6
    assert (layer.when, layer.x, layer.width) == ((), 3, 10)


def test_what_a_layer_says_is_nothing_of_its_json() -> None:
    for layer in (chart_layer(1), rating_layer(), price_layer(), text_layer(), picture_layer()):
        stored = layer.model_dump(by_alias=True)
        assert not stored.keys() & {"texts", "numbers", "optional", "pictures", "fonts", "needed"}
        assert type(layer).model_validate(stored) == layer

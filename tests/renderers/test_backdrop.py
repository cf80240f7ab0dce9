"""What is drawn once, beside what is drawn whole."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderers.backdrop import Backdrop, Backdrops, _band, is_worth_it
from renderers.canvas import Drawing, Filled, draw
from renderers.encode import ImageType
from renderers.layers.layer import Layer
from renderers.pen import MissingAssetError
from renderers.spec import Canvas
from tests.renderers.support import (
    canvas,
    everything,
    law,
    picture_layer,
    quadrants,
    shape_layer,
    text_layer,
    written,
)

NAME = "0" * 32
OTHER = "1" * 32
PICTURES = {NAME: written(quadrants(), "PNG"), OTHER: written(quadrants(12, "RGBA"), "PNG")}

places = st.integers(-30, 90)
sizes = st.integers(1, 60)
boxes = st.fixed_dictionaries({"x": places, "y": places, "width": sizes, "height": sizes})
colours = st.sampled_from(("#FF0000", "#00FF0080", "#12345678"))
texts = st.sampled_from(("Hei", "{{ a }}", "Hei {{ a }}, on {{ b }}"))
layers: st.SearchStrategy[Layer] = st.one_of(
    st.builds(lambda box, text: text_layer(**box, text=text, smallest=6), boxes, texts),
    st.builds(lambda box, colour: shape_layer(**box, colour=colour, radius=5), boxes, colours),
    st.builds(
        lambda box, source: picture_layer(**box, picture=source),
        boxes,
        st.sampled_from((NAME, "{{ offer.picture }}")),
    ),
)
canvases = st.builds(
    lambda of, width, height, scale, background: canvas(
        *of, width=width, height=height, scale=scale, background=background
    ),
    st.lists(layers, min_size=1, max_size=5),
    st.integers(1, 90),
    st.integers(1, 130),
    st.sampled_from((1, 2, 3)),
    st.sampled_from(("#F4EFE6", {"start": "#FF0000", "end": "#0000FF"})),
)
names = st.sampled_from(("Aino", "Märt-Kristjan", "", "Александра", "שלום"))


def filled(spec: Canvas, name: str) -> Filled:
    values: dict[str, Any] = {"a": name, "b": 3, "offer.picture": OTHER}
    return Drawing(spec, everything).fill(values.get, "en")


def pixels(data: bytes) -> tuple[Image.Image, str | None]:
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB"), image.format


def has_band(filled: Filled) -> bool:
    top, bottom = _band(filled.canvas, filled.personal)
    return top < bottom


@law
@given(canvases, names, names)
def test_a_picture_for_one_person_is_the_one_that_is_drawn_whole(
    spec: Canvas, first: str, second: str
) -> None:
    one, other = filled(spec, first), filled(spec, second)
    assert one.fixed == other.fixed
    if not one.personal or not has_band(one):
        return
    backdrop = Backdrop(one.canvas, one.contents, one.personal, PICTURES)
    for person in (one, other):
        whole = draw(person, PICTURES)
        made, kind = pixels(backdrop.file(person.contents, PICTURES, ImageType.PNG))
        assert (made.size, kind) == (whole.size, "PNG")
        assert made.tobytes() == whole.tobytes()
        made, kind = pixels(backdrop.file(person.contents, PICTURES, ImageType.JPG))
        assert kind == "JPEG"
        options = {"quality": 88, "subsampling": 0}
        plain, _ = pixels(written(whole, "JPEG", **options))
        assert made.tobytes() == plain.tobytes()


def test_what_stands_over_a_personal_layer_is_drawn_again() -> None:
    spec = canvas(
        shape_layer(width=40, height=40),
        text_layer(text="{{ a }}", y=100),
        shape_layer(width=40, height=20, y=105, colour="#0000FF80"),
        shape_layer(width=40, height=40, y=300, colour="#00FF00"),
        width=100,
        height=400,
    )
    for name in ("Aino", "Märt"):
        person = filled(spec, name)
        made, _ = pixels(person.file({}, ImageType.PNG))
        assert made.tobytes() == draw(person, {}).tobytes()


@pytest.mark.parametrize("kind", [ImageType.PNG, ImageType.JPG, ImageType.GIF])
def test_a_file_is_of_the_type_that_is_asked_for_whichever_way_it_is_made(kind: ImageType) -> None:
    for height in (40, 400):
        spec = canvas(text_layer(text="{{ a }}"), width=100, height=height)
        person = filled(spec, "Aino")
        assert is_worth_it(spec, person.personal) is (height == 400)
        image, made = pixels(person.file({}, kind))
        assert (image.size, made) == ((100, height), {"jpg": "JPEG"}.get(kind, kind.upper()))


def test_where_nothing_is_personal_there_is_no_band() -> None:
    assert not is_worth_it(canvas(text_layer()), ())
    outside = canvas(text_layer(y=500, text="{{ a }}"))
    assert not is_worth_it(outside, filled(outside, "x").personal)


def test_a_picture_that_is_missing_is_named() -> None:
    spec = canvas(picture_layer(), text_layer(text="{{ a }}"), height=400)
    with pytest.raises(MissingAssetError, match=NAME):
        filled(spec, "Aino").file({}, ImageType.PNG)
    later = canvas(text_layer(text="{{ a }}"), picture_layer(), height=400)
    with pytest.raises(MissingAssetError, match=NAME):
        filled(later, "Aino").file({}, ImageType.PNG)


def test_the_latest_are_kept() -> None:
    spec = canvas(text_layer(text="{{ a }}"), height=400)
    person = filled(spec, "Aino")
    made: list[Backdrop] = []

    def make() -> Backdrop:
        made.append(Backdrop(spec, person.contents, person.personal, {}))
        return made[-1]

    kept = Backdrops(most=2)
    first = kept.of("a", make)
    kept.of("b", make)
    assert kept.of("a", make) is first
    kept.of("c", make)
    assert kept.of("a", make) is first
    assert len(made) == 3
    kept.of("b", make)
    assert len(made) == 4

"""What is drawn once, beside what is drawn whole."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from PIL import Image

from renderers.backdrop import Backdrop, _band, is_worth_it
from renderers.canvas import Drawing, Filled, draw
from renderers.encode import ImageType
from renderers.latest import Latest
from renderers.pen import MissingAssetError
from renderers.spec import Canvas
from tests.renderers.canvases import ASSETS, Person, Spec, made, people, specs
from tests.renderers.support import (
    canvas,
    everything,
    law,
    picture_layer,
    shape_layer,
    text_layer,
    written,
)

NAME = "0" * 32


def filled(spec: Canvas, person: Mapping[str, Any]) -> Filled:
    return Drawing(spec, everything).fill(person.get, "en")


def named(spec: Canvas, name: str) -> Filled:
    return filled(spec, {"a": name})


def pixels(data: bytes) -> tuple[Image.Image, str | None]:
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB"), image.format


def has_band(filled: Filled) -> bool:
    top, bottom = _band(filled.canvas, filled.personal)
    return top < bottom


def check_band(one: Filled, other: Filled) -> None:
    """Both are the same, made from the backdrop of one, as when they are drawn whole."""
    backdrop = Backdrop(one.canvas, one.contents, one.language, one.personal, ASSETS)
    for person in (one, other):
        whole = draw(person, ASSETS)
        shown, kind = pixels(backdrop.file(person.contents, ASSETS, ImageType.PNG))
        assert (shown.size, kind) == (whole.size, "PNG")
        assert shown.tobytes() == whole.tobytes()
        shown, kind = pixels(backdrop.file(person.contents, ASSETS, ImageType.JPG))
        assert kind == "JPEG"
        options = {"quality": 88, "subsampling": 0}
        plain, _ = pixels(written(whole, "JPEG", **options))
        assert shown.tobytes() == plain.tobytes()


@law
@given(specs(), people, people)
def test_a_picture_for_one_person_is_the_one_that_is_drawn_whole(
    spec: Spec, first: Person, second: Person
) -> None:
    canvas = made(spec)
    one, other = filled(canvas, first), filled(canvas, second)
    assert (one.fixed, one.personal) == (other.fixed, other.personal)
    if one.personal and has_band(one):
        check_band(one, other)


@pytest.mark.parametrize("height", [50, 130])
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_layer_may_be_hidden_from_one_and_shown_to_another(height: int, scale: int) -> None:
    spec = canvas(
        shape_layer(width=40, height=30, colour="#00FF0080"),
        picture_layer(y=5, when=({"value": "a", "equals": "x"},)),
        picture_layer(
            x=20, y=9, picture="{{ offer.picture }}", when=({"value": "n", "at_least": 3},)
        ),
        text_layer(y=10, text="{{ a }}", when=({"value": "a", "is_set": True},)),
        shape_layer(y=12, width=40, colour="#0000FF40"),
        height=height,
        scale=scale,
    )
    people: list[dict[str, Any]] = [
        {"a": "x", "n": 3, "offer.picture": "1" * 32},
        {"a": "y", "n": 2, "offer.picture": None},
        {"a": None, "n": 5, "offer.picture": NAME},
        {},
    ]
    drawn = [filled(spec, person) for person in people]
    assert [tuple(content is not None for content in one.contents[1:4]) for one in drawn] == [
        (True, True, True),
        (False, False, True),
        (False, True, False),
        (False, False, False),
    ]
    for one in drawn:
        for other in drawn:
            check_band(one, other)
    files = [one.file(ASSETS, ImageType.PNG) for one in drawn]
    assert len(set(files)) == len(files)
    for one, file in zip(drawn, files, strict=True):
        assert pixels(file)[0].tobytes() == draw(one, ASSETS).tobytes()


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
        person = named(spec, name)
        made, _ = pixels(person.file({}, ImageType.PNG))
        assert made.tobytes() == draw(person, {}).tobytes()


@pytest.mark.parametrize("kind", [ImageType.PNG, ImageType.JPG, ImageType.GIF])
def test_a_file_is_of_the_type_that_is_asked_for_whichever_way_it_is_made(kind: ImageType) -> None:
    for height in (40, 400):
        spec = canvas(text_layer(text="{{ a }}"), width=100, height=height)
        person = named(spec, "Aino")
        assert is_worth_it(spec, person.personal) is (height == 400)
        image, made = pixels(person.file({}, kind))
        assert (image.size, made) == ((100, height), {"jpg": "JPEG"}.get(kind, kind.upper()))


def test_where_nothing_is_personal_there_is_no_band() -> None:
    assert not is_worth_it(canvas(text_layer()), ())
    outside = canvas(text_layer(y=500, text="{{ a }}"))
    assert not is_worth_it(outside, named(outside, "x").personal)


def test_a_picture_that_is_missing_is_named() -> None:
    spec = canvas(picture_layer(), text_layer(text="{{ a }}"), height=400)
    with pytest.raises(MissingAssetError, match=NAME):
        named(spec, "Aino").file({}, ImageType.PNG)
    later = canvas(text_layer(text="{{ a }}"), picture_layer(), height=400)
    with pytest.raises(MissingAssetError, match=NAME):
        named(later, "Aino").file({}, ImageType.PNG)


def test_the_latest_are_kept() -> None:
    spec = canvas(text_layer(text="{{ a }}"), height=400)
    person = named(spec, "Aino")
    made: list[Backdrop] = []

    def make() -> Backdrop:
        made.append(Backdrop(spec, person.contents, "en", person.personal, {}))
        return made[-1]

    one = Backdrop(spec, person.contents, "en", person.personal, {})
    assert one.bytes > 4 * spec.width * spec.height
    kept = Latest[Backdrop](2 * one.bytes, lambda backdrop: backdrop.bytes)
    first = kept.of("a", make)
    kept.of("b", make)
    assert kept.of("a", make) is first
    kept.of("c", make)
    assert kept.of("a", make) is first
    assert len(made) == 3
    kept.of("b", make)
    assert len(made) == 4

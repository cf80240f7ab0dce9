import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from renderers.canvas import Drawing, draw
from renderers.encode import ImageType
from renderers.fields import OFFER_PICTURE, Gradient
from renderers.spec import Canvas
from renderers.template import MissingValueError, TemplateError
from tests.renderers.support import (
    BLUE,
    RED,
    canvas,
    drawn,
    everything,
    filled,
    law,
    nothing,
    opened,
    picture_layer,
    pixel,
    quadrants,
    shape_layer,
    text_layer,
    written,
)

ID, OTHER, GRAIN = "0" * 32, "1" * 32, "7" * 32


def test_layers_are_drawn_in_order() -> None:
    red, blue = shape_layer(width=20), shape_layer(x=10, width=20, colour="#0000FF")
    assert pixel(drawn(canvas(red, blue)), 15, 5) == BLUE
    assert pixel(drawn(canvas(blue, red)), 15, 5) == RED


def test_values_are_drawn_in_the_language_asked() -> None:
    spec = canvas(text_layer(text={"fi": "Hei {{ a }}", "en": "Hi {{ a }}"}))
    finnish, english = (filled(spec, lambda _: "Väinö", locale) for locale in ("fi", "en-GB"))
    assert (finnish.contents, english.contents) == (("Hei Väinö",), ("Hi Väinö",))
    same = canvas(text_layer(text="Hei Väinö"))
    assert draw(finnish, {}).tobytes() == drawn(same).tobytes() != draw(english, {}).tobytes()


def test_one_drawing_leaves_no_trace_in_another() -> None:
    data = {ID: written(quadrants(30, "RGBA"), "PNG")}
    layers = (
        shape_layer(width=30, height=30, radius=9, colour="#0000FF40"),
        picture_layer(radius=4, fit="contain"),
        text_layer(colour="#00000080"),
    )
    once = drawn(canvas(*layers), data).tobytes()
    opaque = [layer.model_copy(update={"colour": "#00FF00"}) for layer in layers[::2]]
    other = drawn(canvas(*opaque, picture_layer(x=9, y=3, radius=4)), data).tobytes()
    assert drawn(canvas(*layers), data).tobytes() == once != other


def test_the_offers_picture_is_the_one_looked_up() -> None:
    spec = canvas(picture_layer(picture=OFFER_PICTURE), picture_layer(picture=OTHER, x=20))
    given_ = filled(spec, {"offer.picture": ID}.get)
    assert given_.pictures == (ID, OTHER)
    colours = {ID: RED, OTHER: BLUE}
    files = {
        name: written(Image.new("RGB", (9, 9), colour), "PNG") for name, colour in colours.items()
    }
    image = draw(given_, files)
    assert (pixel(image, 10, 10), pixel(image, 30, 10)) == (RED, BLUE)


def test_an_absent_offer_picture_is_a_missing_value() -> None:
    with pytest.raises(MissingValueError, match=r"offer\.picture"):
        filled(canvas(picture_layer(picture=OFFER_PICTURE)))


def test_a_drawing_knows_what_it_reads() -> None:
    drawing = Drawing(
        canvas(
            text_layer(text={"fi": "{{ a }} {{ b | default('') }}", "en": "{{ c }}"}),
            picture_layer(picture=OFFER_PICTURE),
            picture_layer(picture=ID),
            shape_layer(),
            picture_layer(picture=OTHER),
        ),
        everything,
    )
    assert drawing.paths == {"a", "b", "c", "offer.picture"}
    assert drawing.required == {"a", "c", "offer.picture"}
    assert drawing.pictures == {ID, OTHER}


def test_a_plain_drawing_reads_nothing() -> None:
    drawing = Drawing(canvas(shape_layer(), picture_layer()), everything)
    assert not drawing.paths | drawing.required
    assert drawing.pictures == {ID}


def test_texts_are_checked() -> None:
    with pytest.raises(TemplateError, match=r"'a\.b' is no value"):
        Drawing(canvas(text_layer(text={"fi": "Hei", "en": "{{ a.b }}"})), {"a"}.__contains__)
    with pytest.raises(MissingValueError):
        Drawing(canvas(text_layer(text="{{ a }}")), everything).fill(nothing, "fi")


TWO_TEXTS = canvas(
    text_layer(text="{{ a }}"),
    text_layer(text={"fi": "{{ b }}", "en": "{{ b }} "}),
    picture_layer(picture=OFFER_PICTURE),
)
VALUES = {"a": "ab", "b": "c", "offer.picture": ID, "unread": "x"}


def key(spec: Any = TWO_TEXTS, locale: str = "fi", **values: str) -> str:
    changes = {name.replace("offer_", "offer."): value for name, value in values.items()}
    return filled(spec, (VALUES | changes).get, locale).key


def test_equal_content_has_an_equal_key() -> None:
    again = type(TWO_TEXTS).model_validate_json(TWO_TEXTS.model_dump_json())
    assert key() == key(again) == key(unread="y") == key(locale="fi-FI")
    assert len(key()) == 32


def test_any_change_of_the_content_changes_the_key() -> None:
    specs = [
        TWO_TEXTS.model_copy(update=change)
        for change in (
            {"scale": 2},
            {"width": 41},
            {"background": "#FFFFFE"},
            {"background": Gradient(start="#FFFFFF", end="#FFFFFF")},
            {"layers": TWO_TEXTS.layers[:2]},
            {"layers": TWO_TEXTS.layers[::-1]},
            {"layers": (*TWO_TEXTS.layers, shape_layer())},
        )
    ]
    keys = [
        key(),
        key(a="a", b="bc"),
        key(a="abc", b=""),
        key(a="", b="abc"),
        key(a="AB"),
        key(b="ć"),
        key(locale="en"),
        key(offer_picture=OTHER),
        *(key(spec) for spec in specs),
    ]
    assert len(set(keys)) == len(keys)


@law
@given(*[st.tuples(st.text(max_size=4), st.text(max_size=4))] * 2)
def test_keys_are_equal_only_for_equal_texts(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    keys = [key(a=a, b=b) for a, b in (first, second)]
    assert (keys[0] == keys[1]) == (first == second)


def test_files_for_another_budget_are_another_content() -> None:
    spec = canvas(shape_layer())
    keys = {
        Drawing(spec, everything, budget).fill(nothing, "en").key for budget in (None, 5000, 6000)
    }
    assert len(keys) == 3


def busy(**fields: Any) -> Canvas:
    """A picture of grain under a text that shows a value."""
    layers = (
        picture_layer(width=200, height=200, picture=GRAIN),
        text_layer(text="{{ a }}", x=0, y=80, width=200, height=40),
    )
    return canvas(*layers, width=200, height=200, **fields)


def grain() -> Mapping[str, bytes]:
    chance = random.Random(1).randbytes(3 * 25 * 25)
    soft = Image.frombytes("RGB", (25, 25), chance).resize((200, 200), Image.Resampling.BICUBIC)
    return {GRAIN: written(soft, "PNG")}


@pytest.mark.parametrize("kind", ImageType)
def test_a_file_that_is_made_as_a_whole_holds_its_budget(kind: ImageType) -> None:
    pictures = grain()
    spec = busy().model_copy(update={"layers": (*busy().layers[:1], text_layer(text="Aino"))})
    full = Drawing(spec, everything).fill(nothing, "en")
    budget = len(full.file(pictures, kind)) * 3 // 4
    held = Drawing(spec, everything, budget).fill(nothing, "en")
    assert len(full.file(pictures, kind)) > budget
    assert len(held.file(pictures, kind)) <= budget
    roomy = Drawing(spec, everything, 1_000_000).fill(nothing, "en")
    assert roomy.file(pictures, kind) == full.file(pictures, kind)


@pytest.mark.parametrize("kind", [ImageType.PNG, ImageType.JPG])
def test_a_band_for_one_person_is_not_made_worse(kind: ImageType) -> None:
    full, held = (
        Drawing(busy(), everything, budget).fill(lambda _: "Aino", "en") for budget in (None, 5000)
    )
    assert held.file(grain(), kind) == full.file(grain(), kind)


def test_hues_are_coarse_only_where_there_are_pictures_alone() -> None:
    soft = quadrants(40).resize((200, 200), Image.Resampling.BICUBIC).filter(ImageFilter.BoxBlur(9))
    pictures = dict.fromkeys((ID, GRAIN), written(soft, "PNG"))
    alone = canvas(picture_layer(width=200, height=200), width=200, height=200)
    for spec, hues in ((alone, 2), (busy(), 1)):
        file = Drawing(spec, everything).fill(lambda _: "Aino", "en").file(pictures, ImageType.JPG)
        assert opened(file).layer[0][1] == hues  # type: ignore[attr-defined]

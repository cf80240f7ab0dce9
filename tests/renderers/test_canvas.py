import datetime
import json
import random
import zoneinfo
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pydantic import ValidationError

from renderers.canvas import Drawing, draw
from renderers.encode import ImageType
from renderers.fields import OFFER_PICTURE, Gradient
from renderers.paint import background
from renderers.pen import MissingAssetError
from renderers.spec import Canvas
from renderers.template import NOW, MissingValueError, TemplateError
from tests.renderers.canvases import (
    ASSETS,
    CODES,
    KINDS,
    Person,
    Spec,
    layers_of,
    made,
    people,
    specs,
)
from tests.renderers.support import (
    BLUE,
    GREEN,
    RED,
    avatar_layer,
    badge_layer,
    canvas,
    changed,
    chart_layer,
    code_layer,
    drawn,
    everything,
    filled,
    law,
    nothing,
    opened,
    picture_layer,
    pixel,
    price_layer,
    progress_layer,
    quadrants,
    rating_layer,
    shape_layer,
    steps_layer,
    text_layer,
    written,
)

NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")
ID, OTHER, GRAIN = "0" * 32, "1" * 32, "7" * 32


def test_layers_are_drawn_in_order() -> None:
    red, blue = shape_layer(width=20), shape_layer(x=10, width=20, colour="#0000FF")
    assert pixel(drawn(canvas(red, blue)), 15, 5) == BLUE
    assert pixel(drawn(canvas(blue, red)), 15, 5) == RED


def test_values_are_drawn_in_the_language_asked() -> None:
    spec = canvas(text_layer(text={"fi": "Hei {{ a }}", "en": "Hi {{ a }}"}))
    finnish, english = (filled(spec, lambda _: "Väinö", locale) for locale in ("fi", "en-GB"))
    assert (finnish.contents, english.contents) == ((("", "Hei Väinö"),), (("", "Hi Väinö"),))
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
    assert given_.assets == (ID, OTHER)
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
    assert drawing.assets == {ID, OTHER}
    assert drawing.locales == {"fi", "en"}


def test_a_plain_drawing_reads_nothing() -> None:
    drawing = Drawing(canvas(shape_layer(), picture_layer()), everything)
    assert not drawing.paths | drawing.required
    assert drawing.assets == {ID}
    assert drawing.locales == frozenset()


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
@given(*[st.tuples(*[st.text("aZ õЖ🎉\x00", max_size=4)] * 2)] * 2)
def test_keys_are_equal_only_for_equal_texts(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    keys = [key(a=a, b=b) for a, b in (first, second)]
    assert (keys[0] == keys[1]) == (first == second)


def test_a_drawing_knows_what_each_kind_of_layer_reads() -> None:
    layers = (
        rating_layer(value="{{ n }}"),
        progress_layer(value=3),
        steps_layer(reached="{{ s }}"),
        price_layer(price="{{ p }}", old="{{ old }}"),
        badge_layer(text="{{ t }}", when=({"value": "w", "at_least": 3},)),
        code_layer(text="{{ c }}"),
        chart_layer(1, "{{ v }}"),
        avatar_layer(name="{{ name | default('?') }}"),
        text_layer(text="{{ until | relative }}"),
        picture_layer(picture="{{ product['x'].picture }}", when=({"value": "y", "is_set": True},)),
    )
    drawing = Drawing(canvas(*layers), everything)
    shown = {"n", "s", "p", "c", "v", "until"}
    assert drawing.required == shown
    assert drawing.paths == shown | {
        *("old", "t", "w", "name", NOW, "product.x.picture", "y"),
    }


def test_a_drawing_needs_the_fonts_that_were_uploaded() -> None:
    text = text_layer(font=OTHER, styles={"b": {"font": ID}, "i": {"font": "serif"}})
    steps = steps_layer(reached="paid", reached_font="c" * 32)
    drawing = Drawing(canvas(text, steps, fallback_fonts=("d" * 32,)), everything)
    fonts = (ID, OTHER, "c" * 32, "d" * 32)
    assert drawing.assets == set(fonts)
    assert drawing.fill(nothing, "en").assets == fonts


def test_a_layer_with_conditions_is_shown_where_all_hold() -> None:
    conditions = ({"value": "n", "at_least": 3}, {"value": "a", "equals": "x"})
    spec = canvas(shape_layer(when=conditions))
    shown = {
        (number, text): filled(spec, {"n": number, "a": text}.get).contents != (None,)
        for number in (None, 2, 3, "3")
        for text in (None, "x", "y")
    }
    assert [case for case, is_shown in shown.items() if is_shown] == [(3, "x")]


def test_a_layer_with_conditions_is_not_shown_where_a_value_is_absent() -> None:
    condition = ({"value": "gone", "is_set": False},)
    for layer in (
        text_layer(text="{{ a }}", when=condition),
        picture_layer(picture=OFFER_PICTURE, when=condition),
        rating_layer(value="{{ a }}", when=condition),
        steps_layer(reached="{{ a }}", when=condition),
        price_layer(when=condition),
        avatar_layer(when=condition),
    ):
        person = filled(canvas(layer))
        assert (person.contents, person.personal, person.assets) == ((None,), (0,), ())
        assert changed(draw(person, {})) is None
        assert Drawing(canvas(layer), everything).required == frozenset()


def test_what_is_hidden_needs_no_picture() -> None:
    layer = picture_layer(when=({"value": "a", "equals": "x"},))
    shown, hidden = (filled(canvas(layer), {"a": text}.get) for text in ("x", "y"))
    assert (shown.assets, hidden.assets) == ((ID,), ())
    assert draw(hidden, {}).size == (40, 40)
    with pytest.raises(MissingAssetError, match=ID):
        draw(shown, {})


def test_a_time_is_told_as_it_is_when_the_picture_is_asked_for() -> None:
    until = datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC)
    spec = canvas(text_layer(text="{{ a | relative }}"))
    days = [
        filled(spec, {"a": until, NOW: until - datetime.timedelta(days=ahead)}.get)
        for ahead in (3, 2)
    ]
    assert [one.contents for one in days] == [(("", "in 3 days"),), (("", "in 2 days"),)]
    assert days[0].key != days[1].key


@pytest.mark.parametrize(
    ("one", "alike"),
    [
        (True, 1),
        (
            datetime.datetime(2026, 3, 5, tzinfo=HELSINKI),
            datetime.datetime(2026, 3, 4, 22, tzinfo=datetime.UTC),
        ),
    ],
)
def test_equal_values_that_are_not_written_alike_are_told_apart(one: Any, alike: Any) -> None:
    assert one == alike
    drawing = Drawing(canvas(text_layer(text="{{ a }} {{ b | time }}")), everything)
    values = [{"a": value, "b": value} for value in (one, alike, one)]
    shown = [drawing.fill(value.get, "en").contents for value in values]
    assert shown[0] == shown[2] != shown[1]


def test_what_is_shown_to_many_is_written_once() -> None:
    drawing = Drawing(canvas(text_layer(text="{{ a }} {{ b | default('-') }}")), everything)
    first = drawing.fill({"a": {"fi": "Hei", "en": "Hello"}, "other": 1}.get, "fi")
    assert drawing.fill({"a": "Hei", "other": 2}.get, "fi") is first
    assert drawing.fill({"a": "Hei", "b": "x"}.get, "fi") is not first
    with pytest.raises(MissingValueError):
        drawing.fill(nothing, "fi")


def test_the_language_of_the_reader_is_part_of_what_is_drawn() -> None:
    """Words are broken by it, even where the text is the same."""
    spec, plain = canvas(text_layer(text="Hei")), canvas(shape_layer())
    assert filled(spec, locale="fi").key != filled(spec, locale="en").key
    assert filled(spec, locale="fi").key == filled(spec, locale="fi-FI").key
    assert filled(plain, locale="fi").key == filled(plain, locale="en").key


@law
@given(specs(), people, st.sampled_from(("fi", "et", "ru", "en")))
def test_any_canvas_is_drawn(spec: Spec, person: Person, locale: str) -> None:
    """In its size, the same each time, and the same from the store."""
    canvas = made(spec)
    stored = type(canvas).model_validate_json(
        canvas.model_dump_json(by_alias=True, exclude_defaults=True)
    )
    assert stored == canvas
    drawing = Drawing(canvas, everything)
    one = drawing.fill(person.get, locale)
    assert drawing.fill(person.get, locale) == one
    other = Drawing(stored, everything).fill(person.get, locale)
    image = draw(one, ASSETS)
    assert (image.mode, image.size) == (
        "RGB",
        (canvas.width * canvas.scale, canvas.height * canvas.scale),
    )
    assert one == other
    assert draw(other, ASSETS).tobytes() == image.tobytes()
    assert set(one.assets) <= set(ASSETS)


@law
@given(specs(), people, people)
def test_keys_are_equal_only_for_equal_contents(spec: Spec, first: Person, second: Person) -> None:
    drawing = Drawing(made(spec), everything)
    one, other = (drawing.fill(person.get, "en") for person in (first, second))
    assert (one.key == other.key) is (one.contents == other.contents)
    assert one.fixed == other.fixed
    assert one.personal == other.personal


def outside(image: Image.Image, canvas: Canvas) -> Image.Image:
    """What is seen of the background beside all layers."""
    beside = image.copy()
    for layer in canvas.layers:
        left, top, width, height = (
            side * canvas.scale for side in (layer.x, layer.y, layer.width, layer.height)
        )
        beside.paste(GREEN, (left, top, left + width, top + height))
    return beside


@law
@given(specs(), people)
def test_layers_stay_in_their_boxes(spec: Spec, person: Person) -> None:
    canvas = made(spec)
    whole = draw(filled(canvas, person.get), ASSETS)
    bare = background(canvas)
    assert outside(whole, canvas).tobytes() == outside(bare, canvas).tobytes()


PERSON: Person = {
    "a": "Märt-Kristjan Õun",
    "n": 4.5,
    "p": (Decimal(19), "EUR"),
    "old": (Decimal(25), "EUR"),
    "b": True,
    "s": "packed",
    "offer.picture": ID,
    NOW: None,
    "gone": None,
    "t": "soon",
    **{code: texts[0] for code, texts in CODES.items()},
}


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "code"])
@given(st.data())
@settings(law, max_examples=25)
def test_the_smallest_boxes_are_drawn_in(kind: str, scale: int, data: st.DataObject) -> None:
    layer = data.draw(layers_of(kind))
    sides = data.draw(st.sampled_from(((1, 1), (1, 40), (40, 1), (2, 2))))
    place = data.draw(st.sampled_from((-2000, -41, -1, 0, 8, 39, 40, 2000)))
    box = {"x": place, "y": place, "width": sides[0], "height": sides[1]}
    canvas = made({"width": 40, "height": 40, "scale": scale, "layers": [layer | box]})
    whole = draw(filled(canvas, PERSON.get), ASSETS)
    assert outside(whole, canvas).tobytes() == outside(background(canvas), canvas).tobytes()


REQUIRED = ("width", "height", "kind", "start", "end", "id", "value", "values", "code")
"""Wherever they stand."""


def paths_of(spec: Any) -> Iterator[tuple[Any, ...]]:
    """All places in a spec."""
    items = spec.items() if isinstance(spec, dict) else enumerate(spec)
    for name, inner in items:
        yield (name,)
        if isinstance(inner, dict | list):
            yield from ((name, *path) for path in paths_of(inner))


def is_told(path: tuple[Any, ...], error: Any) -> bool:
    """Whether an error says where it is; among what else it says."""
    said = iter(error["loc"])
    return all(place in said for place in path)


@law
@given(specs(), st.data())
def test_what_is_wrong_in_a_canvas_is_told_with_its_place(good: Spec, data: st.DataObject) -> None:
    spec = json.loads(json.dumps(good))
    path = data.draw(st.sampled_from([*paths_of(spec)]))
    *way, last = path
    place: Any = spec
    for step in way:
        place = place[step]
    how = data.draw(st.sampled_from(("other", "more", "fewer")))
    told: tuple[Any, ...] = path
    if how == "other":
        place[last] = {"!": None}
    elif how == "more" and isinstance(place, dict):
        place["!"] = None
        told = tuple(way)
    else:
        assume(last in REQUIRED)
        del place[last]
        told = tuple(way)
    if last == "kind":
        told = tuple(way)
    with pytest.raises(ValidationError) as caught:
        made(spec)
    assert any(is_told(told, error) for error in caught.value.errors())


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

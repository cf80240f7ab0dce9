"""Countdowns, beside ones that are drawn frame by frame."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from pydantic import ValidationError

from renderers.countdown import MOST_LANGUAGES, Clock, Clocks, frames, label, values_at
from renderers.coverage import rounded
from renderers.encode import ImageType
from renderers.pen import MissingAssetError, Pen
from renderers.spec import UNIT_SECONDS, Countdown, UnitLabel
from renderers.template import TemplateError
from tests import programs
from tests.renderers.support import drawn, law, quadrants, written

DAY, HOUR, MINUTE = 86_400, 3600, 60
NAVY, CREAM = "#1B2A49", "#F4EFE6"


def face(**fields: Any) -> dict[str, Any]:
    return {"width": 200, "height": 80, "background": CREAM} | fields


def unit(name: str, x: int, **fields: Any) -> dict[str, Any]:
    shown = {"width": 36, "height": 30, "size": 20, "colour": "#FFFFFF", "tile": NAVY, "radius": 4}
    named = {"x": x, "y": 50, "width": 36, "height": 20, "size": 9, "colour": NAVY}
    return {"unit": name, "x": x, "y": 16, "label": named} | shown | fields


def in_a_row(*names: str, **fields: Any) -> list[dict[str, Any]]:
    return [unit(name, 8 + 46 * place, **fields) for place, name in enumerate(names)]


ALL = tuple(UNIT_SECONDS)


def countdown(units: Sequence[dict[str, Any]] | None = None, **fields: Any) -> Countdown:
    over = face(background=NAVY)
    given = {
        "face": face(),
        "expired": over,
        "units": tuple(in_a_row(*ALL) if units is None else units),
    }
    return Countdown.model_validate(given | fields)


def clock(spec: Countdown, locale: str = "en") -> Clock:
    return Clock(spec, {}, locale)


def shown(data: bytes) -> list[Image.Image]:
    with Image.open(BytesIO(data)) as image:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]


def delays(data: bytes) -> list[int]:
    """In milliseconds, of all frames but the last, which stays."""
    with Image.open(BytesIO(data)) as image:
        return [frame.info["duration"] for frame in ImageSequence.Iterator(image)][:-1]


def plainly(spec: Countdown, ready: Clock, seconds: int, locale: str) -> list[Image.Image]:
    """Frame by frame: each drawn whole, and mapped to the palette whole."""
    found = []
    for values, _ in frames(spec, seconds):
        picture = drawn(spec.expired if values is None else spec.face)
        pen = Pen(picture, spec.face.scale, {}, language=locale)
        for one, number in zip(spec.units, values or (), strict=False):
            area = pen.area(one)
            if one.tile is not None:
                pen.paint(area, one.tile, rounded(area.size, one.radius * pen.scale))
            pen.write(area, ((f"{number:02}", 0),), pen.style(one, area, tabular=True))
            if one.label is not None:
                below = pen.area(one.label)
                said = label(one, number, locale)
                pen.write(below, ((said, 0),), pen.style(one.label, below))
        palette = ready.palette
        found.append(picture.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB"))
    return found


STACKED = [
    unit("hours", 10, y=2, height=20, size=14, label=None),
    unit("minutes", 30, y=24, height=20, size=14, label=None),
    unit("seconds", 100, y=10, tile=None, colour=NAVY),
]
SPECS = [
    countdown(frames=5),
    countdown(in_a_row("minutes", "seconds"), frames=4),
    countdown(in_a_row("days", "hours", "minutes"), frames=3),
    countdown(in_a_row(*ALL), direction="up", frames=3),
    countdown(in_a_row("hours", "minutes"), direction="up", frames=3),
    countdown(STACKED, frames=3),
    countdown(in_a_row("days", "minutes"), frames=3),
    countdown(in_a_row("seconds"), frames=3),
    countdown(frames=120),
    countdown(frames=1),
    countdown(
        frames=3,
        face=face(background={"start": "#FF0000", "end": "#0000FF"}, scale=2),
        expired=face(scale=2),
    ),
]
specs = st.sampled_from(SPECS)
moments = st.integers(-5, 200) | st.integers(0, 400 * DAY) | st.sampled_from((MINUTE, HOUR, DAY))


@law
@given(specs, moments, st.sampled_from(("en", "ru")))
def test_the_frames_are_those_that_plain_drawing_gives(
    spec: Countdown, seconds: int, locale: str
) -> None:
    if spec.direction == "up":
        seconds = abs(seconds)
    ready = clock(spec, locale)
    made = shown(ready.gif(seconds))
    plain = plainly(spec, ready, seconds, locale)
    assert len(made) == len(plain)
    for one, other in zip(made, plain, strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("spec", SPECS, ids=range(len(SPECS)))
@pytest.mark.parametrize("seconds", [1, 61, DAY + 1])
def test_the_frames_of_every_kind_are_those_of_plain_drawing(spec: Countdown, seconds: int) -> None:
    ready = clock(spec)
    made, plain = shown(ready.gif(seconds)), plainly(spec, ready, seconds, "en")
    assert [one.tobytes() for one in made] == [other.tobytes() for other in plain]


def test_what_was_kept_serves_another_time() -> None:
    """Also where only what does not change differs."""
    spec = countdown(frames=3)
    ready = clock(spec)
    for seconds in (DAY + 61, 2 * DAY + 61, 2 * DAY + HOUR + 61, 3 * DAY, 3 * DAY + HOUR):
        plain = plainly(spec, ready, seconds, "en")
        for one, other in zip(shown(ready.gif(seconds)), plain, strict=True):
            assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("names", [("hours", "minutes", "seconds"), ("days", "hours", "minutes")])
def test_what_was_prepared_needs_nothing_more(names: tuple[str, ...], direction: str) -> None:
    spec = countdown(in_a_row(*names), direction=direction)
    ready = clock(spec)
    ready.prepare(3 * UNIT_SECONDS[names[0]])
    made = ready._rows.cache_info().misses, ready._change.cache_info().misses
    for seconds in range(100, 3 * UNIT_SECONDS[names[0]] - 60 * spec.step, 97 * spec.step):
        ready.gif(seconds)
    assert (ready._rows.cache_info().misses, ready._change.cache_info().misses) == made


def test_a_clock_that_ticks_is_at_hand_in_its_languages() -> None:
    clocks = Clocks(countdown())
    now = clocks.at(100, "en")
    assert now.at_hand() is None
    made = now.file({}, ImageType.GIF)
    assert now.at_hand() == made
    assert clocks.at(99, "en-GB").at_hand() == clocks.at(99, "en").file({}, ImageType.GIF)
    assert clocks.at(100, "fi").at_hand() is None
    clocks.clock("fi", {}).prepare(MINUTE)
    assert clocks.at(100, "fi").at_hand() is not None


@pytest.mark.parametrize(
    ("names", "seconds", "values"),
    [
        (ALL, 2 * DAY + 3 * HOUR + 4 * MINUTE + 5, (2, 3, 4, 5)),
        (("hours", "minutes", "seconds"), 2 * DAY + 59, (48, 0, 59)),
        (("seconds",), DAY, (DAY,)),
        (("days", "minutes"), DAY + HOUR + 59, (1, 60)),
    ],
)
def test_the_largest_unit_holds_what_is_over(
    names: tuple[str, ...], seconds: int, values: tuple[int, ...]
) -> None:
    assert values_at(countdown(in_a_row(*names)), seconds) == values


def test_it_counts_down_second_by_second_and_ends_with_what_comes_then() -> None:
    spec = countdown(in_a_row("minutes", "seconds"), frames=60)
    told = [values for values, _ in frames(spec, 62)]
    assert told[:4] == [(1, 2), (1, 1), (1, 0), (0, 59)]
    assert len(told) == 60
    assert [values for values, _ in frames(spec, 2)] == [(0, 2), (0, 1), None]
    assert [values for values, _ in frames(spec, 0)] == [None]
    assert [values for values, _ in frames(spec, -9)] == [None]
    data = clock(spec).gif(2)
    assert delays(data) == [1000, 1000]
    assert shown(data)[-1].getpixel((100, 40)) == (27, 42, 73)


def test_minutes_change_when_they_do() -> None:
    spec = countdown(in_a_row("hours", "minutes"), frames=4)
    told = list(frames(spec, 2 * MINUTE + 10))
    assert told == [((0, 2), 1100), ((0, 1), 6000), ((0, 0), 6000), (None, 0)]
    [(values, lasts), (later, _), *_] = frames(spec, HOUR)
    assert (values, lasts, later) == ((1, 0), 100, (0, 59))


def test_it_counts_up_from_an_instant() -> None:
    up = countdown(in_a_row("minutes", "seconds"), direction="up", frames=3)
    assert [values for values, _ in frames(up, 58)] == [(0, 58), (0, 59), (1, 0)]
    by_minutes = countdown(in_a_row("hours", "minutes"), direction="up", frames=3)
    assert list(frames(by_minutes, 70)) == [((0, 1), 5000), ((0, 2), 6000), ((0, 3), 6000)]


@pytest.mark.parametrize(
    ("locale", "value", "said"),
    [
        ("en", 1, "day"),
        ("en", 2, "days"),
        ("fi", 1, "päivä"),
        ("fi", 5, "päivää"),
        ("et", 1, "ööpäev"),
        ("ru", 21, "день"),
        ("ru", 22, "дня"),
        ("ru", 25, "дней"),
        ("en", 1500, "days"),
    ],
)
def test_a_unit_is_called_what_goes_with_its_number(locale: str, value: int, said: str) -> None:
    [days, *_] = countdown().units
    assert label(days, value, locale) == said


def test_a_label_may_have_a_text_of_its_own() -> None:
    texts = {"en": "{{ value | plural(one='night', other='# nights') }}", "fi": "yötä"}
    own = unit("days", 8)["label"] | {"text": texts}
    days, _ = countdown([unit("days", 8, label=own), unit("minutes", 60)]).units
    assert (label(days, 1, "en"), label(days, 3, "en"), label(days, 3, "fi")) == (
        "night",
        "3 nights",
        "yötä",
    )


def test_a_photograph_may_be_the_face() -> None:
    name = "a" * 32
    layer = {"kind": "picture", "picture": name, "x": 0, "y": 0, "width": 200, "height": 80}
    spec = countdown(face=face(layers=(layer,)), frames=2)
    noisy = Image.effect_noise((200, 80), 90).convert("RGB")
    noisy.paste(quadrants(40), (0, 0))
    ready = Clock(spec, {name: written(noisy, "PNG")}, "en")
    first, second = shown(ready.gif(3661))
    assert first.tobytes() != second.tobytes()
    assert first.getpixel((8 + 18, 18)) == (27, 42, 73)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"units": tuple(in_a_row("seconds", "minutes"))}, "in this order"),
        ({"units": tuple(in_a_row("seconds", "seconds"))}, "in this order"),
        ({"units": tuple(in_a_row("days", "hours"))}, "smallest unit is seconds or minutes"),
        ({"units": (unit("minutes", 0), unit("seconds", 20))}, "minutes overlap|and minutes"),
        ({"units": (unit("seconds", 180),)}, "seconds stand outside of the face"),
        ({"expired": face(width=201)}, "of the same size"),
        ({"expired": face(scale=2)}, "of the same size and scale"),
        ({"frames": 121}, "less than or equal to 120"),
        ({"frames": 0}, "greater than or equal to 1"),
        ({"units": ()}, "at least 1 item"),
    ],
)
def test_what_is_refused_is_told_what_is_right(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        countdown(**fields)


def test_other_programs_read_it_too(tmp_path: Path) -> None:
    file = tmp_path / "clock.gif"
    file.write_bytes(clock(countdown()).gif(DAY + 61))
    told = programs.ask("gifsicle", "gifsicle", "--info", file)
    assert "60 images" in told
    assert "logical screen 200x80" in told
    assert "image #0 200x80" in told
    assert told.count("disposal asis") == 60
    assert told.count("delay 1.00s") == 60
    assert "loop" not in told


def test_one_clock_of_each_language_serves_all_people() -> None:
    clocks = Clocks(countdown(frames=2))
    first, second = clocks.at(3600, "en"), clocks.at(3599, "en")
    assert first.file({}, ImageType.GIF) == clock(clocks.spec).gif(3600)
    assert second.file({}, ImageType.GIF) == clock(clocks.spec).gif(3599)
    assert clocks.clock("en", {}) is clocks.clock("en", {})
    assert clocks.clock("fi", {}) is not clocks.clock("en", {})
    other = Clocks(countdown(frames=3)).at(3600, "en")
    assert first.assets == ()
    keys = [first.key, second.key, clocks.at(3600, "fi").key, other.key]
    assert len(set(keys)) == len(keys)
    assert Clocks(countdown(frames=2)).at(3600, "en").key == first.key


def layer(**fields: Any) -> dict[str, Any]:
    given = {"kind": "text", "text": "Hei", "x": 0, "y": 0, "width": 50, "height": 20, "size": 10}
    return given | fields


SHOWN = {"kind": "shape", "x": 0, "y": 0, "width": 9, "height": 9, "colour": "#FF0000"}


@pytest.mark.parametrize(
    ("shown", "complaint"),
    [
        (layer(text="{{ value }}"), "'value' is no value that a text can show"),
        (SHOWN | {"when": ({"value": "offer.stock", "at_least": 1},)}, "'offer.stock': a face is"),
        (
            {
                "kind": "picture",
                "picture": "{{ offer.picture }}",
                "x": 0,
                "y": 0,
                "width": 50,
                "height": 20,
            },
            "'offer.picture': a face is the same for all",
        ),
    ],
)
@pytest.mark.parametrize("place", ["face", "expired"])
def test_a_face_shows_no_values(shown: dict[str, Any], complaint: str, place: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        Clocks(countdown(None, **{place: face(layers=(shown,))}))


def test_a_clock_needs_what_its_faces_and_its_units_do() -> None:
    ids = {name: name * 32 for name in "abcdef"}
    picture = {
        "kind": "picture",
        "picture": ids["a"],
        "x": 0,
        "y": 0,
        "width": 50,
        "height": 20,
    }
    units = [
        unit("minutes", 8, font=ids["b"], label=unit("minutes", 8)["label"] | {"font": ids["c"]}),
        unit("seconds", 60, label=None),
    ]
    spec = countdown(
        units,
        face=face(layers=(picture, layer(text={"fi": "Hei"})), fallback_fonts=(ids["d"],)),
        expired=face(layers=(layer(font=ids["e"], text={"en": "Over"}),)),
    )
    clocks = Clocks(spec)
    assert clocks.assets == {ids[name] for name in "abcde"}
    assert clocks.at(60, "fi").assets == tuple(ids[name] for name in "abcde")
    assert clocks.locales == {"fi", "en"}
    with pytest.raises(MissingAssetError):
        clocks.at(60, "fi").file({}, ImageType.GIF)


@pytest.mark.parametrize("locale", ["zh", "ja", "ko", "th", "hi", "sw", "ga"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_language_of_which_babel_knows_no_forms_has_english_names(
    locale: str, number: int
) -> None:
    for unit in countdown(in_a_row("days", "hours", "minutes", "seconds")).units:
        assert "duration" not in label(unit, number, locale)
        assert label(unit, number, locale)


def test_a_clock_is_kept_for_a_language_not_for_each_of_its_countries() -> None:
    clocks = Clocks(countdown(in_a_row("minutes", "seconds")))
    assert clocks.clock("fi-FI", {}) is clocks.clock("fi", {}) is clocks.clock("fi-SE", {})
    assert clocks.clock("et", {}) is not clocks.clock("fi", {})


def test_a_label_may_be_of_one_country() -> None:
    spec = countdown(in_a_row("minutes", "seconds"))
    unit = spec.units[0]
    box = {"x": unit.x, "y": unit.y, "width": unit.width, "height": 8, "size": 8}
    text = UnitLabel.model_validate(box | {"text": {"en": "min", "en-GB": "mins"}})
    units = (unit.model_copy(update={"label": text}), *spec.units[1:])
    clocks = Clocks(spec.model_copy(update={"units": units}))
    assert clocks.clock("en-GB", {}) is not clocks.clock("en-US", {}) is clocks.clock("en", {})


def test_so_many_languages_of_a_clock_are_kept() -> None:
    clocks = Clocks(countdown(in_a_row("seconds")))
    first = clocks.clock("aa", {})
    for number in range(MOST_LANGUAGES - 1):
        clocks.clock(f"b{chr(97 + number)}", {})
    assert clocks.clock("aa", {}) is first
    clocks.clock("cc", {})
    assert clocks.clock("aa", {}) is not first

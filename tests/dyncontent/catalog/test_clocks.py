"""Clocks of a block, set to a person's instant."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from dyncontent.catalog.block import Block, CountdownCreative, checking
from dyncontent.catalog.clocks import CountdownDrawing, Viewing
from dyncontent.catalog.links import AllowedHosts
from renderers.countdown import ClockAt
from renderers.encode import ImageType
from renderers.template import MissingValueError
from rules.facts import FactType
from rules.moment import Moment
from tests import samples
from tests.samples import BLUE, GREEN, GREY, HOST

TALLINN = ZoneInfo("Europe/Tallinn")
NOON = datetime(2026, 12, 24, 10, tzinfo=UTC)
"""Noon in Tallinn, a Thursday."""
NOW = Moment(NOON, TALLINN)


def face(colour: str, *layers: dict[str, Any]) -> dict[str, Any]:
    canvas: dict[str, Any] = samples.canvas(colour, *layers)["canvas"]
    return canvas


def creative(**fields: Any) -> dict[str, Any]:
    digits = {"x": 2, "y": 22, "width": 26, "height": 16, "size": 10, "colour": "#000000"}
    units = [{"unit": "minutes", **digits}, {"unit": "seconds", **digits, "x": 30}]
    clock = {"face": face(BLUE), "expired": face(GREY), "units": units}
    still = face(GREEN, samples.text("{{ message.deadline | date('short') }}"))
    given = {"kind": "countdown", "until": "message.deadline", "clock": clock, "still": still}
    return {**given, **fields}


_CREATIVE: TypeAdapter[CountdownCreative] = TypeAdapter(CountdownCreative)
CONTEXT = checking(
    AllowedHosts(frozenset({HOST})),
    {"message.parameters.ends": FactType.INSTANT, "message.parameters.note": FactType.TEXT},
)


def drawing(**fields: Any) -> CountdownDrawing:
    return CountdownDrawing(_CREATIVE.validate_json(orjson.dumps(creative(**fields))))


def gif(moment: Moment = NOW, *, ahead: bool = False) -> Viewing:
    return Viewing(ImageType.GIF, moment, ahead)


def seconds(
    made: CountdownDrawing, values: Mapping[str, Any] | None = None, moment: Moment = NOW
) -> int:
    filled = made.fill((values or {}).get, "en", gif(moment))
    assert isinstance(filled, ClockAt)
    return filled.seconds


def test_it_is_set_to_a_persons_deadline() -> None:
    made = drawing()
    assert made.required == {"message.deadline"}
    until = datetime(2026, 12, 24, 10, 1, 30, 999_999, tzinfo=UTC)
    assert seconds(made, {"message.deadline": until}) == 90
    with pytest.raises(MissingValueError, match=r"message\.deadline"):
        made.fill(lambda _: None, "en", gif())


def shown(made: CountdownDrawing, until: datetime, viewing: Viewing) -> tuple[str, str | None]:
    filled = made.fill({"message.deadline": until}.get, "en", viewing)
    data = filled.file({}, viewing.kind)
    with Image.open(BytesIO(data)) as image:
        return samples.colour(data), image.format


LATER = datetime(2026, 12, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "viewing", "expected"),
    [
        (LATER, gif(), (BLUE, "GIF")),
        (LATER, gif(ahead=True), (GREEN, "GIF")),
        (LATER, Viewing(ImageType.PNG, NOW), (GREEN, "PNG")),
        (LATER, Viewing(ImageType.JPG, NOW), (GREEN, "JPEG")),
        (NOON, gif(), (GREY, "GIF")),
        (NOON, gif(ahead=True), (GREY, "GIF")),
        (NOON, Viewing(ImageType.PNG, NOW), (GREY, "PNG")),
    ],
)
def test_where_a_clock_would_not_tick_or_is_over_a_still_is_shown(
    until: datetime, viewing: Viewing, expected: tuple[str, str]
) -> None:
    colour, kind = shown(drawing(), until, viewing)
    assert kind == expected[1]
    near = [
        abs(int(colour[at : at + 2], 16) - int(expected[0][at : at + 2], 16)) for at in (1, 3, 5)
    ]
    assert max(near) <= 3


@pytest.mark.parametrize(
    ("until", "every", "left"),
    [
        ("2026-12-24T11:00Z", None, 3600),
        ("2026-12-24T13:00", None, 3600),
        ("2026-12-20T13:00", "day", 3600),
        ("2026-12-20T11:59:59", "day", 86_399),
        ("2026-12-20T12:00", "day", 0),
        ("2026-12-17T13:00", "week", 3600),
        ("2026-12-18T12:00", "week", 86_400),
        ("2026-12-20T11:00Z", "day", 3600),
        ("2026-12-25T12:00", "day", 86_400),
    ],
)
def test_a_fixed_time_may_come_again(until: str, every: str | None, left: int) -> None:
    made = drawing(until=until, every=every)
    if left:
        assert seconds(made) == left
    else:
        assert not isinstance(made.fill(lambda _: None, "en", gif()), ClockAt)


def test_a_day_is_as_long_as_the_clock_makes_it() -> None:
    """In the night before 25 October 2026 clocks are set back in Tallinn."""
    moment = Moment(datetime(2026, 10, 24, 9, tzinfo=UTC), TALLINN)
    made = drawing(until="2026-10-01T12:00", every="day")
    assert not isinstance(made.fill(lambda _: None, "en", gif(moment)), ClockAt)
    moment = Moment(datetime(2026, 10, 24, 9, 0, 1, tzinfo=UTC), TALLINN)
    assert seconds(made, moment=moment) == 25 * 3600 - 1


@pytest.mark.parametrize("moment", [Moment(NOON), Moment(None, TALLINN), Moment()])
def test_where_the_place_or_the_time_is_not_known_nothing_is_guessed(moment: Moment) -> None:
    for every in (None, "day"):
        made = drawing(until="2026-12-24T13:00", every=every, still=face(GREEN))
        assert made.required == {"now.date"}
        with pytest.raises(MissingValueError):
            made.fill(lambda _: None, "en", gif(moment))
    assert drawing(until="2026-12-24T13:00Z", still=face(GREEN)).required == set()


def test_it_counts_up_from_an_instant() -> None:
    up = {**creative()["clock"], "direction": "up"}
    assert seconds(drawing(clock=up, until="2026-12-24T09:00Z")) == 3600
    assert seconds(drawing(clock=up, until="2026-12-24T11:00Z")) == 0


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"until": "message.class"}, "an instant, which message.class is not"),
        ({"until": "message.parameters.note"}, "which message.parameters.note is not"),
        ({"until": "message.parameters.gone"}, "which message.parameters.gone is not"),
        ({"until": "soon"}, "a fact begins with one of"),
        ({"until": "2026-12-24"}, "a time such as 2026-12-24T18:00"),
        ({"until": ""}, "a time is 2026-12-24T18:00"),
        ({"every": "day"}, "begins at a fixed time"),
        ({"still": samples.canvas(GREEN)["canvas"] | {"width": 61}}, "same size as the clock"),
        (
            {
                "clock": creative()["clock"]
                | {"face": face(BLUE, samples.text("{{ offer.stock }}"))}
            },
            "shows no values",
        ),
    ],
)
def test_what_is_refused_is_told_what_is_right(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        _CREATIVE.validate_json(orjson.dumps(creative(**fields)), context=CONTEXT)


def test_a_declared_instant_may_be_the_deadline() -> None:
    given = orjson.dumps(creative(until="message.parameters.ends"))
    assert _CREATIVE.validate_json(given, context=CONTEXT).fact is not None


def test_a_fallback_does_not_tick() -> None:
    block = samples.block()
    block["fallback"] |= {"creative": creative()}
    with pytest.raises(ValidationError, match="'canvas', 'picture'"):
        Block.model_validate_json(orjson.dumps(block))


def test_a_clock_is_made_ready_for_what_it_shows_at_last() -> None:
    made = drawing()
    made.prepare("fi", {})
    clock = made._clocks.clock("fi", {})
    encoded = clock._change.cache_info().misses
    for seconds in (3, 59, 3600, 11_000):
        clock.gif(seconds)
    assert clock._change.cache_info().misses == encoded > 0


def test_pictures_of_all_its_faces_are_asked_for() -> None:
    layer = {"kind": "picture", "x": 0, "y": 0, "width": 5, "height": 5}
    names = {name: name * 32 for name in "abc"}
    faces = {name: face(BLUE, layer | {"picture": id}) for name, id in names.items()}
    clock = creative()["clock"] | {"face": faces["a"], "expired": faces["b"]}
    made = drawing(clock=clock, still=faces["c"], until="2026-12-24T13:00Z")
    assert made.assets == set(names.values())
    filled = made.fill(lambda _: None, "en", gif())
    assert set(filled.assets) == {names["a"], names["b"]}
    block = samples.block(
        samples.variant("v", BLUE, "https://x/", creative=creative(clock=clock, still=faces["c"]))
    )
    read = Block.model_validate_json(orjson.dumps(block))
    places = {place: name for place, name, _ in read.assets}
    assert places["variants", 0, "creative", "clock", "face", "layers", 0, "picture"] == names["a"]
    assert places["variants", 0, "creative", "still", "layers", 0, "picture"] == names["c"]


def test_a_count_up_that_comes_again_begins_anew_each_time() -> None:
    clock = creative()["clock"] | {"direction": "up"}
    made = drawing(clock=clock, until="2026-12-24T13:00Z", every="day")
    start = datetime(2026, 12, 24, 13, tzinfo=UTC)
    for hours, shown in ((-1, 0), (0, 0), (5, 5), (23, 23), (24, 0), (30, 6)):
        at = made.fill(lambda _: None, "en", gif(Moment(start + timedelta(hours=hours))))
        assert isinstance(at, ClockAt)
        assert at.seconds == shown * 3600

"""What a layer depends on, and what it shows of a person's values."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from renderers.reader import Reader, When, as_number
from renderers.spec import Canvas
from renderers.template import ALLOWED_VALUES, MissingValueError, parse
from renderers.text.breaks import MOST_CHARACTERS
from tests.renderers.support import canvas, everything, law, picture_layer

EUROS = (Decimal("19.90"), "EUR")


def when(**tests: Any) -> When:
    return When.model_validate({"value": "a", **tests})


@pytest.mark.parametrize(
    ("tests", "holds", "not_"),
    [
        ({"is_set": True}, ("", "x", 0, False, EUROS, ()), (None,)),
        ({"is_set": False}, (None,), ("", "x", 0, False, EUROS)),
        ({"equals": "a"}, ("a",), (None, "A", "", ("a",), True)),
        ({"equals": ""}, ("",), (None, False, 0, ())),
        ({"equals": "1"}, ("1",), (1, 1.0, True, Decimal(1))),
        ({"equals": 1}, (1, 1.0, Decimal("1.0"), (Decimal(1), "EUR")), (None, True, "1", 2, 1.1)),
        ({"equals": 0}, (0, -0.0, Decimal(0)), (None, False, "", "0", ())),
        ({"equals": 19.9}, (19.9, EUROS, Decimal("19.9")), (None, 19, "19.9")),
        ({"equals": True}, (True,), (None, 1, 1.0, "true", False)),
        ({"equals": False}, (False,), (None, 0, 0.0, "", True)),
        ({"one_of": ("a", "b")}, ("a", "b"), (None, "c", "", 1, True, ("a",))),
        ({"at_least": 3}, (3, 3.5, Decimal(3), EUROS, 10**300), (None, 2.9, "3", "9", True)),
        ({"at_most": 3}, (3, -5, 0, (Decimal(1), "EUR")), (None, 3.1, "3", False, "", EUROS)),
        ({"at_least": -5, "at_most": 5}, (-5, 0, 5), (None, 5.1, -5.1, "0", 10**400)),
        ({"is_set": True, "at_least": 1, "equals": 2}, (2,), (None, 1, 3)),
        ({"one_of": ("a",), "equals": "b"}, (), (None, "a", "b")),
        ({"at_least": 0}, (0,), (float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"))),
    ],
)
def test_a_condition_holds_for_these_and_not_for_those(
    tests: dict[str, Any], holds: tuple[Any, ...], not_: tuple[Any, ...]
) -> None:
    condition = when(**tests)
    assert [value for value in holds if not condition.holds(value)] == []
    assert [value for value in not_ if condition.holds(value)] == []


def test_texts_of_another_class_are_texts() -> None:
    class Client(str):
        __slots__ = ()

    assert when(equals="proxy").holds(Client("proxy"))
    assert not when(equals=1).holds(Client("1"))


finite = st.floats(allow_nan=False, allow_infinity=False)


@law
@given(
    st.fixed_dictionaries(
        {}, optional={"equals": finite | st.text() | st.booleans(), "at_least": finite}
    )
    | st.fixed_dictionaries({"at_most": finite}),
    st.none() | st.text() | st.booleans() | finite | st.integers() | st.decimals(),
)
def test_what_is_absent_is_never_equal_above_or_below(tests: dict[str, Any], value: Any) -> None:
    if not tests:
        return
    condition = when(**tests)
    assert not condition.holds(None)
    assert When.model_validate_json(condition.model_dump_json()) == condition
    if condition.holds(value) and not isinstance(tests.get("equals"), str | bool):
        assert as_number(value) is not None


@pytest.mark.parametrize("expected", [True, False, 0, 1, 0.5, "", "1", "true"])
def test_what_is_asked_for_is_the_same_after_being_stored(expected: Any) -> None:
    spec = canvas(picture_layer(when=({"value": "a", "equals": expected},)))
    for brief in (True, False):
        [layer] = Canvas.model_validate_json(spec.model_dump_json(exclude_defaults=brief)).layers
        [stored] = layer.when
        assert stored.holds(expected)
        assert stored.equals == expected
        assert isinstance(stored.equals, bool) is isinstance(expected, bool)


@pytest.mark.parametrize(
    ("tests", "complaint"),
    [
        ({}, "one of is_set, equals, one_of, at_least, at_most is needed"),
        ({"is_set": None}, "is needed"),
        ({"is_set": False, "equals": "a"}, "a value that is not set is nothing else"),
        ({"one_of": ()}, "at least 1 item"),
        ({"one_of": ("a",) * 51}, "at most 50 items"),
        ({"one_of": (1,)}, "valid string"),
        ({"at_least": float("inf")}, "finite number"),
        ({"at_most": float("nan")}, "finite number"),
        ({"equals": float("inf")}, "finite number"),
        ({"at_least": "3"}, "valid number"),
        ({"above": 3}, "not permitted"),
        ({"equals": "a", "value": "x" * 221}, "at most 220 characters"),
    ],
)
def test_a_condition_that_is_none_is_refused(tests: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        when(**tests)


def test_a_condition_depends_on_what_is_allowed() -> None:
    context = {ALLOWED_VALUES: {"a"}.__contains__}
    allowed = When.model_validate({"value": "a", "is_set": True}, context=context)
    assert allowed.value == "a"
    with pytest.raises(ValidationError, match="'b' is no value that a layer can depend on"):
        When.model_validate({"value": "b", "is_set": True}, context=context)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (Decimal("2.5"), 2.5),
        (EUROS, 19.9),
        (True, None),
        ("3", None),
        (None, None),
        ((19.9, "EUR"), None),
        ((Decimal(1), "EUR", 2), None),
        (10**400, None),
        (Decimal("1e400"), None),
        (float("-inf"), None),
        ((Decimal("NaN"), "EUR"), None),
    ],
)
def test_a_number_is_one_that_can_be_counted_with(value: Any, number: float | None) -> None:
    assert as_number(value) == number


def reader(values: dict[str, Any], *sources: str, locale: str = "fi") -> Reader:
    templates = {source: parse(source, everything) for source in sources}
    return Reader(values.get, locale, templates)


def test_texts_are_read_in_the_language_asked() -> None:
    ready = reader({"a": 1.5}, "Hei {{ a }}", "Hi {{ a }}!")
    texts = {"fi": "Hei {{ a }}", "en": "Hi {{ a }}!"}
    assert ready.text(texts) == "Hei 1,5"
    assert list(ready.parts(texts)) == [("Hei ", False), ("1,5", True)]
    english = reader({"a": 1.5}, *texts.values(), locale="en-GB")
    assert english.text(texts) == "Hi 1.5!"


def test_a_value_is_read_as_it_is() -> None:
    assert reader({"a": EUROS}, "{{ a }}").value("{{ a }}") == EUROS
    assert reader({}, "{{ a | default('x') }}").value("{{ a | default('x') }}") == "x"
    with pytest.raises(MissingValueError, match="a"):
        reader({}, "{{ a }}").value("{{ a }}")


def test_a_number_is_one_or_a_value_that_is() -> None:
    assert reader({}).number(2.5) == 2.5
    assert reader({"a": EUROS}, "{{ a }}").number("{{ a }}") == 19.9
    for value in (None, "3", True):
        with pytest.raises(MissingValueError):
            reader({"a": value}, "{{ a }}").number("{{ a }}")


def test_a_text_that_cannot_be_drawn_is_as_good_as_absent() -> None:
    values = {"a": "日本", "n": 3}
    ready = reader(values, "{{ a | default('you') }}", "{{ a }}", "{{ n }}")
    assert ready.text({"any": "{{ a | default('you') }}"}) == "you"
    assert ready.text({"any": "{{ n }}"}) == "3"
    dated = {"a": datetime.date(2026, 12, 24)}
    soon = "{{ a | date('long') | default('soon') }}"
    assert reader(dated, soon, locale="zh").text({"any": soon}) == "soon"
    assert reader(dated, soon, locale="fi").text({"any": soon}) == "24. joulukuuta 2026"
    with pytest.raises(MissingValueError):
        ready.text({"any": "{{ a }}"})
    drawing = Reader(values.get, "fi", {"{{ a }}": parse("{{ a }}", everything)}, everything)
    assert drawing.text({"any": "{{ a }}"}) == "日本"


def test_a_condition_asks_for_what_is_said_in_the_readers_language() -> None:
    values = {"a": {"fi": "Rooma", "en": "Rome"}}
    assert reader(values, locale="fi").holds(when(equals="Rooma"))
    assert reader(values, locale="en-GB").holds(when(one_of=("Rome",)))
    assert not reader(values, locale="en").holds(when(equals="Rooma"))


def test_it_tells_whether_it_was_asked_for_a_value() -> None:
    plain = reader({"a": 1}, "Hei")
    assert (plain.text({"any": "Hei"}), plain.number(3), plain.asked) == ("Hei", 3, False)
    ready = reader({"a": 1})
    assert (ready.holds(when(equals=1)), ready.asked) == (True, True)
    ready = reader({"a": 1}, "{{ a }}")
    assert (ready.value("{{ a }}"), ready.asked) == (1, True)


def test_of_a_text_no_more_is_written_than_is_drawn() -> None:
    asked: list[str] = []

    def look_up(path: str) -> str:
        asked.append(path)
        return "x" * 900

    source = "{{ a }}{{ b }}{{ c }}{{ d }}"
    ready = Reader(look_up, "en", {source: parse(source, everything)})
    assert ready.text({"any": source}) == "x" * MOST_CHARACTERS
    assert asked == ["a", "b", "c"]
    assert len(ready.text({"any": source}, 10_000)) == 3600

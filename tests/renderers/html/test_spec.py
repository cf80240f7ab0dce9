"""What a block as HTML can be."""

from typing import Any

import pytest
from pydantic import ValidationError

from renderers.html.spec import LINKED_PICTURE, STACKS, Columns, HtmlBlock, Paragraph
from tests.renderers.html.support import block

TEXT: dict[str, Any] = {"kind": "text", "text": "Hei"}
COLUMNS: dict[str, Any] = {"kind": "columns", "columns": [{"elements": [TEXT]}] * 2}


def test_every_text_is_told_wherever_it_stands() -> None:
    spec = block(
        {"kind": "heading", "text": {"fi": "Otsikko", "en": "Heading"}},
        {"kind": "picture"},
        {"kind": "columns", "columns": [
            {"elements": [{"kind": "text", "text": "one"}, {"kind": "rule"}]},
            {"elements": [{"kind": "button", "text": "two"}]},
        ]},
        {"kind": "text", "text": "three"},
    )  # fmt: skip
    assert [*spec.texts] == [
        {"fi": "Otsikko", "en": "Heading"},
        {"any": "one"},
        {"any": "two"},
        {"any": "three"},
    ]
    assert [*LINKED_PICTURE.texts] == []


def test_a_heading_and_a_button_are_bold_unless_they_are_not() -> None:
    heading, text, button, light = block(
        {"kind": "heading", "text": "a"},
        {"kind": "text", "text": "a"},
        {"kind": "button", "text": "a"},
        {"kind": "heading", "text": "a", "bold": False},
    ).elements
    found = [one.bold for one in (heading, text, button, light) if hasattr(one, "bold")]
    assert found == [True, False, True, False]


@pytest.mark.parametrize("stack", STACKS.values())
def test_a_stack_ends_with_a_kind_of_font_and_holds_no_quote(stack: str) -> None:
    assert stack.rpartition(",")[2] in ("sans-serif", "serif", "monospace")
    assert not {"'", '"', ";"} & set(stack)


def test_a_spec_comes_back_as_it_was_stored() -> None:
    spec = block(COLUMNS, {"kind": "spacer"}, background="#FFFFFF", padding=32, radius=8)
    assert HtmlBlock.model_validate_json(spec.model_dump_json()) == spec
    assert isinstance(spec.elements[0], Columns)
    assert isinstance(spec.elements[0].columns[0].elements[0], Paragraph)


@pytest.mark.parametrize(
    ("element", "place"),
    [
        (TEXT | {"colour": "red"}, "colour"),
        (TEXT | {"colour": '#FFFFFF";x="'}, "colour"),
        (TEXT | {"colour": "#FFFFFF80"}, "colour"),
        (TEXT | {"font": "comic"}, "font"),
        (TEXT | {"size": 7}, "size"),
        (TEXT | {"letter_spacing": 21}, "letter_spacing"),
        (TEXT | {"style": "x"}, "style"),
        ({"kind": "heading", "text": "a", "level": 7}, "level"),
        ({"kind": "html", "html": "<b>"}, "elements"),
        ({"kind": "picture", "src": "https://example.com/a.png"}, "src"),
        ({"kind": "spacer", "height": 0}, "height"),
        (COLUMNS | {"columns": [{"elements": [TEXT]}]}, "columns"),
        (COLUMNS | {"columns": [{"elements": [TEXT]}] * 4}, "columns"),
        (COLUMNS | {"columns": [{"elements": [COLUMNS]}] * 2}, "elements"),
        (COLUMNS | {"columns": [{"elements": []}] * 2}, "elements"),
    ],
)
def test_what_could_not_be_written_is_refused_with_its_place(
    element: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        block(element)
    assert place in [part for error in refused.value.errors() for part in error["loc"]]


def test_a_block_has_one_to_thirty_elements() -> None:
    for elements in ([], [TEXT] * 31):
        with pytest.raises(ValidationError, match=r"30 items|at least 1 item"):
            block(*elements)

"""The fragment, as its readers find it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers.html.fragment import MOST_BYTES, Format, Fragment
from renderers.html.spec import LINKED_PICTURE, STACKS
from renderers.template import MissingValueError, TemplateError
from tests.renderers.html.support import (
    HOSTED,
    LINK,
    PICTURE,
    Reader,
    amp_problems,
    block,
    read,
    styles,
    written,
)
from tests.renderers.html.test_escape import EVIL, without_controls
from tests.renderers.support import everything, law, nothing

TAGS = {"table", "tr", "td", "a", "img", "br", "p", "h1", "h2", "h3", "h4", "h5", "h6"}
ATTRIBUTES = {
    "role", "cellpadding", "cellspacing", "border", "width", "height", "bgcolor", "align",
    "valign", "lang", "dir", "style", "href", "target", "src", "alt",
}  # fmt: skip
SPACE = "\N{NO-BREAK SPACE}"

colours = st.sampled_from(("#FFFFFF", "#1B2A49"))
aligns = st.sampled_from(("start", "left", "centre", "right"))


def _element(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    given = {"kind": st.just(kind)}
    if kind in ("heading", "text", "button"):
        given["text"] = st.sampled_from(("{{ a }}", "Hei {{ b | default('x') }}!", "\n<i>"))
        fields |= {
            "font": st.sampled_from(list(STACKS)),
            "size": st.integers(8, 96),
            "italic": st.booleans(),
            "bold": st.booleans(),
            "align": aligns,
            "letter_spacing": st.floats(-2, 20),
            "line_height": st.floats(1, 3),
        }
    return st.fixed_dictionaries(given, optional=fields)


spaces = st.integers(0, 100)
singles = st.one_of(
    _element("heading", level=st.integers(1, 6)),
    _element("text", colour=colours),
    _element("button", wide=st.booleans(), radius=spaces, padding=spaces, background=colours),
    _element("picture", width=st.integers(1, 2000), bleed=st.booleans(), align=aligns),
    _element("rule", thickness=st.integers(1, 20)),
    _element("spacer", height=st.integers(1, 400)),
)
column = st.fixed_dictionaries(
    {"elements": st.lists(singles, min_size=1, max_size=3)},
    optional={"share": st.integers(1, 12), "background": colours, "padding": spaces},
)
columns = _element("columns", columns=st.lists(column, min_size=2, max_size=3), gap=spaces).map(
    lambda given: {"columns": [{"elements": [{"kind": "rule"}]}] * 2} | given
)
blocks = st.builds(
    lambda elements, fields: block(*elements, **fields),
    st.lists(singles | columns, min_size=1, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "width": st.integers(1, 2000),
            "background": colours,
            "border": colours,
            "padding": spaces,
            "radius": spaces,
        },
    ),
)
values = (st.text() | st.sampled_from((EVIL, "{{ a }}", "x" * 500))).map(without_controls)
locales = st.sampled_from(("fi", "et-EE", "ar", "he-IL"))


@law
@given(blocks, values, values, locales)
def test_whatever_a_spec_and_its_values_hold_only_what_is_allowed_is_written(
    spec: Any, value: str, alt: str, locale: str
) -> None:
    html = written(spec, lambda _: value, locale, replace(HOSTED, alt=alt))
    found = Reader(html)
    assert {tag for tag, _ in found.elements} <= TAGS
    assert {name for _, attributes in found.elements for name in attributes} <= ATTRIBUTES
    assert {link["href"] for link in found.all("a")} <= {LINK}
    assert all(link["target"] == "_blank" for link in found.all("a"))
    for image in found.all("img"):
        assert (image["src"], image["alt"]) == (PICTURE, alt)
        assert int(image["width"]) <= HOSTED.width
    for table in found.all("table"):
        assert (table["role"], table["border"]) == ("presentation", "0")
        assert (table["cellpadding"], table["cellspacing"]) == ("0", "0")
    for _, attributes in found.elements:
        assert "url(" not in attributes.get("style", "")
    assert len(html.encode()) <= MOST_BYTES


@law
@given(blocks, values, values, locales)
def test_as_amp_it_is_what_amp_for_email_takes(
    spec: Any, value: str, alt: str, locale: str
) -> None:
    html = written(spec, lambda _: value, locale, replace(HOSTED, alt=alt), Format.AMP)
    assert amp_problems(html) == [], html


@law
@given(st.sampled_from(("heading", "text", "button")), values)
def test_a_text_with_values_is_that_text(kind: str, value: str) -> None:
    tag = {"heading": "h2", "text": "p", "button": "a"}[kind]
    html = written(block({"kind": kind, "text": "{{ a }}"}), lambda _: value)
    assert Reader(html).text(tag) == value.replace("\r\n", "\n").replace("\r", "\n")


def test_the_checker_of_amp_sees_what_is_wrong() -> None:
    problems = amp_problems(
        '<table class="a" border="2"><tr><td><a href="mailto:{{x}}"><img src="y"></a>'
        '<amp-img src="http://y" width="1" height="0" layout="fixed"></amp-img>'
        '<p style="position:fixed;mso-x:1;color:red!important" title="{{"></p></td></tr></table>'
    )
    assert problems == [
        "the attribute class of table",
        "a border of a table",
        "a link that is not of the web",
        "a link that opens in the mail",
        "{{ in an address",
        "}} in an address",
        "the tag img",
        "a picture without https",
        "a layout",
        "a picture without a size",
        "the style position",
        "the style mso-x",
        "! in a style",
    ]
    assert amp_problems(written(LINKED_PICTURE)) == ["the tag img"]
    long = f'<p style="color:{"a" * 1000}"></p>'
    assert amp_problems(long) == ["a style of p is too long"]
    assert "the styles are too long" in amp_problems(long * 50)
    assert "the markup is too long" in amp_problems(f"<p>{'a' * 200_000}</p>")


def test_without_a_spec_it_is_the_picture_that_is_a_link() -> None:
    found = Reader(written(LINKED_PICTURE))
    assert [tag for tag, _ in found.elements] == ["table", "tr", "td", "a", "img"]
    assert found.only("table")["width"] == "600"
    assert found.only("a")["href"] == LINK
    image = found.only("img")
    assert (image["src"], image["alt"]) == (PICTURE, "Rome")
    assert (image["width"], image["height"], image["border"]) == ("600", "300", "0")
    assert styles(image) == {
        "display": "block", "width": "100%", "max-width": "600px", "height": "auto", "border": "0",
    }  # fmt: skip


def test_as_amp_the_picture_keeps_its_shape_and_is_never_wider_than_it_is_drawn() -> None:
    found = Reader(written(LINKED_PICTURE, form=Format.AMP))
    image = found.only("amp-img")
    assert (image["width"], image["height"], image["layout"]) == ("600", "300", "responsive")
    assert styles(image) == {"max-width": "600px"}
    assert found.all("img") == []


@pytest.mark.parametrize(
    ("fields", "picture", "size"),
    [
        ({}, {}, ("600", "300")),
        ({"padding": 50}, {}, ("500", "250")),
        ({"padding": 50}, {"bleed": True}, ("600", "300")),
        ({"border": "#000000"}, {"bleed": True}, ("598", "299")),
        ({}, {"width": 200}, ("200", "100")),
        ({"width": 400}, {"width": 500}, ("400", "200")),
        ({"width": 800}, {"width": 700}, ("600", "300")),
        ({"width": 1, "padding": 100}, {}, ("1", "1")),
    ],
)
def test_a_picture_is_as_wide_as_there_is_room_for(
    fields: dict[str, Any], picture: dict[str, Any], size: tuple[str, str]
) -> None:
    image = read({"kind": "picture"} | picture, **fields).only("img")
    assert (image["width"], image["height"]) == size


def test_outlook_gets_what_only_outlook_needs() -> None:
    elements = ({"kind": "text", "text": "a"}, {"kind": "button", "text": "b", "padding": 30})
    found = read(*elements)
    assert styles(found.only("p"))["mso-line-height-rule"] == "exactly"
    button = next(cell for cell in found.all("td") if "bgcolor" in cell)
    assert styles(button)["mso-padding-alt"] == styles(found.only("a"))["padding"] == "12px 30px"
    assert "mso-" not in written(block(*elements), form=Format.AMP)


def test_a_wide_button_fills_its_row_and_another_is_as_wide_as_its_text() -> None:
    button = {"kind": "button", "text": "Go", "background": "#123456"}
    _, narrow = read(button).all("table")
    _, wide = read(button | {"wide": True}).all("table")
    assert "width" not in narrow
    assert wide["width"] == "600"
    assert styles(read(button).only("a"))["display"] == "block"


@pytest.mark.parametrize(("height", "above"), [(44, "12px"), (20, "0px")])
def test_a_button_is_at_least_so_high(height: int, above: str) -> None:
    link = read({"kind": "button", "text": "Go", "height": height}).only("a")
    assert styles(link)["padding"] == f"{above} 28px"


def test_letters_are_set_as_the_spec_says() -> None:
    text = {
        "kind": "text", "text": "a", "font": "georgia", "size": 20, "colour": "#123456",
        "align": "centre", "italic": True, "bold": True, "line_height": 1.2, "letter_spacing": 1.5,
    }  # fmt: skip
    assert styles(read(text).only("p")) == {
        "margin": "0",
        "padding": "0",
        "font-family": "Georgia,Times New Roman,serif",
        "font-size": "20px",
        "line-height": "24px",
        "mso-line-height-rule": "exactly",
        "font-weight": "bold",
        "font-style": "italic",
        "letter-spacing": "1.5px",
        "color": "#123456",
        "text-align": "center",
    }


def test_a_heading_has_its_level() -> None:
    assert read({"kind": "heading", "text": "Rome", "level": 3}).text("h3") == "Rome"


@pytest.mark.parametrize(
    ("locale", "direction", "start"),
    [("fi", "ltr", "left"), ("et-EE", "ltr", "left"), ("ar", "rtl", "right"),
     ("he-IL", "rtl", "right"), ("fa", "rtl", "right"), ("ur-PK", "rtl", "right")],
)  # fmt: skip
def test_it_runs_as_its_language_does(locale: str, direction: str, start: str) -> None:
    found = read(
        {"kind": "text", "text": "a"},
        {"kind": "text", "text": "b", "align": "left"},
        {"kind": "button", "text": "c", "align": "start"},
        locale=locale,
    )
    outer = found.all("table")[0]
    assert (outer["lang"], outer["dir"]) == (locale, direction)
    sides = [styles(text)["text-align"] for text in found.all("p")]
    assert sides == [start, "left"]
    cells = [cell["align"] for cell in found.all("td") if "bgcolor" not in cell]
    assert cells == [start] * 3


def test_a_text_that_is_not_in_the_readers_language_says_so() -> None:
    own, other, common = read(
        {"kind": "text", "text": {"ar": "مرحبا", "en": "Hello"}},
        {"kind": "text", "text": {"en": "Rome", "fi": "Rooma"}},
        {"kind": "text", "text": "1290"},
        locale="ar-EG",
    ).all("p")
    assert "lang" not in own
    assert (other["lang"], other["dir"]) == ("en", "ltr")
    assert "lang" not in common


def test_columns_share_their_row_by_their_shares() -> None:
    text = {"kind": "text", "text": "a"}
    columns = [{"elements": [text], "share": 2}, {"elements": [text]}]
    found = read({"kind": "columns", "columns": columns, "gap": 30})
    assert [cell["width"] for cell in found.all("td") if "width" in cell] == ["380", "30", "190"]
    found = read({"kind": "columns", "columns": columns, "gap": 0}, padding=15)
    assert [cell["width"] for cell in found.all("td") if "width" in cell] == ["380", "190"]


def test_a_column_has_its_place_and_its_ground() -> None:
    text = {"kind": "text", "text": "a"}
    plain = {"elements": [text]}
    tile = plain | {"valign": "middle", "background": "#123456", "padding": 10, "radius": 4}
    found = read({"kind": "columns", "columns": [plain, tile]})
    first, second = [cell for cell in found.all("td") if "valign" in cell]
    assert (first["valign"], second["valign"]) == ("top", "middle")
    assert "bgcolor" not in first
    assert second["bgcolor"] == styles(second)["background-color"] == "#123456"
    assert styles(second)["border-radius"] == "4px"


@pytest.mark.parametrize(
    ("elements", "blanks"),
    [
        ([{"kind": "text", "text": "a"}], ["24", "24"]),
        ([{"kind": "picture", "bleed": True}, {"kind": "text", "text": "a"}], ["24"]),
        ([{"kind": "text", "text": "a"}, {"kind": "picture", "bleed": True}], ["24"]),
        ([{"kind": "picture", "bleed": True}], []),
        ([{"kind": "spacer", "height": 7}], ["24", "7", "24"]),
        ([{"kind": "rule", "thickness": 3}], ["24", "3", "24"]),
    ],
)
def test_what_stands_above_and_below(elements: list[dict[str, Any]], blanks: list[str]) -> None:
    found = read(*elements, padding=24)
    cells = zip(found.elements, found.texts, strict=True)
    blank = [cell["height"] for (tag, cell), text in cells if tag == "td" and text == SPACE]
    assert blank == blanks


def test_a_fragment_that_values_make_too_long_for_gmail_is_the_picture_alone() -> None:
    spec = block(*[{"kind": "text", "text": "{{ a }}"}] * 30)
    assert "<p" in written(spec, lambda _: "x" * 1000)
    assert written(spec, lambda _: "&" * 1000) == written(LINKED_PICTURE)


def test_it_tells_what_it_reads_and_what_it_needs() -> None:
    spec = block(
        {"kind": "text", "text": {"fi": "{{ a }}", "en": "{{ b | default('x') }}"}},
        {"kind": "button", "text": "{{ c }}"},
    )
    fragment = Fragment(spec, everything)
    assert fragment.paths == {"a", "b", "c"}
    assert fragment.required == {"a", "c"}
    with pytest.raises(MissingValueError):
        fragment.write(nothing, "fi", HOSTED, Format.HTML)


def test_a_text_that_shows_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(TemplateError):
        Fragment(block({"kind": "text", "text": "{{ secret }}"}), lambda path: path != "secret")


@pytest.mark.parametrize("change", [{"link": "javascript:alert(1)"}, {"picture": "data:x"}])
def test_an_address_that_is_none_of_the_web_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        written(LINKED_PICTURE, hosted=replace(HOSTED, **change))  # type: ignore[arg-type]

"""Rows of JSON."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.feeds import objects, rows
from dyncontent.feeds.rows import MOST_ROW, Broken, FeedError, Row

texts = st.text(max_size=8)


def _read(
    text: str, reader: Callable[[TextIO], Iterator[Row | Broken]] = objects.rows
) -> list[Row | Broken]:
    return list(reader(io.StringIO(text, newline="")))


def _values(rows: list[Row | Broken]) -> list[Any]:
    return [row.values for row in rows if isinstance(row, Row)]


def test_a_list_and_an_object_with_a_list() -> None:
    wanted = [Row(2, {"id": "1"}), Row(3, {"id": "2"})]
    assert _read('[\n{"id": 1},\n{"id": 2}\n]') == wanted
    assert (
        _read(
            '{"total": 12, "x": [1, 2], "y": {"z": [{}]}, "products": [\n{"id": 1},\n'
            '{"id": 2}], "next": null}\n'
        )
        == wanted
    )


def test_values_are_as_they_are_written() -> None:
    [values] = _values(
        _read(
            '[{"a": 19.90, "b": true, "c": null, "d": {"e": {"f": {"g": 1}}, "h": ["x", 2]},'
            ' "i": [{"j": 1}], "k": 1e2}]'
        )
    )
    assert values == {"a": "19.90", "b": "true", "c": "", "d.h": ("x", "2"), "k": "1e2"}


def test_half_a_character_is_none() -> None:
    assert _values(_read('[{"\\ud800": "x\\udfff"}]')) == [{"\ufffd": "x\ufffd"}]


def test_a_member_that_is_no_object_is_broken() -> None:
    assert _read('[{"id": 1}, 2, {"id": 3}]')[1] == Broken(1, "a JSON object: {...}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "BROKEN_FEED"),
        ("[", "BROKEN_FEED"),
        ('[{"id": 1}', "BROKEN_FEED"),
        ('[{"id": 1},', "BROKEN_FEED"),
        ('[{"id": 1} {"id": 2}]', "BROKEN_FEED"),
        ('[{"id": 1}] x', "BROKEN_FEED"),
        ('[{"id": 1', "BROKEN_FEED"),
        ('{"a": 1', "BROKEN_FEED"),
        ("{1: 2}", "BROKEN_FEED"),
        ("[" * 100_000, "BROKEN_FEED"),
        ('{"a": 1}', "NO_LIST"),
        ('{"a": [{}], "b": [{}]}', "TWO_LISTS"),
    ],
)
def test_what_is_damaged_is_said(text: str, code: str) -> None:
    with pytest.raises(FeedError) as refused:
        _read(text)
    assert refused.value.code == code


def test_the_line_of_the_damage_is_told() -> None:
    with pytest.raises(FeedError) as refused:
        _read('[\n{"id": 1},\n{"id": }\n]')
    assert refused.value.line == 3


def test_lines_are_read_each_by_itself() -> None:
    text = '{"id": 1}\n\n{"id": \n[]\n{"id": 2} x\n' + "x" * (MOST_ROW + 5) + '\n{"id": 3}'
    found = _read(text, objects.lines)
    assert [type(row) for row in found] == [Row, Broken, Broken, Broken, Broken, Row]
    assert [row.line for row in found] == [1, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ('{"id": 1}\n{"id": 2}\n', True),
        ('{"id": 1}', True),
        ('{"id": 1, "tags": []}\n{"id": 2', True),
        ('{"products": [{"id": 1}]}', False),
        ('{"products": []}', False),
        ('{\n"products": [', False),
        ('{"a":' * 100_000, False),
    ],
)
def test_an_object_a_line_is_told_from_one_object(head: str, wanted: bool) -> None:
    assert objects.is_lines(head) is wanted


@given(st.lists(st.dictionaries(texts, texts | st.integers(), max_size=4), max_size=5))
def test_what_is_written_is_read_back(products: list[dict[str, Any]]) -> None:
    wanted = [{name: str(value) for name, value in one.items()} for one in products]
    for indent in (None, 2):
        assert _values(_read(json.dumps(products, indent=indent))) == wanted
        assert _values(_read(json.dumps({"n": 1, "p": products}, indent=indent))) == wanted
    lines = "\n".join(map(json.dumps, products))
    assert _values(_read(lines, objects.lines)) == wanted


def test_what_is_read_in_pieces_is_the_same() -> None:
    products = [{"id": str(number), "text": "ä" * 1000} for number in range(500)]
    assert _values(_read(json.dumps(products))) == products


def test_empty_lines_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_WITHOUT", 3)
    with pytest.raises(FeedError, match="at most 3 lines without"):
        list(objects.lines(io.StringIO("\n\n\n\n{}")))

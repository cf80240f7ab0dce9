"""What differs between two documents."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.difference import Change, Difference, differences

ADD, REMOVE, REPLACE, MOVE = Change
A, B, C = ({"id": name, "text": name.upper()} for name in "abc")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1}, {"a": 2}, [(REPLACE, "/a", 1, 2)]),
        ({"a": 1}, {"a": True}, [(REPLACE, "/a", 1, True)]),
        ({"a": "xyz"}, {"a": "xy"}, [(REPLACE, "/a", "xyz", "xy")]),
        ({"a": [1]}, {"a": {"b": 1}}, [(REPLACE, "/a", [1], {"b": 1})]),
        ({"a": None}, {}, [(REMOVE, "/a", None, None)]),
        ({}, {"a/b~c": 1}, [(ADD, "/a~1b~0c", None, 1)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [(REPLACE, "/a/b", 1, 2)]),
        ([A, B], [A, C | {"id": "b"}], [(REPLACE, "/1/text", "B", "C")]),
        ([A, B], [B], [(REMOVE, "/0", A, None)]),
        ([B], [A, B], [(ADD, "/0", None, A)]),
        ([A, B, C], [C, A, B], [(MOVE, "/0", 2, 0)]),
        ([A, B], [C, B], [(REMOVE, "/0", A, None), (ADD, "/0", None, C)]),
        ([A, B, C], [B | {"text": 1}], [(REMOVE, "/0", A, None), (REMOVE, "/2", C, None),
                                        (REPLACE, "/0/text", "B", 1)]),
        ([A, A], [A], [(REMOVE, "/1", A, None)]),
        ([1, 2, 3], [1, 3], [(REMOVE, "/1", 2, None)]),
        ([1, 3], [1, 2, 3], [(ADD, "/1", None, 2)]),
        ([{"x": 1}, {"x": 2}], [{"x": 1}, {"x": 3}, 4],
         [(REPLACE, "/1/x", 2, 3), (ADD, "/2", None, 4)]),
        ([A, B | {"x": [1, 2]}], [B | {"x": [1]}],
         [(REMOVE, "/0", A, None), (REMOVE, "/1/x/1", 2, None)]),
        ([A, B | {"x": 1}], [B | {"y": 1}],
         [(REMOVE, "/0", A, None), (REMOVE, "/1/x", 1, None), (ADD, "/0/y", None, 1)]),
    ],
)  # fmt: skip
def test_what_differs_is_told_with_its_place(
    before: Any, after: Any, changes: list[tuple[Change, str, Any, Any]]
) -> None:
    assert list(differences(before, after)) == [Difference(*change) for change in changes]


names = st.text("ab/~", max_size=3)
values = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "ab"])
variants = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcdef"), "x": st.integers(0, 2)}),
    unique_by=lambda one: str(one["id"]),
)
documents = st.recursive(
    values | variants,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(names, parts, max_size=4),
    max_leaves=20,
)


def _at(document: Any, path: str) -> Any:
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        document = document[name if isinstance(document, Mapping) else int(name)]
    return document


def _text(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@given(documents, documents)
def test_every_change_is_true_of_its_documents(before: Any, after: Any) -> None:
    changes = list(differences(before, after))
    assert (not changes) is (_text(before) == _text(after))
    for change in changes:
        match change.op:
            case Change.REMOVE:
                assert _text(_at(before, change.path)) == _text(change.before)
            case Change.MOVE:
                parent, _, place = change.path.rpartition("/")
                assert int(place) == change.after
                assert isinstance(_at(after, parent)[change.after]["id"], str)
            case _:
                assert _text(_at(after, change.path)) == _text(change.after)


@given(variants, variants)
def test_what_has_an_id_is_built_again_from_its_changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """All that is not told has stayed, in the order that it had."""
    changes = list(differences(before, after))
    removed = {change.before["id"] for change in changes if change.op is Change.REMOVE}
    moved = {after[change.after]["id"] for change in changes if change.op is Change.MOVE}
    placed = {int(change.path[1:]): change.after for change in changes if change.op is Change.ADD}
    placed |= {place: one for place, one in enumerate(after) if one["id"] in moved}
    rest = iter([one for one in before if one["id"] not in removed | moved])
    built = [placed[place] if place in placed else next(rest) for place in range(len(after))]
    assert [one["id"] for one in built] == [one["id"] for one in after]
    assert list(rest) == []

"""YAML that holds what JSON can."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.transfer.yaml_text import YamlTextError, read, write

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TRICKY = st.sampled_from(
    (
        *("no", "on", "off", "yes", "y", "~", "null", "Null", "true", "1", "1e3", "010", "0o7"),
        *("1_000", "12:30", "2026-12-24", "2026-12-24T18:00Z", ".nan", ".inf", "=", "<<", "-"),
        *("?", ":", "#", "&", "*", "!", "|", ">", "%", "@", "`", "a: b", "a #b", " a", "a\n b"),
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | TRICKY
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | TRICKY, inner, max_size=4),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_what_is_written_is_read_as_the_same(document: Any) -> None:
    read_again = read(write(document))
    assert repr(read_again) == repr(document), "the order and 1.0 beside 1 among it"


@given(DOCUMENTS)
def test_other_readers_read_it_as_the_same(document: Any) -> None:
    assert yaml.safe_load(write(document)) == document


def test_it_is_written_as_people_would() -> None:
    document = {
        "title": "Matka 😊",
        "text": "one\ntwo\n",
        "list": [{"a": 1, "b": [1]}],
        "c": "#FFF",
    }
    assert write(document) == (
        "title: Matka 😊\ntext: |\n  one\n  two\nlist:\n  - a: 1\n    b:\n      - 1\nc: '#FFF'\n"
    )


def test_a_long_text_stays_on_its_line() -> None:
    assert write({"a": "word " * 1000 + "end"}).count("\n") == 1


@pytest.mark.parametrize("text", ["2026-12-24", "12:30", "off", "NO", "1_000", "0x1F", ".inf"])
def test_a_text_without_quotes_is_a_text(text: str) -> None:
    assert read(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("a: &x 1\nb: *x", "aliases", (2, 4)),
        ("a: 1\na: 2", "a stands here twice", (2, 1)),
        ("1: 2", "write it in quotes, '1'", (1, 1)),
        ("a: !!python/object:os.system x", "only what JSON can hold", (1, 4)),
        ("a: !!binary eA==", "only what JSON can hold", (1, 4)),
        ("a: [", "expected", (1, 5)),
        ("a: 1\n b: 2", "mapping values are not allowed", (2, 3)),
        ("\x00", "special characters", (1, 1)),
        ("[" * 5000, "nested too deeply", (1, 1)),
        (f"a: {'1' * 5000}", "too long", (1, 4)),
        ("a: 1\n---\nb: 2", "another document", (2, 1)),
    ],
)
def test_what_is_no_such_yaml_is_refused_with_its_place(
    text: str, why: str, place: tuple[int, int]
) -> None:
    with pytest.raises(YamlTextError) as refused:
        read(text)
    assert why in str(refused.value)
    assert (refused.value.line, refused.value.column) == place

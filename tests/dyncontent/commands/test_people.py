"""Lists of people in files."""

from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.commands.people import Form, PeopleError, Person, read_people, write_people

URLS = {"image": "i", "click": "c", "html": "h"}


def _read(text: str) -> list[Person]:
    return list(read_people(BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n", []),
        ("a\n\n b \n", [("a", {}, 1), ("b", {}, 3)]),
        ('{"id": "a", "n": 1}\n\n{"recipient": "b"}', [("a", {"n": 1}, 1), ("b", {}, 3)]),
        ("id\na\n", [("a", {}, 2)]),
        ("n,recipient,id\n1,a,x\n\n2,b,y\n", [("a", {"n": "1", "id": "x"}, 2),
                                            ("b", {"n": "2", "id": "y"}, 4)]),
        ('id,n\na,"x\ny"\nb,z\n', [("a", {"n": "x\ny"}, 3), ("b", {"n": "z"}, 4)]),
    ],
)  # fmt: skip
def test_the_first_line_tells_the_form(text: str, expected: list[Any]) -> None:
    assert [(one.id, one.fields, one.line) for one in _read(text)] == expected


def test_how_much_was_read_is_told() -> None:
    assert [one.end for one in _read("id,n\nä,1\nb,2\n")] == [10, 14]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"name,email\na,b\n", "names no column"),
        (b"name\na\n", "names no column recipient or id"),
        (b"\xef\xbb\xbfE-Mail\r\na\r\n", "names no column"),
        (b"id,n\na\n", "line 2 has 1 column, not 2"),
        (b"a\n\xff\n", "line 2 is not UTF-8"),
        (b'{"id": "a"}\n{"id"', "line 2 is not JSON"),
        (b'{"id": 7}\n', "line 1 has no recipient or id"),
        (b'{"id": "a"}\n["id"]\n', "line 2 has no recipient or id"),
    ],
)
def test_what_is_no_list_is_said_with_its_line(raw: bytes, said: str) -> None:
    with pytest.raises(PeopleError, match=said):
        list(read_people(BytesIO(raw)))


def test_the_columns_are_those_of_the_first() -> None:
    to = StringIO()
    write = write_people(to, Form.CSV)
    write(Person("a", {"n": 1, "t": "x"}, 1, 1), URLS)
    write(Person("b", {"t": "y,z", "more": 2}, 2, 2), URLS)
    assert to.getvalue() == 'recipient,n,t,image,click,html\na,1,x,i,c,h\nb,,"y,z",i,c,h\n'


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]))))
def test_a_written_table_is_read_as_it_was(cells: list[str]) -> None:
    to = StringIO(newline="")
    write = write_people(to, Form.CSV)
    for number, cell in enumerate(cells):
        write(Person(f"p{number}", {"cell": cell}, number, number), URLS)
    read = list(read_people(BytesIO(to.getvalue().encode())))
    assert [(one.id, one.fields["cell"]) for one in read] == [
        (f"p{number}", cell) for number, cell in enumerate(cells)
    ]

import struct

import pytest

from renderers.fonts import Font
from renderers.typeface.names import MOST_CHARACTERS, NO_FAMILY, NO_STYLE, Names, read_names
from tests.renderers.typeface.support import shipped, tables_of

WINDOWS, MACINTOSH, UNICODE = (3, 1, 0x409), (1, 0, 0), (0, 3, 0)
FINNISH = (3, 1, 0x40B)


def table(*records: tuple[tuple[int, int, int], int, str]) -> bytes:
    entries, texts = b"", b""
    for kind, name, text in records:
        raw = text.encode("mac-roman" if kind[0] == 1 else "utf-16-be")
        entries += struct.pack(">6H", *kind, name, len(raw), len(texts))
        texts += raw
    return struct.pack(">HHH", 0, len(records), 6 + len(entries)) + entries + texts


def test_a_shipped_font_says_its_name() -> None:
    assert read_names(tables_of(shipped(Font.DISPLAY))["name"]) == Names("Inter Display", "Bold")


def test_the_typographic_name_is_better_than_the_plain_one() -> None:
    plain = [(WINDOWS, 1, "Inter Semi"), (WINDOWS, 2, "Regular")]
    better = [(WINDOWS, 16, "Inter"), (WINDOWS, 17, "Semi Bold")]
    assert read_names(table(*plain)) == Names("Inter Semi", "Regular")
    assert read_names(table(*plain, *better)) == Names("Inter", "Semi Bold")
    assert read_names(table(*better, *plain, (WINDOWS, 4, "Else"))) == Names("Inter", "Semi Bold")


@pytest.mark.parametrize("turned", [False, True])
def test_english_is_better_than_others(turned: bool) -> None:
    records = [(FINNISH, 1, "Kirjain"), (MACINTOSH, 1, "Caf\u00e9"), (WINDOWS, 1, "Letter")]
    for count, expected in ((1, "Kirjain"), (2, "Café"), (3, "Letter")):
        some = records[:count]
        assert read_names(table(*(some[::-1] if turned else some))).family == expected
    assert read_names(table((UNICODE, 1, "Any"))).family == "Any"


def test_a_font_without_a_name_has_one() -> None:
    unnamed = Names(NO_FAMILY, NO_STYLE)
    assert (
        read_names(b"")
        == read_names(table())
        == read_names(table((WINDOWS, 1, "\u200b \n")))
        == unnamed
    )


def test_a_name_is_on_one_line_and_not_long() -> None:
    name = read_names(table((WINDOWS, 1, "A\n\x00 B\u202e" + "c" * 500))).family
    assert name == "A B " + "c" * (MOST_CHARACTERS - 4)
    assert read_names(table((WINDOWS, 1, "a" * (MOST_CHARACTERS - 1) + " b"))).family == "a" * 63


def test_a_name_that_is_no_text_does_not_matter() -> None:
    whole = table((WINDOWS, 1, "Abc"))
    assert read_names(whole[:-1]).family == "Ab\ufffd"
    broken = whole[:-6] + b"\xd8\x00" + whole[-4:]
    assert read_names(broken).family == "\ufffdbc"


def test_a_list_that_is_cut_is_told() -> None:
    with pytest.raises(struct.error):
        read_names(table((WINDOWS, 1, "Abc"))[:10])


def test_the_name_for_files_is_of_plain_letters() -> None:
    assert Names("Playfair Display", "Bold Italic").postscript == "PlayfairDisplay-BoldItalic"
    assert Names("Шрифт (v2) %", "Žirn/7").postscript == "v2-irn7"
    assert Names("Шрифт", "жирный").postscript == "Font-Font"

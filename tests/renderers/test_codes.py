"""Codes are read back by another program than drew them, and every module has one size."""

from itertools import groupby
from typing import get_args

import pytest
import segno
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from renderers.codes import (
    _CAPACITY,
    LONGEST_CODE128,
    QUIET,
    CodeError,
    Kind,
    Level,
    Modules,
    _check_digit,
    check,
    draw,
    modules,
    smallest,
)
from tests.renderers.support import law

KINDS: tuple[Kind, ...] = get_args(Kind)
LEVELS: tuple[Level, ...] = get_args(Level)
PAINTS = (((0, 0, 0), (255, 255, 255)), ((20, 33, 84), (250, 243, 224)))
"""Black on white, and dark blue on cream."""
FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "ean8": zxingcpp.BarcodeFormat.EAN8,
    "code128": zxingcpp.BarcodeFormat.Code128,
}
PRINTABLE = "".join(map(chr, range(32, 127)))
PAYMENT = "\n".join(
    (
        *("BCD", "002", "1", "SCT", "", "Õisemäe Lillepood OÜ", "EE382200221020145685"),
        *("EUR12.30", "", "", "Arve 2026-118: lilled Šveitsi, täname!"),
    )
)
"""A SEPA transfer as EPC069-12 writes it: version 002, character set 1 (UTF-8)."""

samples = {
    "qr": "https://example.com/o/1",
    "ean13": "640123456789",
    "ean8": "9638507",
    "code128": "Order-42",
}
scripts = st.sampled_from("aZ 09-:/\n\tõäöšžüжяЯГשم日本テスト字ｱÿ¿ß€🎉❤️👩‍👩‍👧")
qr_texts = st.one_of(
    st.text(scripts, min_size=1, max_size=60),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text("0123456789", min_size=1, max_size=60),
    st.text("AB09 $%*+-./:", min_size=1, max_size=60),
)
code128_texts = st.text(PRINTABLE, min_size=1, max_size=LONGEST_CODE128)
thirteen = st.text("0123456789", min_size=12, max_size=12)
eight = st.text("0123456789", min_size=7, max_size=7)
coded: st.SearchStrategy[tuple[Kind, str]] = st.one_of(
    st.tuples(st.just("qr"), qr_texts),
    st.tuples(st.just("code128"), code128_texts),
    st.tuples(st.just("ean13"), thirteen),
    st.tuples(st.just("ean8"), eight),
)


def painted(mask: Image.Image, dark: tuple[int, ...], light: tuple[int, ...]) -> Image.Image:
    image = Image.new("RGB", mask.size, light)
    image.paste(dark, (0, 0), mask)
    return image


def read(kind: Kind, image: Image.Image) -> str | None:
    """What a reader that knows no more than the kind makes of a picture."""
    found = zxingcpp.read_barcode(
        image,
        formats=zxingcpp.BarcodeFormats(FORMATS[kind]),
        text_mode=zxingcpp.TextMode.Plain,
        try_invert=False,
    )
    return None if found is None else found.text


def box(kind: Kind, text: str, scale: int, level: Level = "medium") -> tuple[int, int]:
    """Of `scale` pixels a module; bars 40 pixels high."""
    width, height = smallest(kind, text, level)
    return width * scale, height * scale if kind == "qr" else 40


@law
@given(coded, st.integers(2, 5), st.sampled_from(PAINTS), st.integers(0, 9))
@example(("qr", "テス"), 2, PAINTS[0], 0)
@example(("qr", "字2"), 3, PAINTS[1], 1)
@example(("qr", "õäö"), 2, PAINTS[0], 0)
@example(("qr", PAYMENT), 3, PAINTS[1], 0)
@example(("code128", PRINTABLE[:48]), 2, PAINTS[0], 0)
@example(("code128", PRINTABLE[48:]), 2, PAINTS[1], 0)
@example(("ean13", "012345678905"), 2, PAINTS[0], 0)
def test_what_is_drawn_is_read_back_exactly(
    code: tuple[Kind, str],
    scale: int,
    paint: tuple[tuple[int, ...], tuple[int, ...]],
    spare: int,
) -> None:
    kind, text = code
    width, height = box(kind, text, scale)
    mask = draw(kind, text, width + spare, height + spare)
    assert read(kind, painted(mask, *paint)) == check(kind, text)


@pytest.mark.parametrize("kind", KINDS)
def test_one_pixel_a_module_is_read_too(kind: Kind) -> None:
    width, height = smallest(kind, samples[kind])
    mask = draw(kind, samples[kind], width, max(height, 20))
    assert read(kind, painted(mask, *PAINTS[0])) == check(kind, samples[kind])


def test_a_payment_is_read_as_the_lines_and_umlauts_that_it_has() -> None:
    mask = draw("qr", PAYMENT, 300, 300)
    found = zxingcpp.read_barcode(painted(mask, *PAINTS[0]))
    assert found is not None
    assert found.bytes == PAYMENT.encode()
    assert found.symbology_identifier == "]Q1", "no ECI: banks' readers need none"


@law
@given(coded, st.integers(1, 4), st.integers(0, 30), st.integers(0, 30))
def test_all_modules_have_one_size_and_stand_in_the_middle(
    code: tuple[Kind, str], scale: int, wider: int, higher: int
) -> None:
    kind, text = code
    made, quiet = modules(kind, text), QUIET[kind]
    width, height = box(kind, text, scale)
    mask = draw(kind, text, width + wider, height + higher)
    assert (mask.mode, mask.size) == ("L", (width + wider, height + higher))
    assert set(mask.tobytes()) == {0, 255}

    least_width, least_height = smallest(kind, text)
    across = mask.width // least_width
    down = mask.height
    if kind == "qr":
        across = down = min(across, mask.height // least_height)
    whole = Image.frombytes("L", (made.width, made.height), made.dark)
    left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
    assert (right - left, bottom - top) == (made.width * across, made.height * down)
    for y in range(made.height):
        for x in range(made.width):
            first = (left + x * across, top + y * down)
            module = mask.crop((*first, first[0] + across, first[1] + down))
            assert module.getextrema() == (whole.getpixel((x, y)),) * 2

    free_left, free_right = left - quiet.left * across, mask.width - right - quiet.right * across
    free_above, free_below = (
        free - quiet.above_and_below * down for free in (top, mask.height - bottom)
    )
    assert free_right - free_left in (0, 1)
    assert free_below - free_above in (0, 1)
    assert min(free_left, free_above) >= 0


@pytest.mark.parametrize(
    ("kind", "runs"),
    [
        ("ean13", {1, 2, 3, 4}),
        ("ean8", {1, 2, 3, 4}),
        ("code128", {1, 2, 3, 4}),
    ],
)
def test_bars_and_spaces_are_one_to_four_modules(kind: Kind, runs: set[int]) -> None:
    row = modules(kind, samples[kind]).dark
    assert {len(list(run)) for _, run in groupby(row)} == runs
    assert row[0] == row[-1] == 255


@pytest.mark.parametrize(
    ("kind", "text", "size"),
    [
        ("qr", "A", (29, 29)),
        ("qr", "a" * 14, (29, 29)),
        ("qr", "a" * 15, (33, 33)),
        ("ean13", "640123456789", (113, 1)),
        ("ean8", "9638507", (81, 1)),
        ("code128", "ABC", (88, 1)),
        ("code128", "x" * LONGEST_CODE128, (935, 1)),
    ],
)
def test_the_smallest_box(kind: Kind, text: str, size: tuple[int, int]) -> None:
    assert smallest(kind, text) == size
    assert draw(kind, text, *size).size == size
    assert draw(kind, text, *size).getbbox() is not None


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_at_least_what_is_asked_for(level: Level) -> None:
    text = "x" * 100
    found = zxingcpp.read_barcode(draw("qr", text, *box("qr", text, 2, level), level).point(flip))
    assert found is not None
    assert found.text == text
    assert LEVELS.index(level) <= "LMQH".index(found.ec_level)


def flip(light: int) -> int:
    return 255 - light


def test_a_level_is_raised_where_that_costs_no_modules() -> None:
    assert modules("qr", "A", "low") == modules("qr", "A", "high")
    assert smallest("qr", "x" * 100, "low") < smallest("qr", "x" * 100, "high")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("mode", "character", "unit"),
    [("numeric", "7", "digits"), ("alphanumeric", "A", "characters"), ("byte", "a", "bytes")],
)
def test_a_qr_code_holds_what_the_standard_says(
    level: Level, mode: str, character: str, unit: str
) -> None:
    most = {name: levels[level] for name, levels in _CAPACITY.items()}[mode]  # type: ignore[index]
    assert check("qr", character * most, level) == character * most
    with pytest.raises(
        CodeError, match=f"of level {level} holds at most {most} {unit}.* has {most + 1}: shorten"
    ) as refused:
        check("qr", character * (most + 1), level)
    assert ("lower level" in str(refused.value)) is (level != "low")
    with pytest.raises(segno.DataOverflowError):
        segno.make_qr(character * (most + 1), error=level[0])


def test_the_largest_qr_code_is_drawn() -> None:
    text = "ä" * (_CAPACITY["byte"]["medium"] // 2)
    assert smallest("qr", text) == (185, 185)
    assert read("qr", draw("qr", text, 370, 370).point(flip)) == text
    with pytest.raises(CodeError, match="2331 bytes of UTF-8, and this text has 2332"):
        check("qr", text + "ä")


def test_half_of_a_pair_is_no_text() -> None:
    with pytest.raises(CodeError, match="character 3 is half of a pair"):
        check("qr", "ab\ud83d")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_text_has_no_code(kind: Kind) -> None:
    with pytest.raises(CodeError, match="needs a text, and this one is empty"):
        check(kind, "")


@pytest.mark.parametrize(
    ("kind", "text", "whole"),
    [
        ("ean13", "640123456789", "6401234567897"),
        ("ean13", "6401234567897", "6401234567897"),
        ("ean13", "978316148410", "9783161484100"),
        ("ean13", "000000000000", "0000000000000"),
        ("ean8", "9638507", "96385074"),
        ("ean8", "96385074", "96385074"),
        ("code128", "  a ", "  a "),
        ("qr", " ä\n", " ä\n"),
    ],
)
def test_what_a_reader_will_get(kind: Kind, text: str, whole: str) -> None:
    assert check(kind, text) == whole
    assert modules(kind, text) == modules(kind, whole)


@law
@given(st.one_of(thirteen, eight), st.integers(0, 9))
def test_of_ten_check_digits_one_is_right(number: str, digit: int) -> None:
    kind: Kind = "ean13" if len(number) == 12 else "ean8"
    right = check(kind, number)
    assert right == zxingcpp.create_barcode(number, FORMATS[kind]).text
    given_one = f"{number}{digit}"
    if given_one == right:
        assert check(kind, given_one) == right
        return
    with pytest.raises(
        CodeError,
        match=f"check digit of {given_one} should be {right[-1]}, not {digit}: write {right} if",
    ):
        check(kind, given_one)


@law
@given(thirteen, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: str, place: int, further: int) -> None:
    wrong = str((int(number[place]) + further) % 10)
    assert _check_digit(number) != _check_digit(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("ean13", "12", "An EAN-13 has 13 digits, or 12 to which .* this text has 2"),
        ("ean8", "123456789", "An EAN-8 has 8 digits, or 7 to which .* this text has 9"),
        ("ean13", "978-316148410", "An EAN-13 holds digits alone, and character 4 is '-'"),
        ("ean8", "963850٧", "An EAN-8 holds digits alone, and character 7 is '٧'"),
        ("code128", "Café", r"A Code 128 holds .* character 4 is '\\xe9': .* take a QR code"),
        ("code128", "a\nb", r"A Code 128 holds .* character 2 is '\\n'"),
        ("code128", "\x7f", r"character 1 is '\\x7f'"),
        ("code128", "x" * 81, "A Code 128 holds at most 80 characters, and this text has 81"),
    ],
)
def test_a_text_that_a_code_cannot_hold(kind: Kind, text: str, message: str) -> None:
    for use in (check, modules, smallest):
        with pytest.raises(CodeError, match=message):
            use(kind, text)
    with pytest.raises(CodeError, match=message):
        draw(kind, text, 2000, 2000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_box_that_is_too_small(kind: Kind) -> None:
    width, height = smallest(kind, samples[kind])
    for box in ((width - 1, height), (width, height - 1)):
        message = (
            f"needs at least {width} × {height} pixels with its quiet zone, "
            f"and the box has {box[0]} × {box[1]}: "
        )
        with pytest.raises(CodeError, match=message):
            draw(kind, samples[kind], *box)


def test_a_code_is_made_once() -> None:
    once = modules("qr", "made once")
    assert isinstance(once, Modules)
    assert modules("qr", "made once") is once
    first, second = (draw("qr", "made once", 100, 100) for _ in range(2))
    first.paste(0, (0, 0, 100, 100))
    assert second.getbbox() is not None
    assert draw("qr", "made once", 100, 100).tobytes() == second.tobytes()

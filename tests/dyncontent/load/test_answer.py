"""What may be wrong with an answer."""

import pytest

from dyncontent.load.answer import Answer, exactly, leads_to, one_of, picture

PNG = b"\x89PNG\r\n\x1a\n..."


def _answer(status: int, head: bytes, body: bytes = b"") -> Answer:
    head = b"HTTP/1.1 %d Word\r\n%b" % (status, head)
    return Answer(status, head, head.lower(), body, 0.0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_answer(200, b"Content-Type: image/png\r\n", PNG), None),
        (_answer(200, b"server: x\r\ncontent-type:image/png\r\n", PNG), None),
        (_answer(404, b"content-type: image/png\r\n", PNG), "status 404"),
        (_answer(200, b"content-type: text/html\r\n", PNG), "type text/html"),
        (_answer(200, b"x-content-type: image/png\r\n", PNG), "type None"),
        (_answer(200, b"content-type: image/png\r\n", b"<html>"), "no such picture"),
    ],
)
def test_a_picture_is_of_its_type(answer: Answer, said: str | None) -> None:
    assert picture("png")(answer) == said


@pytest.mark.parametrize("beginning", [b"GIF87a", b"GIF89a"])
def test_a_gif_that_does_not_move_is_one_too(beginning: bytes) -> None:
    answer = _answer(200, b"content-type: image/gif\r\n", beginning + b"...")
    assert picture("gif")(answer) is None


def test_a_body_is_compared_byte_by_byte() -> None:
    answer = _answer(200, b"content-type: image/png\r\n", PNG)
    assert exactly("image/png", PNG)(answer) is None
    assert exactly("image/png", PNG + b".")(answer) == "another body"
    assert exactly("image/gif", PNG)(answer) == "type image/png"
    assert one_of("image/png", [b"a", PNG])(answer) is None
    assert one_of("image/png", [b"a"])(answer) == "another body"
    assert one_of("image/gif", [PNG])(answer) == "type image/png"


def test_a_click_leads_to_its_address() -> None:
    check = leads_to("https://shop.example/Seat")
    assert check(_answer(302, b"Location: https://shop.example/Seat\r\n")) is None
    said = check(_answer(302, b"location: https://shop.example/seat\r\n"))
    assert said == "leads to https://shop.example/seat"
    assert check(_answer(302, b"")) == "leads to None"
    assert check(_answer(200, b"")) == "status 200"

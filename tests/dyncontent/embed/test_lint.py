"""The lint: each fault is found, and what is good is not."""

import re
from pathlib import Path

import pytest

from dyncontent.delivery.handles import make_handle
from dyncontent.delivery.tags import TAG
from dyncontent.delivery.urls import Purpose, make_tagged
from dyncontent.embed.lint import (
    CLIPPED_HTML,
    LONG_HTML,
    WARNINGS,
    Code,
    Email,
    Severity,
    block_names,
    failed,
    lint,
)
from dyncontent.embed.references import Finder
from dyncontent.embed.sources import of_html, of_message
from tests.dyncontent.embed.support import (
    BLOCKS,
    EMAILS,
    FINDER,
    KEYRING,
    codes,
    found,
    signed,
    tagged,
    verify,
)

PICTURE, CLICK = signed(Purpose.PICTURE), signed(Purpose.CLICK)
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "embedding.md"


def pasted(
    picture: str = PICTURE,
    click: str = CLICK,
    rest: str = 'alt="Trips" width="60" height="40"',
) -> str:
    return f'<a href="{click}"><img src="{picture}" {rest}></a>'


def field(tag: str, purpose: str = "i", block: str = "trip") -> str:
    extension = ".png" if purpose == "i" else ""
    return f"https://img.example/{purpose}/{block}{extension}?{tag}"


def test_what_is_good_is_clean() -> None:
    assert codes(pasted()) == []
    by_fields = pasted(field("*|TRIP_I|*"), field("*|TRIP_C|*", "c"))
    assert codes(by_fields, is_finished=False) == []
    assert codes(f'<a href="{signed(Purpose.HTML)}&amp;utm_source=x">in your browser</a>') == []
    assert codes("<p>*|NAME|*</p><img src='https://shop.example/i/logo.png'>") == []


BAD = [
    (pasted(rest='alt="" width="60" height="40"'), Code.ALT_EMPTY),
    (pasted(rest='width="60" height="40"'), Code.ALT_MISSING),
    (pasted(rest='alt="Trips" width="60"'), Code.SIZE_MISSING),
    (pasted(rest='alt="Trips" width="60" height="41"'), Code.SIZE_OTHER),
    (pasted(rest='alt="Trips" width="100%" height="40"'), Code.SIZE_OTHER),
    (pasted(PICTURE[:-2] + "AA"), Code.SIGNATURE_WRONG),
    (pasted(PICTURE.replace("v=k1", "v=k2")), Code.SIGNATURE_WRONG),
    (pasted(PICTURE + "&amp;m=other"), Code.URL_BROKEN),
    (pasted(PICTURE.partition("&amp;k")[0]), Code.URL_BROKEN),
    (pasted(PICTURE.replace(".png", ".svg")), Code.URL_BROKEN),
    (pasted(PICTURE.replace(".png", ".gif")), Code.TYPE_OTHER),
    (pasted(PICTURE.replace("https", "http")), Code.INSECURE),
    (pasted(PICTURE.replace("https:", "")), Code.INSECURE),
    (pasted(click="https://shop.example/"), Code.LINK_ELSEWHERE),
    (pasted(click=signed(Purpose.HTML)), Code.LINK_ELSEWHERE),
    (pasted().replace("<a ", "<b "), Code.LINK_MISSING),
    (pasted(click=signed(Purpose.CLICK, recipient="bo")), Code.LINK_OTHER_PERSON),
    (pasted(click=signed(Purpose.CLICK, message="autumn")), Code.LINK_OTHER_PERSON),
    (pasted(field("*|TRIP|*"), field("*|TRIP|*", "c")), Code.LINK_SAME_SIGNATURE),
    (pasted(picture=CLICK), Code.NO_PICTURE),
    (f'<a href="{signed(Purpose.CLICK, "none")}">', Code.BLOCK_UNKNOWN),
    (f'<a href="{signed(Purpose.CLICK, "order")}">', Code.BLOCK_UNPUBLISHED),
    (f'<a href="{field("FIELD-OF-trip_click", "c")}">', Code.PLACEHOLDER_LEFT),
    (
        f'<a href="{CLICK.replace("r=aino", "r=*|UNIQID|*")}">',
        Code.SIGNATURE_OVER_TAG,
    ),
    (f"<p>*|FNAME|* *|LNAME|*</p><a href='{field('{{ person.c }}', 'c')}'>", Code.TAG_FOREIGN),
    (f"<style>{PICTURE[:-2].replace('&amp;', '&')}AA", Code.SIGNATURE_WRONG),
]


@pytest.mark.parametrize(("html", "code"), BAD)
def test_a_fault_is_found_alone(html: str, code: Code) -> None:
    assert codes(html, is_finished=TAG.search(html) is None) == [code]


def of_a_list(
    tag: str,
    block: str = "trip",
    click: str | None = None,
    rest: str = 'alt="Trips" width="60" height="40"',
    **more: str,
) -> str:
    click = click or tagged(Purpose.CLICK, tag, block)
    return pasted(tagged(Purpose.PICTURE, tag, block, **more), click, rest)


@pytest.mark.parametrize(
    "tag", ["*|DYNC_ID|*", "{{ person|lookup:'dyncontent_id' }}", "{{subscriber.dyncontent_id}}"]
)
def test_a_tagged_url_with_a_field_for_the_handle_is_clean(tag: str) -> None:
    assert codes(of_a_list(tag), is_finished=False) == []


def test_a_mail_that_a_tagged_url_was_filled_in_is_clean() -> None:
    assert codes(of_a_list(make_handle(KEYRING, "aino"))) == []
    assert codes(of_a_list("1001", "stock")) == []


UUID = "7f2c9d0e-3b1a-4c55-9e0f-1a2b3c4d5e6f"


@pytest.mark.parametrize(
    ("tag", "block", "unguessable", "expected"),
    [
        ("*|UNIQID|*", "trip", False, [Code.ID_GUESSABLE]),
        ("*|UNIQID|*", "trip", True, [Code.ID_GUESSABLE]),
        ("*|UNIQID|*", "stock", False, []),
        ("{{person.KlaviyoID}}", "trip", False, [Code.ID_GUESSABLE]),
        ("{{person.KlaviyoID}}", "trip", True, []),
        ("{{ .Subscriber.UUID }}", "trip", True, []),
        ("1001", "trip", True, [Code.ID_GUESSABLE]),
        (UUID, "trip", False, [Code.ID_GUESSABLE]),
        (UUID, "trip", True, []),
    ],
)
def test_an_id_that_could_be_guessed_is_told(
    tag: str, block: str, unguessable: bool, expected: list[Code]
) -> None:
    html = f'<a href="{tagged(Purpose.CLICK, tag, block)}">'
    is_finished = TAG.search(tag) is None
    assert codes(html, is_finished=is_finished, unguessable=unguessable) == expected


BAD_TAGGED = [
    (of_a_list("*|DYNC_ID|*", t="A" * 22), Code.SIGNATURE_WRONG),
    (of_a_list("*|DYNC_ID|*", v="k9"), Code.SIGNATURE_WRONG),
    (of_a_list("*|DYNC_ID|*", m="*|CAMPAIGN_UID|*"), Code.SIGNATURE_OVER_TAG),
    (of_a_list("*|DYNC_ID|*", m="other"), Code.SIGNATURE_WRONG),
    (of_a_list("", click=tagged(Purpose.CLICK, "*|DYNC_ID|*")), Code.URL_BROKEN),
    (of_a_list("aino@shop.example"), Code.URL_BROKEN),
    (of_a_list("*%7CDYNC_ID%7C*"), Code.TAG_ENCODED),
    (of_a_list("_aino.k1.AAAAAAAAAAAAAAAAAAAAAA"), Code.SIGNATURE_WRONG),
    (
        of_a_list("*|DYNC_ID|*", click=tagged(Purpose.CLICK, "*|OTHER|*")),
        Code.LINK_OTHER_PERSON,
    ),
    (of_a_list(make_handle(KEYRING, "aino")), Code.SIGNATURE_OF_ONE),
]


@pytest.mark.parametrize(("html", "code"), BAD_TAGGED)
def test_a_fault_of_a_tagged_url_is_found(html: str, code: Code) -> None:
    assert code in codes(html, is_finished=False)
    assert set(codes(html, is_finished=False)) <= {code, Code.LINK_OTHER_PERSON}


def test_the_signature_of_the_picture_is_not_that_of_its_link() -> None:
    path = make_tagged(KEYRING, Purpose.PICTURE, "trip", "*|DYNC_ID|*", "spring")
    html = of_a_list("*|DYNC_ID|*", click=f"https://img.example/c/trip?{path.partition('?')[2]}")
    expected = [Code.SIGNATURE_WRONG, Code.LINK_SAME_SIGNATURE]
    assert codes(html, is_finished=False) == expected


def test_in_a_mail_a_tag_that_was_not_filled_is_told() -> None:
    findings = found(of_a_list("*|DYNC_ID|*"))
    assert [one.code for one in findings] == [Code.TAG_UNRENDERED] * 2
    assert not failed(findings)


def test_a_link_of_another_block_is_found() -> None:
    html = pasted(click=signed(Purpose.CLICK, "order"))
    assert set(codes(html)) == {Code.LINK_OTHER_BLOCK, Code.BLOCK_UNPUBLISHED}


def test_an_encoded_tag_is_found() -> None:
    html = f'<a href="{field("r=*%7CUNIQID%7C*&amp;m=1&amp;v=1&amp;k=1", "c")}">'
    assert codes(html) == [Code.TAG_ENCODED]


def test_plain_http_is_good_enough_on_this_machine() -> None:
    html = '<a href="http://127.0.0.1:8000/c/trip?*|C|*">'
    email = Email(of_html(html.encode()), is_finished=False)
    assert lint(email, Finder("http://127.0.0.1:8000"), BLOCKS, verify) == []


def test_a_transactional_mail_has_no_marketing_block() -> None:
    for class_, expected in (("transactional", [Code.BLOCK_MARKETING] * 2), ("marketing", [])):
        assert codes(pasted(), class_=class_) == expected


def test_in_a_template_a_signed_url_would_be_everybodys() -> None:
    [link, image] = found(pasted(), is_finished=False)
    assert (link.code, link.severity) == (Code.SIGNATURE_OF_ONE, Severity.WARNING)
    assert "aino" in image.message
    assert not failed([link, image])


def test_a_named_sender_goes_before_the_tags() -> None:
    html = f"<p>*|FNAME|*</p>{pasted(field('*|TRIP_I|*'), field('*|TRIP_C|*', 'c'))}"
    assert codes(html, is_finished=False, sender="mailchimp") == []
    [first, second] = found(html, is_finished=False, sender="kit")
    assert first.code is second.code is Code.TAG_FOREIGN
    assert "Kit" in first.message


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (LONG_HTML, []),
        (LONG_HTML + 1, [Code.HTML_LONG]),
        (CLIPPED_HTML, [Code.HTML_LONG]),
        (CLIPPED_HTML + 1, [Code.HTML_CLIPPED]),
    ],
)
def test_the_length_of_the_html(length: int, expected: list[Code]) -> None:
    assert codes("ä" * (length // 2) + "x" * (length % 2)) == expected


def test_attachments_do_not_count_for_the_length() -> None:
    plain = b"Content-Type: text/plain\n\n" + b"x" * (CLIPPED_HTML + 1)
    assert codes(of_message(plain)) == []


def test_mailchimps_template_is_clean() -> None:
    assert found(of_html((EMAILS / "mailchimp.html").read_bytes()), is_finished=False) == []


def test_klaviyos_template_has_its_faults_at_their_places() -> None:
    findings = found(of_html((EMAILS / "klaviyo.html").read_bytes()), is_finished=False)
    told = [(one.line, one.column, one.code) for one in findings]
    assert told == sorted(told, key=lambda one: one[:2])
    assert {(line, code) for line, _, code in told} == {
        (6, Code.BLOCK_UNKNOWN),
        (12, Code.TAG_FOREIGN),
        (13, Code.ALT_MISSING),
        (13, Code.SIZE_OTHER),
        (16, Code.ALT_EMPTY),
        (16, Code.INSECURE),
        (16, Code.LINK_MISSING),
        (16, Code.TAG_ENCODED),
        (16, Code.TYPE_OTHER),
        (18, Code.LINK_ELSEWHERE),
        (18, Code.SIGNATURE_OVER_TAG),
        (20, Code.BLOCK_UNPUBLISHED),
    }
    line = (EMAILS / "klaviyo.html").read_text().splitlines()[12]
    assert {column for number, column, _ in told if number == 13} == {line.index("https") + 1}


def test_a_mail_of_listmonk_has_one_forged_picture_without_a_link() -> None:
    raw = (EMAILS / "listmonk.eml").read_bytes()
    findings = found(of_message(raw))
    assert [one.code for one in findings] == [Code.SIGNATURE_WRONG, Code.LINK_MISSING]
    for one in findings:
        rest = raw.decode().splitlines()[one.line - 1][one.column - 1 :]
        assert rest.startswith("https://img.example/i/trip.=")


def test_the_names_of_blocks_are_such_as_can_be() -> None:
    email = Email(of_html((pasted() + pasted(field("x", block="a.b/c"))).encode()), True)
    assert block_names(FINDER, email) == {"trip"}


def test_bytes_that_are_no_characters_can_be_told() -> None:
    html = b'<img src="https://img.example/i/\xff.png?r=\xff&m=1&v=1&k=1" width="\xff">'
    for one in found(of_html(html)):
        one.message.encode()


def test_every_code_is_documented() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (error|warning) \|", DOCUMENTATION.read_text(), re.MULTILINE
    )
    assert dict(rows) == {code: "warning" if code in WARNINGS else "error" for code in sorted(Code)}

"""Texts, attributes and addresses in HTML: whatever they hold, they stay what they are.

Besides what HTML asks for, the characters of which senders make their merge tags (`{{ name }}`,
`*|NAME|*`, `%%name%%`, `[[name]]`) are written as references: a sender that fetches a fragment into
a mail takes no value for a tag of its own.
"""

import re
from urllib.parse import quote

_REFERENCES = {ord(one): f"&#{ord(one)};" for one in "'`{}[]|%"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
}
_REFERENCES |= dict.fromkeys(
    (
        *(code for code in range(0x20) if chr(code) not in "\t\n\r"),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    "",
)
"""Control characters are not written: HTML has none, and marks of direction would turn what stands
behind."""
_IN_ATTRIBUTES = _REFERENCES | {ord(one): f"&#{ord(one)};" for one in "\t\n\r"}
_NEW_LINE = re.compile("\r\n|\r|\n")
_WEB_ADDRESS = re.compile("https?://", re.IGNORECASE)
_ALLOWED = "%:/?#@!$&'()*+,;=~"
"""What stands in an address as it is, besides letters, digits and `_.-` (RFC 3986, section 2);
brackets stand only around a host of numbers."""
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_HOST_OF_NUMBERS = re.compile(r"(https?://)\[([0-9A-Fa-f:.]+)\]", re.IGNORECASE)


def text(value: str) -> str:
    """A text between tags; each new line begins after a `<br>`."""
    return _NEW_LINE.sub("<br>", value.translate(_REFERENCES))


def attribute(value: str) -> str:
    """The value of an attribute, to stand in double quotes."""
    return value.translate(_IN_ATTRIBUTES)


def url(address: str) -> str:
    """A web address as the value of an attribute, what is not allowed in it percent-encoded.

    Raises ValueError unless it begins with https:// or http://.
    """
    if not _WEB_ADDRESS.match(address):
        raise ValueError(f"an address begins with https:// or http://, not {address[:20]!r}")
    numbers = _HOST_OF_NUMBERS.match(address)
    host = numbers.group() if numbers else ""
    rest = quote(address[len(host) :], safe=_ALLOWED)
    encoded = host + _STRAY_PERCENT.sub("%25", rest)
    return encoded.replace("&", "&amp;").replace("'", "&#39;")

"""The references to this server in a text of an email."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlsplit

from dyncontent.delivery.tags import TAG
from dyncontent.embed.sources import Text

_REST = rf"(?:{TAG.pattern}|[^\s\"'<>\\])*"
_MASK = "\x00"
_ENDS_OF_SENTENCES = ".,;:!?)"
_IMAGES = frozenset(("img", "amp-img"))

Attributes = Mapping[str, str | None]


class Url:
    """A URL of this server's, with the tags that stand in it."""

    def __init__(self, written: str, scheme: str, path: str, query: str) -> None:
        self.written = written
        self.scheme = scheme
        """`https`, `http`, or empty."""
        self.host = urlsplit(f"//{written.partition('//')[2]}").hostname or ""
        self.path = path
        self.query = query.partition("#")[0].replace(_MASK, "")

    @property
    def purpose(self) -> str:
        """`i`, `c` or `h`."""
        return self.path[1]

    @property
    def block(self) -> str:
        name = self.path[3:]
        return name.rpartition(".")[0] if self.purpose == "i" else name

    @property
    def extension(self) -> str:
        return self.path.rpartition(".")[2]

    @cached_property
    def tags(self) -> list[str]:
        return TAG.findall(self.query)

    @cached_property
    def field(self) -> str | None:
        """The tag whose value is the query, or a part of it with the signature in it."""
        return next((name for name, _, _ in self._pairs if TAG.fullmatch(name)), None)

    @cached_property
    def given(self) -> dict[str, str]:
        """The names in the query with their values, of a name that stands twice the first."""
        given: dict[str, str] = {}
        for name, equals, value in self._pairs:
            if equals:
                given.setdefault(name, value)
        return given

    @property
    def is_tagged(self) -> bool:
        """Whether it is signed for a whole list."""
        return "t" in self.given and "k" not in self.given

    @property
    def signature(self) -> str | None:
        return self.given.get("t" if self.is_tagged else "k")

    @cached_property
    def _pairs(self) -> list[tuple[str, str, str]]:
        """A tag may hold an ampersand or an equals sign itself."""
        tags = iter(self.tags)
        pairs = []
        for pair in TAG.sub(_MASK, self.query).split("&"):
            name, equals, value = pair.partition("=")
            name, value = (
                "".join(next(tags) if one == _MASK else one for one in part)
                for part in (name, value)
            )
            pairs.append((name, equals, value))
        return pairs


@dataclass(frozen=True, slots=True)
class Reference:
    """A URL at an offset of its text. Of an image: its attributes, and the address that the link
    around it has (None without one)."""

    offset: int
    url: Url
    role: Literal["image", "link", "other"]
    attributes: Attributes
    link: str | None = None


@dataclass(frozen=True, slots=True)
class _Element:
    start: int
    end: int
    tag: str
    attributes: Attributes
    link: str | None


class Finder:
    """Finds the URLs of the server at a public address."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        base = re.escape(parts.netloc + parts.path)
        self._pattern = re.compile(
            rf"(?:((?i:https?)):)?//(?i:{base})(/[ich]/[^\s\"'<>?#\\]*)(?:\?({_REST}))?"
        )

    def url(self, address: str) -> Url | None:
        """None if the address is none of this server's."""
        found = self._pattern.match(address.strip())
        return _url(found.group(), found) if found else None

    def references(self, text: Text) -> Iterator[Reference]:
        """In their order."""
        elements = iter(_elements(text.content) if text.is_html else ())
        element = next(elements, None)
        for found in self._pattern.finditer(text.content):
            while element is not None and element.end <= found.start():
                element = next(elements, None)
            written = html.unescape(found.group()) if text.is_html else found.group()
            if element is not None and element.start <= found.start():
                yield self._of_element(element, found.start(), written)
            elif url := self.url(written.rstrip(_ENDS_OF_SENTENCES)):
                yield Reference(found.start(), url, "other", {})

    def _of_element(self, element: _Element, offset: int, written: str) -> Reference:
        role: Literal["image", "link", "other"] = "other"
        whole = written
        address = written.partition("?")[0]
        uses: tuple[tuple[str, Literal["image", "link"]], ...] = (
            ("src", "image"),
            ("href", "link"),
        )
        for name, use in uses:
            value = (element.attributes.get(name) or "").strip()
            is_used = element.tag in _IMAGES if use == "image" else element.tag in ("a", "area")
            if is_used and value.startswith(address):
                role, whole = use, value
        url = self.url(whole)
        if url is None:
            raise AssertionError("what was found is found again")
        attributes = element.attributes if role == "image" else {}
        return Reference(offset, url, role, attributes, element.link)


def _url(written: str, found: "re.Match[str]") -> Url:
    return Url(written, (found[1] or "").lower(), found[2], found[3] or "")


def _elements(content: str) -> list[_Element]:
    """The opening tags, in their order. Behind one, or a comment, that never ends there are none;
    the parser, were it closed, would try again at each character."""
    parser = _Parser(content)
    parser.feed(content)
    return parser.elements


class _Parser(HTMLParser):
    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[_Element] = []
        self._starts = [0, *(found.end() for found in re.finditer("\n", content))]
        self._links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        start = self._starts[line - 1] + column
        end = start + len(self.get_starttag_text() or "")
        attributes = dict(reversed(attrs))  # of two that are the same the first counts
        link = self._links[-1] if self._links else None
        self.elements.append(_Element(start, end, tag, attributes, link))
        if tag == "a":
            self._links.append(attributes.get("href"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._links.pop()

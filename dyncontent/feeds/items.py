"""Rows of XML: the items of RSS 2.0 and the entries of Atom with Google's names, and of the common
formats of shops that are built alike.

No entity is expanded and no DTD is read. Sources: RSS 2.0; RFC 4287; the product data specification
of Google Merchant Center, whose namespace is http://base.google.com/ns/1.0.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from dyncontent.feeds.rows import MOST_COLUMNS, MOST_ROW, Broken, Cell, FeedError, Row, broken

GOOGLE = "http://base.google.com/ns/1.0"
ITEMS = frozenset(("item", "entry", "product", "offer"))
DEEPEST = 64
PIECE = 64 * 1024


def rows(data: BinaryIO) -> Iterator[Row | Broken]:
    """Raises FeedError for what is no well-formed XML, at its end at the latest."""
    items = _Items()
    parser = DefusedXMLParser(target=items, forbid_dtd=True)
    items.parser = parser.parser
    fed = 0
    try:
        while piece := data.read(PIECE):
            fed += len(piece)
            parser.feed(piece)
            yield from items.take()
            if fed - parser.parser.CurrentByteIndex > MOST_ROW + PIECE:
                raise broken(f"This XML has a piece of more than {MOST_ROW} bytes", items.line)
        parser.close()
    except ParseError as error:
        raise broken(f"This is no well-formed XML: {error.msg}", error.position[0]) from error
    except DefusedXmlException as error:
        message = "XML with a DTD or entities is not read: leave out everything of <!DOCTYPE"
        raise FeedError("DTD", message, items.line) from error
    except (ValueError, LookupError) as error:
        raise broken(f"This XML cannot be read: {error}", items.line) from error
    yield from items.take()


class _Items:
    """Is told of each tag and text, and collects the items that are whole."""

    def __init__(self) -> None:
        self.parser: Any = None
        self._done: list[Row | Broken] = []
        self._depth = 0
        self._begin = 0
        self._inside = False
        self._path: list[str] = []
        self._texts: list[str] = []
        self._own: dict[str, list[str]] = {}
        self._google: dict[str, list[str]] = {}
        self._size = 0

    @property
    def line(self) -> int:
        return int(self.parser.CurrentLineNumber)

    def take(self) -> list[Row | Broken]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise broken("This XML is nested too deeply", self.line)
        _, name = _split(tag)
        if self._inside:
            self._size += len(name)
            self._path.append(name)
            self._texts.clear()
            if name == "link" and attributes.get("rel", "alternate") == "alternate":
                self._texts.append(attributes.get("href", ""))
        elif name in ITEMS:
            self._inside = True
            self._begin = self.line
            own = {key: value for key, value in attributes.items() if not key.startswith("{")}
            self._own = {key: [value] for key, value in own.items()}
            self._google = {}
            self._size = sum(map(len, own.values()))

    def data(self, text: str) -> None:
        if self._inside:
            self._size += len(text)
            if self._size <= MOST_ROW:
                self._texts.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if not self._inside:
            return
        if self._path:
            space, _ = _split(tag)
            values = self._google if space == GOOGLE else self._own
            name, text = ".".join(self._path), "".join(self._texts).strip()
            self._path.pop()
            self._texts.clear()
            if self._size <= MOST_ROW and (name in values or len(values) < MOST_COLUMNS):
                values.setdefault(name, []).append(text)
            return
        self._inside = False
        if self._size > MOST_ROW:
            self._done.append(Broken(self._begin, f"an item of at most {MOST_ROW} characters"))
        else:
            values = self._own | self._google
            cells = {name: _cell(texts) for name, texts in values.items()}
            self._done.append(Row(self._begin, cells))

    def close(self) -> None:
        pass


def _split(tag: str) -> tuple[str, str]:
    """The namespace of a tag and its name in it."""
    space, _, name = tag.rpartition("}")
    return space.removeprefix("{"), name


def _cell(texts: list[str]) -> Cell:
    return texts[0] if len(texts) == 1 else tuple(texts)

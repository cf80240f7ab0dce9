"""What a reader of HTML finds in a fragment, and whether AMP for Email would take it."""

import json
import re
from html.parser import HTMLParser
from typing import Any

from renderers.html.fragment import Format, Fragment, Hosted
from renderers.html.spec import HtmlBlock
from renderers.template import Lookup
from tests.renderers.support import everything, nothing

PICTURE = "https://img.example/i/trip.png?r=aino&m=spring&v=k1&k=x"
LINK = "https://img.example/c/trip?r=aino&m=spring&v=k1&k=y"
HOSTED = Hosted(PICTURE, LINK, "Rome", 600, 300)

Attributes = dict[str, str]


class Reader(HTMLParser):
    """The elements in order with the text in each: a `<br>` is a new line. Fails where a tag is
    not closed by its own, or an attribute stands there twice."""

    EMPTY = frozenset(("br", "img"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[str] = []
        self._open: list[int] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_data("\n")
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")
        if tag not in self.EMPTY:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        self.texts[self._open[-1]] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.elements if name == tag]

    def only(self, tag: str) -> Attributes:
        [attributes] = self.all(tag)
        return attributes

    def text(self, tag: str) -> str:
        """The text of the only element with this tag."""
        [found] = [
            text for (name, _), text in zip(self.elements, self.texts, strict=True) if name == tag
        ]
        return found


def styles(attributes: Attributes) -> dict[str, str]:
    pairs = (one.partition(":") for one in attributes.get("style", "").split(";") if one)
    return {name: value for name, _, value in pairs}


def block(*elements: dict[str, Any], **fields: Any) -> HtmlBlock:
    return HtmlBlock.model_validate_json(json.dumps({"elements": elements} | fields))


def written(
    spec: HtmlBlock,
    lookup: Lookup = nothing,
    locale: str = "en",
    hosted: Hosted = HOSTED,
    form: Format = Format.HTML,
) -> str:
    return Fragment(spec, everything).write(lookup, locale, hosted, form)


def read(*elements: dict[str, Any], locale: str = "en", **fields: Any) -> Reader:
    return Reader(written(block(*elements, **fields), locale=locale))


# What AMP for Email takes of what a fragment could hold: docs/spec/email/amp-email-html.md and
# amp-email-css.md of github.com/ampproject/amphtml, and the attributes of its
# validator-main.protoascii for the format AMP4EMAIL.
_AMP_GLOBAL = {"dir", "lang", "role", "style", "title", "hidden", "tabindex"}
_AMP_TAGS: dict[str, set[str]] = {
    "a": {"border", "href", "hreflang", "media", "target", "type"},
    "amp-img": {"alt", "attribution", "src", "width", "height", "layout"},
    "br": set(),
    "h1": {"align"},
    "h2": {"align"},
    "h3": {"align"},
    "h4": {"align"},
    "h5": {"align"},
    "h6": {"align"},
    "p": {"align"},
    "span": set(),
    "table": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "td": {"align", "bgcolor", "colspan", "headers", "height", "rowspan", "valign", "width"},
    "tr": {"align", "bgcolor", "height", "valign"},
}
_AMP_STYLES = re.compile(
    "background|border(-(top|right|bottom|left))?(-(color|style|width))?|border-(collapse|spacing)"
    "|border-radius|background-color|box-(shadow|sizing)|color|direction|display"
    "|font(-(family|size|style|variant|weight))?|(min-|max-)?(height|width)|letter-spacing"
    "|line-height|(margin|padding)(-(top|right|bottom|left))?|opacity|overflow(-wrap)?"
    "|table-layout|text-(align|decoration|transform)|vertical-align|white-space"
    "|word-(break|spacing|wrap)"
)
_AMP_MOST_BYTES = 200_000
_AMP_MOST_STYLE = 1000
_AMP_MOST_STYLES = 50_000


def amp_problems(html: str) -> list[str]:
    """What AMP for Email would refuse in a fragment."""
    found: list[str] = []
    if len(html.encode()) > _AMP_MOST_BYTES:
        found.append("the markup is too long")
    total = 0
    for tag, attributes in Reader(html).elements:
        if tag not in _AMP_TAGS:
            found.append(f"the tag {tag}")
            continue
        found += [
            f"the attribute {name} of {tag}"
            for name in attributes
            if name not in _AMP_TAGS[tag] | _AMP_GLOBAL
        ]
        style = attributes.get("style", "")
        total += len(style.encode())
        if len(style.encode()) > _AMP_MOST_STYLE:
            found.append(f"a style of {tag} is too long")
        found += [
            f"the style {name}" for name in styles(attributes) if not _AMP_STYLES.fullmatch(name)
        ]
        found += [f"{word} in a style" for word in ("!", "url(", "\\", "amp") if word in style]
        found += _amp_addresses(tag, attributes)
    if total > _AMP_MOST_STYLES:
        found.append("the styles are too long")
    return found


def _amp_addresses(tag: str, attributes: Attributes) -> list[str]:
    found = []
    if tag == "a":
        if not attributes["href"].startswith(("https://", "http://")):
            found.append("a link that is not of the web")
        if attributes.get("target") != "_blank":
            found.append("a link that opens in the mail")
    if tag == "table" and attributes.get("border") not in ("0", "1"):
        found.append("a border of a table")
    if tag == "amp-img":
        if not attributes["src"].startswith("https://"):
            found.append("a picture without https")
        if attributes.get("layout") != "responsive":
            found.append("a layout")
        if not (int(attributes["width"]) > 0 and int(attributes["height"]) > 0):
            found.append("a picture without a size")
    address = attributes.get("href", "") + attributes.get("src", "")
    found += [f"{word} in an address" for word in ("{{", "}}", "__amp") if word in address]
    return found

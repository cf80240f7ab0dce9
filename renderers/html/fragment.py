"""The fragment: a spec and values in, HTML or AMP out.

Mail clients keep tables, attributes and inline styles; of these only those that all of them keep
are written, with sizes in pixels for Outlook. AMP for Email (https://amp.dev, "AMP for Email
specification") has a picture element of its own and refuses what is for Outlook alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from renderers.html import escape
from renderers.html.spec import (
    LINKED_PICTURE,
    STACKS,
    Align,
    Button,
    Column,
    Columns,
    Element,
    Heading,
    HtmlBlock,
    Lettering,
    Paragraph,
    Picture,
    Rule,
    Spacer,
)
from renderers.localised import ANY, is_right_to_left, language_of, pick
from renderers.template import Lookup, Template, parse

MOST_BYTES = 50_000
"""Gmail shows about 102 kB of a mail. Of a fragment that values make longer than half of that the
picture is left."""

_OUTLOOK = "mso-"
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'


class Format(StrEnum):
    HTML = "html"
    AMP = "amp"


@dataclass(frozen=True, slots=True)
class Hosted:
    """What the block's own URLs lead to: its picture, drawn `width` x `height` CSS pixels, with
    its text, and its click."""

    picture: str
    link: str
    alt: str
    width: int
    height: int


class Fragment:
    """A spec that is ready to be written. `paths` are the values that it reads and `required`
    those without which it cannot be written."""

    def __init__(self, spec: HtmlBlock, allowed: Callable[[str], bool]) -> None:
        """Raises TemplateError if a text does anything but show values that are `allowed`."""
        self._spec = spec
        sources = {source for texts in spec.texts for source in texts.values()}
        self._templates = {source: parse(source, allowed) for source in sources}
        none: frozenset[str] = frozenset()
        self.paths = none.union(*(template.paths for template in self._templates.values()))
        self.required = none.union(*(template.required for template in self._templates.values()))

    def write(self, lookup: Lookup, locale: str, hosted: Hosted, form: Format) -> str:
        """The fragment in a language. Raises MissingValueError if a required value is None, and
        ValueError if an address of `hosted` is none of the web."""
        written = _Writer(self._templates, lookup, locale, hosted, form).whole(self._spec)
        if len(written.encode()) <= MOST_BYTES:
            return written
        return _Writer({}, lookup, locale, hosted, form).whole(LINKED_PICTURE)


@dataclass(frozen=True, slots=True)
class _Writer:
    templates: Mapping[str, Template]
    lookup: Lookup
    locale: str
    hosted: Hosted
    form: Format

    def whole(self, spec: HtmlBlock) -> str:
        width = spec.width or self.hosted.width
        edge = 2 if spec.border else 0
        style = self._style(
            ("width", f"{width}px"),
            ("max-width", "100%"),
            ("border-collapse", "separate"),
            ("background-color", spec.background),
            ("border", spec.border and f"1px solid {spec.border}"),
            ("border-radius", _pixels(spec.radius)),
            ("overflow", spec.radius and "hidden"),
            ("box-sizing", spec.border and "border-box"),
            ("word-break", "break-word"),
        )
        rows = self._rows(spec.elements, width - edge, spec.padding)
        return (
            f'{_TABLE} width="{width}"{_background(spec.background)}'
            f"{_language(self.locale)}{style}>{rows}</table>"
        )

    def _rows(self, elements: Sequence[Element], width: int, padding: int) -> str:
        """The rows of a table that is `width` pixels wide with its padding."""
        margin = self._space(padding) if padding else ""
        above = "" if _bleeds(elements[0]) else margin
        below = "" if _bleeds(elements[-1]) else margin
        rows = "".join(self._row(element, width, padding) for element in elements)
        return f"{above}{rows}{below}"

    def _row(self, element: Element, width: int, padding: int) -> str:
        if isinstance(element, Spacer):
            return self._space(element.height)
        sides = 0 if _bleeds(element) else padding
        content = self._content(element, max(1, width - 2 * sides))
        side = self._side(element.align if isinstance(element, Button | Picture) else "start")
        style = self._style(("padding", f"0 {sides}px" if sides else "0"))
        return f'<tr><td align="{side}"{style}>{content}</td></tr>'

    def _content(
        self, element: Heading | Paragraph | Button | Picture | Rule | Columns, room: int
    ) -> str:
        match element:
            case Heading():
                return self._lines(element, f"h{element.level}")
            case Paragraph():
                return self._lines(element, "p")
            case Button():
                return self._button(element, room)
            case Picture():
                return self._picture(element, room)
            case Rule():
                return self._rule(element, room)
            case _:
                return self._columns(element, room)

    def _space(self, height: int) -> str:
        return f"<tr>{self._blank(height, None)}</tr>"

    def _blank(self, height: int, colour: str | None) -> str:
        """A cell of a height; Outlook gives none to a cell that is empty."""
        style = self._style(
            ("height", f"{height}px"),
            ("padding", "0"),
            ("background-color", colour),
            ("font-size", "0"),
            ("line-height", f"{height}px"),
            ("mso-line-height-rule", "exactly"),
        )
        return f'<td height="{height}"{_background(colour)}{style}>&nbsp;</td>'

    def _rule(self, rule: Rule, room: int) -> str:
        line = self._blank(rule.thickness, rule.colour)
        return f"{self._inner_table(room)}<tr>{line}</tr></table>"

    def _lines(self, element: Heading | Paragraph, tag: str) -> str:
        style = self._style(
            ("margin", "0"),
            ("padding", "0"),
            *self._type(element),
            ("text-align", self._side(element.align)),
        )
        said, language = self._said(element)
        return f"<{tag}{language}{style}>{said}</{tag}>"

    def _button(self, button: Button, room: int) -> str:
        """The padding is the link's, so that all of it can be clicked; Outlook, which gives links
        none, has it of the cell."""
        line = round(button.size * button.line_height)
        above = max(0, button.height - line) // 2
        padding = f"{above}px {0 if button.wide else button.padding}px"
        cell = self._style(
            ("padding", "0"),
            ("mso-padding-alt", padding),
            ("background-color", button.background),
            ("border-radius", _pixels(button.radius)),
        )
        link = self._style(
            ("display", "block"),
            ("padding", padding),
            ("mso-padding-alt", "0"),
            *self._type(button),
            ("text-align", "center"),
            ("text-decoration", "none"),
            ("border-radius", _pixels(button.radius)),
        )
        said, language = self._said(button)
        table = self._inner_table(room) if button.wide else f"{_TABLE}>"
        return (
            f'{table}<tr><td align="center"{_background(button.background)}{cell}>'
            f'<a href="{escape.url(self.hosted.link)}" target="_blank"{language}{link}>{said}</a>'
            "</td></tr></table>"
        )

    def _picture(self, picture: Picture, room: int) -> str:
        hosted = self.hosted
        width = min(room, hosted.width, picture.width or hosted.width)
        height = max(1, round(hosted.height * width / hosted.width))
        link = self._style(
            ("display", "block"),
            ("font-family", STACKS["arial"]),
            ("font-size", "16px"),
            ("text-decoration", "none"),
        )
        shape = (("max-width", f"{width}px"), ("border-radius", _pixels(picture.radius)))
        shared = (
            f'src="{escape.url(hosted.picture)}" alt="{escape.attribute(hosted.alt)}"'
            f' width="{width}" height="{height}"'
        )
        if self.form is Format.AMP:
            image = f'<amp-img {shared} layout="responsive"{self._style(*shape)}></amp-img>'
        else:
            style = self._style(
                ("display", "block"), ("width", "100%"), *shape, ("height", "auto"), ("border", "0")
            )
            image = f'<img {shared} border="0"{style}>'
        return f'<a href="{escape.url(hosted.link)}" target="_blank"{link}>{image}</a>'

    def _columns(self, element: Columns, room: int) -> str:
        gaps = element.gap * (len(element.columns) - 1)
        shares = sum(column.share for column in element.columns)
        cells = [
            self._column(column, max(1, (room - gaps) * column.share // shares))
            for column in element.columns
        ]
        width = f"{element.gap}px"
        style = self._style(
            ("width", width), ("min-width", width), ("padding", "0"), ("font-size", "0")
        )
        gap = f'<td width="{element.gap}"{style}>&nbsp;</td>' if element.gap else ""
        return f"{self._inner_table(room)}<tr>{gap.join(cells)}</tr></table>"

    def _column(self, column: Column, width: int) -> str:
        """A cell whose words stay whole, for on a phone it is hardly wider than they are."""
        style = self._style(
            ("width", f"{width}px"),
            ("padding", "0"),
            ("background-color", column.background),
            ("border-radius", _pixels(column.radius)),
            ("word-break", "normal"),
        )
        rows = self._rows(column.elements, width, column.padding)
        return (
            f'<td width="{width}" valign="{column.valign}"{_background(column.background)}{style}>'
            f"{self._inner_table(width)}{rows}</table></td>"
        )

    def _inner_table(self, width: int) -> str:
        return f'{_TABLE} width="{width}"{self._style(("width", "100%"))}>'

    def _said(self, element: Lettering) -> tuple[str, str]:
        """The text, and the attributes of its language if that is not the reader's."""
        language = pick({name: name for name in element.text}, self.locale)
        written = self.templates[element.text[language]].write(self.lookup, self.locale)
        is_other = language != ANY and language_of(language) != language_of(self.locale)
        return escape.text(written), _language(language) if is_other else ""

    def _side(self, align: Align) -> str:
        if align == "start":
            return "right" if is_right_to_left(self.locale) else "left"
        return "center" if align == "centre" else align

    def _type(self, element: Lettering) -> tuple[tuple[str, str | None], ...]:
        return (
            ("font-family", STACKS[element.font]),
            ("font-size", f"{element.size}px"),
            ("line-height", f"{round(element.size * element.line_height)}px"),
            ("mso-line-height-rule", "exactly"),
            ("font-weight", "bold" if element.bold else "normal"),
            ("font-style", "italic" if element.italic else None),
            ("letter-spacing", f"{element.letter_spacing:g}px" if element.letter_spacing else None),
            ("color", element.colour),
        )

    def _style(self, *declarations: tuple[str, str | int | None]) -> str:
        """The attribute, without what has no value; all values are ours or of a checked form."""
        kept = (
            f"{name}:{value}"
            for name, value in declarations
            if value and not (self.form is Format.AMP and name.startswith(_OUTLOOK))
        )
        return f' style="{";".join(kept)}"'


def _bleeds(element: Element) -> bool:
    return isinstance(element, Picture) and element.bleed


def _pixels(length: int) -> str | None:
    return f"{length}px" if length else None


def _background(colour: str | None) -> str:
    """For Outlook, which passes over some backgrounds that are styles."""
    return f' bgcolor="{colour}"' if colour else ""


def _language(locale: str) -> str:
    direction = "rtl" if is_right_to_left(locale) else "ltr"
    return f' lang="{escape.attribute(locale)}" dir="{direction}"'

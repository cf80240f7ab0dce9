"""Texts with values: `Hei {{ recipient.first_name | default('ystävä') }}!`

Jinja2 reads the text; nothing of Jinja2 is run. The parsed text is walked once and only what is
allow-listed passes: literal text, and one path with filters in each pair of braces. So a template
can do nothing but look up a value and write it.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any

import babel
import jinja2
from babel import dates, numbers
from jinja2 import nodes
from pydantic import AfterValidator, Field, ValidationInfo

from renderers.fonts import UNSEEN
from renderers.localised import PLAIN_TEXT_TOO, Locale, language_of, pick
from renderers.relative import relative

Value = Any
Lookup = Callable[[str], Value]
Filter = Callable[[Value, "Manner"], Value]

ALLOWED_VALUES = "allowed_values"
"""Where a validation's context holds the function that tells which paths a text may show."""

_ENVIRONMENT = jinja2.Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701
MOST_ITEMS = 20
"""What is written of a list: more is not read in a picture."""

NOW = "now.instant"
"""The value that tells the time to texts that speak of it."""

_DATE_STYLES = ("short", "medium", "long", "full")
_PLURALS = ("zero", "one", "two", "few", "many", "other")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""What an escape in a quoted text can name, and UTF-8 cannot write."""


class TemplateError(ValueError):
    """A text that is not allowed: what was found, and what would be right."""


class MissingValueError(LookupError):
    """A value without a default is absent."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a value is written: in the way of a language, by a filter's options, at a time."""

    locale: babel.Locale
    options: Mapping[str, Any]
    now: Callable[[], datetime.datetime | None]


@lru_cache(maxsize=256)
def parse_locale(name: str) -> babel.Locale:
    """The locale of a BCP 47 name such as `fi` or `et-EE`; its language's where the region is
    unknown (`ru-EE`), English for an unknown language."""
    for choice in (name, language_of(name)):
        with suppress(ValueError, babel.UnknownLocaleError):
            return babel.Locale.parse(choice, sep="-")
    return babel.Locale("en")


def _write(value: Value, locale: babel.Locale) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return write_number(value, locale)
        case (Decimal() as amount, str(currency)):
            return _currency(amount, currency, locale)
        case datetime.date():
            return dates.format_date(value, "medium", locale=locale)
        case tuple() | list():
            return ", ".join(_write(item, locale) for item in value[:MOST_ITEMS])
        case _:
            return str(value)


def write_number(value: float | Decimal, locale: babel.Locale) -> str:
    try:
        return numbers.format_decimal(value, locale=locale)
    except InvalidOperation:  # more digits than Babel can round
        return str(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _default(value: Value, manner: Manner) -> Value:
    is_blank = isinstance(value, str) and not value.translate(UNSEEN).strip()
    return manner.options["0"] if value is None or is_blank else value


def _money(value: Value, manner: Manner) -> Value:
    """An amount in its currency; `short` leaves out the cents of a whole amount."""
    match value:
        case (Decimal() as amount, str(currency)) if manner.options:
            return write_money(amount, currency, manner.locale)
        case _:
            return value


def write_money(amount: Decimal, currency: str, locale: babel.Locale) -> str:
    """An amount without the cents of a whole one."""
    if amount != int(amount):
        return _currency(amount, currency, locale)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return _currency(amount, currency, locale, format=pattern, currency_digits=False)


def _amount(value: Value, _: Manner) -> Value:
    """An amount as machines read it, without its currency: `1290.00`."""
    match value:
        case (Decimal() as amount, str(currency)):
            return f"{amount:.{numbers.get_currency_precision(currency)}f}"
        case _:
            return value


def _currency(amount: Decimal, currency: str, locale: babel.Locale, **options: Any) -> str:
    try:
        return numbers.format_currency(amount, currency, locale=locale, **options)
    except InvalidOperation:  # more digits than Babel can round
        return f"{amount} {currency}"


def _date(value: Value, manner: Manner) -> Value:
    if isinstance(value, datetime.date):
        return dates.format_date(value, manner.options.get("0", "medium"), locale=manner.locale)
    return value


def _time(value: Value, manner: Manner) -> Value:
    """The time of day of an instant, as the clock shows it there."""
    if isinstance(value, datetime.datetime):
        style = manner.options.get("0", "short")
        return dates.format_time(value.time(), style, locale=manner.locale)
    return value


def _relative(value: Value, manner: Manner) -> Value:
    """How far off an instant or a date is when the text is written."""
    now = manner.now()
    if now is None or not isinstance(value, datetime.date):
        return value
    return relative(value, now, manner.locale)


def _plural(value: Value, manner: Manner) -> Value:
    """The form of a word that goes with a number; `#` in it stands for the number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    options, locale = manner.options, manner.locale
    form = options.get(locale.plural_form(value), options["other"])
    return form.replace("#", _write(value, locale))


@dataclass(frozen=True, slots=True)
class _FilterKind:
    run: Filter
    check: Callable[[Mapping[str, Any]], bool]
    usage: str


_FILTERS: Mapping[str, _FilterKind] = {
    "default": _FilterKind(
        _default,
        lambda options: set(options) == {"0"} and _is_text(options["0"]),
        "default('friend')",
    ),
    "money": _FilterKind(
        _money, lambda options: options in ({}, {"0": "short"}), "money or money('short')"
    ),
    "amount": _FilterKind(_amount, lambda options: not options, "amount"),
    "date": _FilterKind(
        _date,
        lambda options: not options or (set(options) == {"0"} and options["0"] in _DATE_STYLES),
        "date or date('long'), with " + ", ".join(_DATE_STYLES),
    ),
    "time": _FilterKind(
        _time,
        lambda options: options in ({}, {"0": "medium"}),
        "time or time('medium'), which has seconds",
    ),
    "relative": _FilterKind(_relative, lambda options: not options, "relative"),
    "plural": _FilterKind(
        _plural,
        lambda options: (
            "other" in options
            and options.keys() <= set(_PLURALS)
            and all(map(_is_text, options.values()))
        ),
        "plural(one='# seat', other='# seats'), with " + ", ".join(_PLURALS),
    ),
}


@dataclass(frozen=True, slots=True)
class _Insertion:
    path: str
    filters: tuple[tuple[Filter, Mapping[str, Any]], ...]
    optional: bool

    def value(self, lookup: Lookup, locale: str) -> Value:
        """Raises MissingValueError if it is absent and has no default."""
        value = lookup(self.path)
        if value is None and not self.optional:
            raise MissingValueError(self.path)
        if isinstance(value, Mapping):
            value = pick(value, locale)
        parsed = parse_locale(locale)
        for run, options in self.filters:
            value = run(value, Manner(parsed, options, lambda: lookup(NOW)))
        return value

    def write(self, lookup: Lookup, locale: str, draws: Callable[[str], bool]) -> str:
        """What cannot be drawn is as good as absent."""
        spoken = parse_locale(locale)
        written = _write(self.value(lookup, locale), spoken)
        if draws(written):
            return written
        return _write(self.value(lambda _: None, locale), spoken)

    @property
    def paths(self) -> frozenset[str]:
        told = any(run is _relative for run, _ in self.filters)
        return frozenset((self.path, NOW) if told else (self.path,))


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: `paths` are the values that it reads, `required` those without a default."""

    source: str
    parts: tuple[str | _Insertion, ...]

    @property
    def paths(self) -> frozenset[str]:
        insertions = (part for part in self.parts if isinstance(part, _Insertion))
        return frozenset(path for insertion in insertions for path in insertion.paths)

    @property
    def words(self) -> str:
        """All that it can write besides values: its letters, defaults and forms of words."""
        written = [part for part in self.parts if isinstance(part, str)]
        for part in self.parts:
            if isinstance(part, _Insertion):
                written += [str(text) for _, options in part.filters for text in options.values()]
        return "".join(written)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(
            part.path for part in self.parts if isinstance(part, _Insertion) and not part.optional
        )

    def write(self, lookup: Lookup, locale: str) -> str:
        """The text with its values in the way of `locale` (`fi`, `et-EE`).

        Raises MissingValueError if a required value is None.
        """
        return "".join(text for text, _ in self.write_parts(lookup, locale))

    def write_parts(
        self, lookup: Lookup, locale: str, draws: Callable[[str], bool] = lambda _: True
    ) -> Iterator[tuple[str, bool]]:
        """The same in parts, with whether each is a value; one that cannot be drawn, of which
        `draws` is asked, is as good as absent."""
        for part in self.parts:
            if isinstance(part, str):
                yield part, False
            else:
                yield part.write(lookup, locale, draws), True

    def value(self, lookup: Lookup, locale: str) -> Value:
        """The value of a text that is one value and nothing else, as it is."""
        [insertion] = self.parts
        return insertion if isinstance(insertion, str) else insertion.value(lookup, locale)


@lru_cache(maxsize=4096)
def parse(source: str, allowed: Callable[[str], bool]) -> Template:
    """The template that `source` holds; `allowed` tells which paths it may read.

    Raises TemplateError for anything but text, allowed paths and known filters.
    """
    try:
        tree = _ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.message} in {source!r}") from error
    except RecursionError as error:
        raise TemplateError("too deeply nested") from error
    except ValueError as error:
        raise TemplateError(f"a number is too long in {source!r}") from error
    parts: list[str | _Insertion] = []
    for statement in tree.body:
        if not isinstance(statement, nodes.Output):
            raise TemplateError(
                f"only {{{{ values }}}} are allowed, not {{% {type(statement).__name__.lower()} %}}"
            )
        for node in statement.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data)
            else:
                parts.append(_insertion(node, allowed))
    return Template(source, tuple(parts))


def _insertion(node: nodes.Expr | None, allowed: Callable[[str], bool]) -> _Insertion:
    filters: list[tuple[Filter, Mapping[str, Any]]] = []
    optional = False
    while isinstance(node, nodes.Filter):
        kind = _FILTERS.get(node.name)
        if kind is None:
            raise TemplateError(f"the filters are {', '.join(_FILTERS)}, not {node.name!r}")
        options = _options(node)
        if options is None or not kind.check(options):
            raise TemplateError(f"{node.name} is written {kind.usage}")
        filters.append((kind.run, options))
        optional = optional or kind.run is _default
        node = node.node
    if isinstance(node, nodes.Sub):
        raise TemplateError("a name with a dash is written product['vip-trip'].stock")
    path = _path(node)
    if path is None or not allowed(path):
        shown = path or type(node).__name__.lower()
        raise TemplateError(f"{shown!r} is no value that a text can show")
    return _Insertion(path, tuple(reversed(filters)), optional)


def _options(node: nodes.Filter) -> Mapping[str, Any] | None:
    """Positional options by their number, named ones by name; None if one is not a constant."""
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return None
    given = {str(position): argument for position, argument in enumerate(node.args)}
    given |= {str(pair.key): pair.value for pair in node.kwargs}
    constants = {
        name: argument.value
        for name, argument in given.items()
        if isinstance(argument, nodes.Const)
    }
    return constants if constants.keys() == given.keys() else None


def _path(node: nodes.Expr | None) -> str | None:
    names: list[str] = []
    while True:
        match node:
            case nodes.Name(name=name):
                return ".".join((name, *reversed(names)))
            case nodes.Getattr(node=inner, attr=name):
                names.append(name)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=name)) if _is_text(name):
                names.append(name)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=place)) if type(place) is int:
                names.append(str(place))
            case _:
                return None
        node = inner


def _check(source: str, info: ValidationInfo) -> str:
    """Without a context the text was checked before: it comes from the store."""
    allowed = (info.context or {}).get(ALLOWED_VALUES)
    if allowed is not None:
        parse(source, allowed)
    return source


def _check_value(source: str, info: ValidationInfo) -> str:
    _check(source, info)
    allowed = (info.context or {}).get(ALLOWED_VALUES)
    if allowed is not None and not (is_value(source) and _is_one_value(parse(source, allowed))):
        raise TemplateError(f"one value, such as {{{{ offer.price }}}}, not {source!r}")
    return source


def _is_one_value(template: Template) -> bool:
    return len(template.parts) == 1 and not isinstance(template.parts[0], str)


def is_value(source: str) -> bool:
    """Whether it is written as a value, where plain text may stand too."""
    return source.startswith("{{")


TemplatedValue = Annotated[
    str,
    Field(max_length=300, examples=["{{ offer.stock }}"]),
    AfterValidator(_check_value),
]
"""One value, as it is."""

TemplatedNumber = Annotated[float, Field(allow_inf_nan=False)] | TemplatedValue
"""A number, or a value that is one."""

Templated = Annotated[
    dict[Locale, Annotated[str, Field(max_length=2000), AfterValidator(_check)]],
    Field(min_length=1, max_length=40, examples=["Hello {{ recipient.first_name }}"]),
    PLAIN_TEXT_TOO,
]
"""A text, or one for each language, that may show values."""

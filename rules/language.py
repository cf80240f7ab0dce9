"""What a sentence is made of, in one language: phrases from the catalogues, names of facts, and
values in the way of the place.

The catalogues are `rules/messages/*.po` (gettext); English stands in the source. Names of people
and products are put in as they are and never inflected.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from rules.facts import FactKey, Money, Value
from rules.moment import parse_duration, wall_clock
from rules.tree import Amount

DAY_HOURS = 24
LANGUAGES = ("en", "et", "fi", "ru")

_CATALOGUES = Path(__file__).parent / "messages"
_QUOTES = {"en": "“{}”", "et": "„{}“", "fi": "”{}”", "ru": "«{}»"}

OFFERED = "the offered product"
"""Takes the place of a product in the phrases of the catalogues, for in other languages than
English it is not put in but inflected."""

_LABELS = {
    "recipient.id": "the recipient's id",
    "recipient.first_name": "the first name",
    "recipient.last_name": "the last name",
    "recipient.locale": "the recipient's language",
    "recipient.time_zone": "the recipient's time zone",
    "recipient.consents": "the list of consents",
    "recipient.purchases": "the list of purchases",
    "recipient.cart": "the cart",
    "recipient.watched": "the list of watched products",
    "message.class": "the class of the message",
    "message.locale": "the language of the message",
    "message.order": "the order of the message",
    "message.sent_at": "the time of sending",
    "message.deadline": "the deadline",
    "order.status": "the state of the order",
    "order.carrier": "the carrier",
    "order.tracking": "the tracking code",
    "order.expected": "the expected day",
    "order.total": "the total of the order",
    "cart.count": "the number of pieces in the cart",
    "cart.sold_out": "the number of sold-out products in the cart",
    "cart.total": "the total of the cart",
    "open.client": "the kind of opener",
    "now.instant": "the time now",
    "now.date": "today's date",
    "now.weekday": "the day of the week",
    "now.hour": "the time of day",
}
_PRODUCT_LABELS = {
    "stock": "the stock of {product}",
    "price": "the price of {product}",
    "title": "the title of {product}",
    "category": "the category of {product}",
    "picture": "the picture of {product}",
    "link": "the link of {product}",
    "bought": "whether {product} was bought",
    "repeated": "whether {product} is elsewhere in this message",
}
_LINE_LABELS = {
    "title": "the title of product {position} in the cart",
    "price": "the price of product {position} in the cart",
    "stock": "the stock of product {position} in the cart",
    "category": "the category of product {position} in the cart",
    "picture": "the picture of product {position} in the cart",
    "quantity": "the quantity of product {position} in the cart",
    "instead.title": "the title of what could replace product {position} in the cart",
    "instead.price": "the price of what could replace product {position} in the cart",
    "instead.stock": "the stock of what could replace product {position} in the cart",
    "instead.category": "the category of what could replace product {position} in the cart",
    "instead.picture": "the picture of what could replace product {position} in the cart",
}
_ADDED_LABELS = {
    "recipient": "{name} of the recipient",
    "message": "{name} of the message",
    "order": "{name} of the order",
    "source": "{name} of the data source {source}",
}
_DURATIONS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Names:
    """How people and things are called: the recipient, if that is known, and products by id."""

    person: str | None = None
    product: Callable[[str], str | None] = lambda _: None


class Language:
    def __init__(self, name: str, names: Names, zone: tzinfo | None = None) -> None:
        """English in place of a language that there is no catalogue of. `zone` is the one in which
        times are told."""
        spoken = name.partition("-")[0]
        self._name = spoken if spoken in LANGUAGES else "en"
        self._locale = Locale.parse(self._name)
        self._names = names
        self._zone = zone

    def say(self, phrase: str, **values: str) -> str:
        return _translations(self._name).gettext(phrase).format(**values)

    def say_of(self, phrase: str, product: str, **values: str) -> str:
        """A phrase about a product, or, without an id, about the offered one."""
        if product:
            return self.say(phrase, product=self.product(product), **values)
        return self.say(phrase.replace("{product}", OFFERED), **values)

    def count(self, one: str, many: str, number: int, **values: str) -> str:
        """A phrase in the form that goes with its number."""
        form = _translations(self._name).ngettext(one, many, number)
        return form.format(number=self.number(number), **values)

    def listing(self, parts: Iterable[str], *, either: bool = False) -> str:
        return format_list(list(parts), style="or" if either else "standard", locale=self._locale)

    @property
    def person(self) -> str:
        return self._names.person or self.say("the recipient")

    def product(self, name: str) -> str:
        return self.quoted(self._names.product(name) or name)

    def label(self, key: FactKey) -> str:
        """What a fact is called."""
        if key.source in ("product", "offer"):
            if key.registered is not None:
                return self.say_of(_PRODUCT_LABELS[key.field], key.product)
            return self.say_of("{name} of {product}", key.product, name=self._added(key))
        if key.source == "shown":
            return self.say("how often {variant} was shown", variant=self.quoted(key.field))
        if key.source == "cart" and key.field[0].isdigit():
            position, _, field = key.field.partition(".")
            return self.say(_LINE_LABELS[field], position=position)
        if key.registered is not None:
            return self.say(_LABELS[str(key)])
        group = key.field.partition(".")[0]
        return self.say(_ADDED_LABELS[key.source], name=self._added(key), source=self.quoted(group))

    def value(self, key: FactKey, value: Value) -> str:
        """A value that a fact has, or is compared with."""
        match value:
            case bool():
                return self.say("yes") if value else self.say("no")
            case int() | float():
                return self._clock(value) if str(key) == "now.hour" else self.number(value)
            case str():
                return self._text(key, value)
            case Amount():
                return self.value(key, value.fact)
            case Money():
                exact = value.amount != round(value.amount, 2)
                return format_currency(
                    value.amount,
                    value.currency,
                    locale=self._locale,
                    decimal_quantization=not exact,
                )
            case datetime():
                there = wall_clock(value, self._zone) if value.tzinfo else None
                shown = value if there is None else there
                clock = format_time(shown.time(), "short", locale=self._locale)
                return f"{format_date(shown, 'medium', locale=self._locale)}, {clock}"
            case date():
                return format_date(value, "medium", locale=self._locale)
            case tuple() | frozenset() | list():
                texts = value if isinstance(value, tuple | list) else sorted(value)
                return self.listing(self.value(key, one) for one in texts) or self.say("nothing")
            case _:
                return self.quoted(str(value))

    def number(self, value: float) -> str:
        try:
            return format_decimal(value, locale=self._locale, decimal_quantization=False)
        except InvalidOperation:  # more digits than Babel can round
            return str(value)

    def percent(self, value: float) -> str:
        part = Decimal(str(value)) / 100
        return format_percent(part, locale=self._locale, decimal_quantization=False)

    def duration(self, text: str) -> str:
        length = parse_duration(text)
        years, months = divmod(length.months, 12)
        minutes, seconds = divmod(length.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        counts = zip(_DURATIONS, (years, months, length.days, hours, minutes, seconds), strict=True)
        parts = [
            self.count(f"{{number}} {unit}", f"{{number}} {unit}s", count)
            for unit, count in counts
            if count
        ]
        return self.listing(parts or [self.count("{number} second", "{number} seconds", 0)])

    def _added(self, key: FactKey) -> str:
        return self.quoted(key.field.partition(".")[2])

    def _text(self, key: FactKey, value: str) -> str:
        name, known = str(key), key.registered
        if name in _PRODUCT_LISTS:
            return self.product(value)
        if known is None or value not in known.choices:
            return self.quoted(value)
        if name == "now.weekday":
            names = get_day_names("wide", context="stand-alone", locale=self._locale)
            return str(names[known.choices.index(value)])
        return self.say(value)

    def _clock(self, hour: float) -> str:
        if hour == DAY_HOURS:
            return "24:00"
        minutes = round(hour * 60) % (24 * 60)
        return format_time(time(minutes // 60, minutes % 60), "short", locale=self._locale)

    def quoted(self, text: str) -> str:
        return _QUOTES[self._name].format(text)


_PRODUCT_LISTS = frozenset(("recipient.purchases", "recipient.cart", "recipient.watched"))


@lru_cache(maxsize=len(LANGUAGES))
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    binary = BytesIO()
    with (_CATALOGUES / f"{language}.po").open("rb") as file:
        write_mo(binary, read_po(file, locale=language, abort_invalid=True))
    binary.seek(0)
    return GNUTranslations(binary)

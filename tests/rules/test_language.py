"""Phrases, names of facts and values, in each language."""

import ast
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import rules
from rules.facts import FIELDS, FactKey, Money, parse_key
from rules.language import LANGUAGES, OFFERED, Language, Names
from rules.tree import Amount

TITLES = {"vip-trip": "VIP"}
NAMES = Names("Märt", TITLES.get)
HERE = Path(rules.__file__).parent
TRANSLATED = [name for name in LANGUAGES if name != "en"]


def spoken(name: str, **more: Any) -> Language:
    return Language(name, NAMES, **more)


# The catalogues


def messages(language: str) -> list[Message]:
    with (HERE / "messages" / f"{language}.po").open("rb") as file:
        return [one for one in read_po(file, locale=language, abort_invalid=True) if one.id]


def forms(texts: Any) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_phrase_is_translated_with_all_that_is_put_into_it(language: str) -> None:
    for message in messages(language):
        wanted = placeholders(forms(message.id)[-1])
        translated = forms(message.string)
        assert all(translated), message.id
        assert all(placeholders(one) == wanted for one in translated), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogues_hold_the_same_phrases_each_once(language: str) -> None:
    ids = [message.id for message in messages(language)]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {message.id for message in messages(TRANSLATED[0])}


@pytest.mark.parametrize(("language", "plurals"), [("et", 2), ("fi", 2), ("ru", 3)])
def test_what_is_counted_has_a_form_for_each_number(language: str, plurals: int) -> None:
    counted = [message for message in messages(language) if isinstance(message.id, tuple)]
    assert counted
    assert {len(forms(message.string)) for message in counted} == {plurals}


def texts_in(module: str) -> Iterator[str]:
    """The texts that stand in a module's source, besides its docstrings."""
    tree = ast.parse((HERE / module).read_text("utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node.value  # type: ignore[attr-defined]


def phrases() -> set[str]:
    return {text for message in messages("fi") for text in forms(message.id)}


def offered(written: set[str]) -> set[str]:
    """Phrases about one product are said of the offered one too."""
    return {text.replace("{product}", OFFERED) for text in written if "{product}" in text}


def test_every_phrase_of_the_source_is_in_the_catalogues() -> None:
    written = {
        text
        for module in ("sentence.py", "language.py")
        for text in texts_in(module)
        if " " in text.strip() and any(letter.islower() for letter in text)
    }
    assert len(written) > 80
    assert (written | offered(written)) - phrases() - {OFFERED} == set()


def test_the_catalogues_hold_no_phrase_that_is_not_said() -> None:
    written = {text for module in ("sentence.py", "language.py") for text in texts_in(module)}
    written |= {f"{{number}} {unit}{s}" for unit in written for s in ("", "s")}
    choices = {
        choice
        for fields in FIELDS.values()
        for known in fields.values()
        for choice in known.choices
    }
    assert phrases() - written - offered(written) - choices == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_values_that_a_fact_is_one_of_have_names(language: str) -> None:
    for source, fields in FIELDS.items():
        for field, known in fields.items():
            for choice in known.choices:
                said = spoken(language).value(FactKey(source, field), choice)
                assert said
                assert said != choice


# Facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_a_name_of_its_own(language: str) -> None:
    names = [
        spoken(language).label(FactKey(source, field, "vip-trip" if source == "product" else ""))
        for source, fields in FIELDS.items()
        for field in fields
    ]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("order.status", "the state of the order"),
        ("product.vip-trip.stock", "the stock of “VIP”"),
        ("product.rome.stock", "the stock of “rome”"),
        ("offer.price", "the price of the offered product"),
        ("offer.attributes.size", "“size” of the offered product"),
        ("product.vip-trip.attributes.size", "“size” of “VIP”"),
        ("recipient.attributes.plan", "“plan” of the recipient"),
        ("message.parameters.campaign", "“campaign” of the message"),
        ("order.attributes.gift", "“gift” of the order"),
        ("source.weather.rain", "“rain” of the data source “weather”"),
        ("shown.vip", "how often “vip” was shown"),
        ("cart.total", "the total of the cart"),
        ("cart.2.price", "the price of product 2 in the cart"),
        ("cart.2.instead.price", "the price of what could replace product 2 in the cart"),
    ],
)
def test_a_fact_is_named(name: str, said: str) -> None:
    assert spoken("en").label(parse_key(name)) == said


# Values

PRICE = parse_key("offer.price")
PLAN = parse_key("recipient.attributes.plan")
SENT = parse_key("message.sent_at")
EVENING = datetime(2026, 12, 24, 18, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("language", "key", "value", "said"),
    [
        ("en", PLAN, "gold", "“gold”"),
        ("et", PLAN, "gold", "„gold“"),
        ("fi", PLAN, "gold", "”gold”"),
        ("ru", PLAN, "gold", "«gold»"),
        ("en", PLAN, True, "yes"),
        ("fi", PLAN, False, "ei"),
        ("en", PLAN, 1234.5, "1,234.5"),
        ("ru", PLAN, 1234.5, "1\N{NO-BREAK SPACE}234,5"),
        ("en", PRICE, Money(Decimal("1234.5"), "EUR"), "€1,234.50"),
        ("et", PRICE, Money(Decimal("34.5"), "EUR"), "34,50\N{NO-BREAK SPACE}€"),
        ("fi", PRICE, Amount(amount=Decimal(5), currency="SEK"), "5,00\N{NO-BREAK SPACE}SEK"),
        ("fi", parse_key("order.expected"), date(2026, 12, 24), "24.12.2026"),
        ("et", SENT, EVENING, "24. dets 2026, 18:00"),
        ("et", SENT, datetime(2026, 12, 24, 18, tzinfo=UTC), "24. dets 2026, 18:00"),
        ("et", SENT, datetime(2026, 12, 24, 18), "24. dets 2026, 18:00"),  # noqa: DTZ001
        ("fi", parse_key("now.hour"), 8.5, "8.30"),
        ("et", parse_key("now.hour"), 24, "24:00"),
        ("fi", parse_key("now.weekday"), "monday", "maanantai"),
        ("ru", parse_key("now.weekday"), "sunday", "воскресенье"),
        ("en", parse_key("order.status"), "lost", "“lost”"),
        ("en", parse_key("recipient.purchases"), "vip-trip", "“VIP”"),
        ("en", parse_key("recipient.purchases"), frozenset({"vip-trip", "a"}), "“a” and “VIP”"),
        ("en", parse_key("recipient.cart"), ("b", "a"), "“b” and “a”"),
        ("en", parse_key("recipient.cart"), (), "nothing"),
        ("en", PLAN, {"en": "x"}, "“{'en': 'x'}”"),
    ],
)
def test_a_value_is_told_in_the_way_of_the_place(
    language: str, key: FactKey, value: Any, said: str
) -> None:
    assert spoken(language).value(key, value) == said


def test_times_are_told_in_the_readers_zone() -> None:
    there = spoken("et", zone=UTC)
    assert there.value(SENT, EVENING) == "24. dets 2026, 16:00"
    without = EVENING.replace(tzinfo=None)
    assert there.value(SENT, without) == "24. dets 2026, 18:00"


@pytest.mark.parametrize(
    ("language", "percent", "said"),
    [
        ("en", 12.5, "12.5%"),
        ("en", 100.0, "100%"),
        ("et", 33.33, "33,33%"),
        ("fi", 0.01, "0,01\N{NO-BREAK SPACE}%"),
        ("ru", 0, "0\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_share_is_told_in_percent(language: str, percent: float, said: str) -> None:
    assert spoken(language).percent(percent) == said


@pytest.mark.parametrize(
    ("language", "duration", "said"),
    [
        ("en", "P3D", "3 days"),
        ("en", "P1D", "1 day"),
        ("en", "P1Y2M", "1 year and 2 months"),
        ("en", "P2W", "14 days"),
        ("en", "PT36H", "36 hours"),
        ("en", "P1DT1H1M1S", "1 day, 1 hour, 1 minute, and 1 second"),
        ("en", "PT0S", "0 seconds"),
        ("et", "P2D", "2 päeva"),
        ("fi", "P2D", "2 päivää"),
        ("ru", "P1D", "1 день"),
        ("ru", "P2D", "2 дня"),
        ("ru", "P5D", "5 дней"),
    ],
)
def test_a_duration_is_told_in_its_units(language: str, duration: str, said: str) -> None:
    assert spoken(language).duration(duration) == said


@pytest.mark.parametrize(
    ("language", "said"), [("en", "a, b, or c"), ("fi", "a, b tai c"), ("ru", "a, b или c")]
)
def test_a_list_ends_in_or_where_one_is_enough(language: str, said: str) -> None:
    assert spoken(language).listing(["a", "b", "c"], either=True) == said


# Languages and names


@pytest.mark.parametrize(
    ("name", "said"),
    [("et", "saaja"), ("et-EE", "saaja"), ("en-GB", "the recipient"), ("sv", "the recipient")],
)
def test_a_language_without_a_catalogue_is_told_in_english(name: str, said: str) -> None:
    assert Language(name, Names()).person == said


def test_names_are_put_in_as_they_are() -> None:
    language = Language("fi", Names("{M} %s", lambda _: "{x}"))
    assert (
        language.say("{person} has bought {product}", person="{M}", product="{x}").count("{") == 2
    )
    assert (language.person, language.product("p")) == ("{M} %s", "”{x}”")

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import nodes
from pydantic import TypeAdapter, ValidationError

from renderers.template import (
    ALLOWED_VALUES,
    NOW,
    MissingValueError,
    Template,
    TemplatedNumber,
    TemplatedValue,
    TemplateError,
    is_value,
    parse,
    parse_locale,
)
from tests.renderers.support import everything, law, nothing, write

PATHS = ("a", "a.b", "recipient.first_name", "product.vip.price", "cart.1.title")
FILTERS = (
    "default('x')",
    "default('')",
    "money",
    "money('short')",
    "amount",
    "date",
    "date('short')",
    "date('full')",
    "time",
    "relative",
    "plural(other='#')",
    "plural(one='# seat', few='# seats', other='# seats')",
)
TOKENS = (
    *("{{ ", " }}", "{{- ", " -}}", "{% ", " %}", "{# ", " #}", "a", "a.b", ".b", "['b']", "[a]"),
    *(
        "[0]",
        "[0:1]",
        " | ",
        "|",
        "default",
        "default('x')",
        "money",
        "date('short')",
        "relative",
        "upper",
    ),
    *("plural(other='#')", "()", "(", ")", ",", " + ", " - ", " ~ ", " is defined", " == ", " if "),
    *(" else ", " not ", " in ", " for ", " set ", "raw", "endraw", "include", "import", "'x'"),
    *("'\\ud800'", "\\N{x}", "1", "9" * 4301, "1e9", "true", "none", "self", "__class__", "\n"),
    *(".__class__", "['__class__']", "*", "**", "%", "{", "}", '"', "'", "\\", "ä", "\x00", "."),
)
HARMLESS = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Filter, nodes.Keyword),
    *(nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const),
)
HOSTILE = (
    *("A()", "A.b()", "A(B)", "A + B", "A - 1", "-A", "A * 2", "A ~ B", "A % B", "A ** 2"),
    *("A is defined", "A is B", "A == B", "A < 1", "A in B", "not A", "A and B", "A or B"),
    *(
        "A[B]",
        "A[0.5]",
        "A[true]",
        "A[-1]",
        "A[0:1]",
        "A['b', 'c']",
        "A['b' ~ B]",
        "A['\\ud800']",
        "A[none]",
    ),
    *("A if B else A", "A if B", "[A]", "(A, B)", "A,", "{'a': A}", "'text'", "1", "true", "none"),
    *("A | upper", "A | attr('b')", "A | map(B)", "A | safe", "A | default(B)", "A | default"),
    *("A | default('x', true)", "A | default(1)", "A | default(*B)", "A | default(**B)"),
    *("A | default('\\ud83d')", "A | default(default_value='x')", "A | money('long')"),
    *("A | money(short='short')", "A | date('tiny')", "A | date(['short'])", "A | date(B)"),
    *("A | plural", "A | plural('#')", "A | plural(one='#')", "A | plural(other=1)"),
    *("A | plural(other=B)", "A | plural(other='#', three='#')", "A | plural(other='\\udc00')"),
    *(
        "'text' | default('x')",
        "A | default('x') | upper",
        "A() | default('x')",
        "'a'.b",
        "1 | date",
    ),
)
STATEMENTS = (
    *("if a %}{% endif", "for a in b %}{% endfor", "set a = 1", "set a %}{% endset"),
    *("block a %}{% endblock", "extends 'a'", "include 'a'", "import 'a' as b"),
    *("macro a() %}{% endmacro", "call a() %}{% endcall", "filter upper %}{% endfilter"),
    *("filter default('x') %}{% endfilter", "with %}{% endwith", "from 'a' import b", "print a()"),
    *("autoescape true %}{% endautoescape", "do a()", "debug", "unknown", ""),
)

paths = st.sampled_from(PATHS)
chains = st.lists(st.sampled_from(FILTERS), max_size=4)


def parts(template: Template) -> list[Any]:
    return [part for part in template.parts if not isinstance(part, str)]


def check_harmless(source: str, allowed: frozenset[str]) -> None:
    """If `source` passes, an independent reading finds only what is allowed in it."""
    asked: list[str] = []

    def is_allowed(path: str) -> bool:
        asked.append(path)
        return path in allowed

    try:
        template = parse(source, is_allowed)
    except TemplateError:
        return
    tree = jinja2.Environment(autoescape=False).parse(source)
    for node in tree.find_all(nodes.Node):
        assert isinstance(node, HARMLESS)
        if isinstance(node, nodes.Getitem):
            assert isinstance(node.arg, nodes.Const)
            assert type(node.arg.value) in (str, int)
        if isinstance(node, nodes.Filter):
            assert node.name in {"default", "money", "amount", "date", "plural"}
    assert template.paths == set(asked) <= allowed
    shown = {path: f"<{path}>" for path in allowed}
    assert all(shown[path] in template.write(shown.get, "en") for path in template.paths)
    if not template.required:
        text = template.write(nothing, "en")
        assert text.encode().decode() == text


@law
@given(st.text() | st.text("{}%#| .'()[]ab\\\n"))
@example("{{ " + "9" * 4301 + " }}")
@example("{{ " + "(" * 5000 + "a" + ")" * 5000 + " }}")
@example("{{ a" + ".b" * 5000 + " }}")
@example("{{ a" + "['b']" * 5000 + " }}")
@example("{{ '\\N{no such name}' }}")
def test_no_text_raises_anything_but_a_template_error(source: str) -> None:
    check_harmless(source, frozenset())


@settings(law, max_examples=500)
@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join))
def test_nothing_passes_in_a_jumble_of_syntax(source: str) -> None:
    check_harmless(source, frozenset(PATHS))


@settings(law, max_examples=500)
@given(st.lists(st.sampled_from(TOKENS), max_size=6).map("".join))
def test_nothing_passes_in_braces(inside: str) -> None:
    check_harmless("{{ " + inside + " }}", frozenset(PATHS))


@law
@given(paths, chains)
def test_allowed_paths_and_known_filters_pass(path: str, chain: list[str]) -> None:
    template = parse("<{{ " + " | ".join((path, *chain)) + " }}>", everything)
    assert template.paths - {NOW} == {path}
    assert template.required == (set() if any("default" in name for name in chain) else {path})
    assert len(parts(template)[0].filters) == len(chain)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("84.5", "EUR", "84.50"),
        ("1290", "EUR", "1290.00"),
        ("1290", "JPY", "1290"),
        ("0.005", "KWD", "0.005"),
    ],
)
@pytest.mark.parametrize("locale", ["fi", "ru", "ar"])
def test_an_amount_is_written_for_machines(
    amount: str, currency: str, written: str, locale: str
) -> None:
    assert write("{{ a | amount }}", (Decimal(amount), currency), locale) == written


@pytest.mark.parametrize("value", ["soon", 5, datetime.date(2026, 12, 24)])
def test_what_is_no_amount_is_written_as_it_is(value: Any) -> None:
    assert write("{{ a | amount }}", value, "en") == write("{{ a }}", value, "en")


def test_a_place_in_a_list_is_written_in_two_ways() -> None:
    assert parse("{{ cart[2].price }}", everything).paths == {"cart.2.price"}


@settings(law, max_examples=500)
@given(st.sampled_from(HOSTILE), paths, paths, chains)
def test_no_other_expression_passes(
    hostile: str, first: str, second: str, chain: list[str]
) -> None:
    names = {"A": first, "B": second}
    expression = re.sub(r"\b[AB]\b", lambda match: names[match[0]], hostile)
    for source in (expression, f"({expression})", " | ".join((f"({expression})", *chain))):
        with pytest.raises(TemplateError):
            parse("Hei {{ " + source + " }}!", everything)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_passes(statement: str) -> None:
    with pytest.raises(TemplateError):
        parse("{% " + statement + " %}", everything)


@law
@given(st.text().filter(lambda text: not re.search("[{}]", text)))
@example("ends with a newline\n")
@example("\r\n\r")
@example("#} %} # % | \\ '")
def test_text_without_braces_writes_itself(text: str) -> None:
    template = parse(text, everything)
    assert not template.paths | template.required
    assert template.write(nothing, "fi") == re.sub("\r\n?", "\n", text)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a{# {{ a }} {% if %} #}b", "ab"),
        ("{% raw %}{{ a }}{% endraw %}", "{{ a }}"),
        ("a {{- a -}} b", "aXb"),
        ("{a} 100 % }}", "{a} 100 % }}"),
        ("{% print a %}{% print a, a %}", "XXX"),
        ("{{ a | default('}}') }}", "X"),
        ("{{(a)}}{{ a\n}}", "XX"),
    ],
)
def test_comments_raw_text_and_spaces_are_jinjas(source: str, expected: str) -> None:
    assert write(source, "X") == expected


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("{{ a }}", "a"),
        ("{{ a.b.c }}", "a.b.c"),
        ("{{ a['b'].c }}", "a.b.c"),
        ("{{ product['vip-trip.2']['price'] }}", "product.vip-trip.2.price"),
        ("{{ a.__class__ }}", "a.__class__"),
        ("{{ a['__class__']['__mro__'] }}", "a.__class__.__mro__"),
        ("{{ self }}", "self"),
    ],
)
def test_a_path_is_only_a_name_to_look_up(source: str, path: str) -> None:
    assert parse(source, {path}.__contains__).write(lambda asked: f"<{asked}>", "en") == f"<{path}>"
    with pytest.raises(TemplateError, match=re.escape(repr(path))):
        parse(source, lambda asked: asked != path)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{{ a | upper }}",
            "the filters are default, money, amount, date, time, relative, plural, not 'upper'",
        ),
        ("{{ a | default(1) }}", r"default is written default('friend')"),
        ("{{ a | date('x') }}", "date is written date or date('long'), with short"),
        ("{{ a() }}", "'call' is no value that a text can show"),
        ("{% if a %}{% endif %}", "only {{ values }} are allowed, not {% if %}"),
        ("Hei {{ a", "in 'Hei {{ a'"),
        ("{{ " + "9" * 4301 + " }}", "a number is too long"),
        ("{{ " + "-" * 5000 + "1 }}", "too deeply nested"),
    ],
)
def test_an_error_says_what_would_be_right(source: str, said: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(said)):
        parse(source, everything)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("Hei {{ a | default('ystävä') }}!", None, "Hei ystävä!"),
        ("Hei {{ a | default('ystävä') }}!", "Väinö", "Hei Väinö!"),
        ("Hei {{ a | default('ystävä') }}!", "", "Hei ystävä!"),
        ("Hei {{ a | default('ystävä') }}!", " \u200d", "Hei ystävä!"),
        ("{{ a | default('none left') }}", 0, "0"),
        ("{{ a | default('no') }}", False, "false"),
        ("{{ a | default('x') | default('y') }}", None, "x"),
        ("{{ a | money | default('price to come') }}", None, "price to come"),
        ("{{ a | default('soon') | date('long') }}", None, "soon"),
        ("{{ a | plural(other='# left') | default('') }}", None, ""),
    ],
)
def test_a_default_stands_for_a_missing_value_alone(source: str, value: Any, expected: str) -> None:
    assert write(source, value, "fi") == expected


@pytest.mark.parametrize("filters", ["", " | money", " | date", " | plural(other='#')"])
def test_a_missing_value_without_a_default_is_an_error(filters: str) -> None:
    with pytest.raises(MissingValueError, match=r"^'?a\.b'?$"):
        parse("Hei {{ a.b" + filters + " }}", everything).write(nothing, "fi")


def test_what_is_read_and_what_is_required() -> None:
    source = "{{ a }} {{ b | default('') }} {{ c | default('') | money }} {{ c }} {{ a }}"
    template = parse(source, everything)
    assert template.source == source
    assert template.paths == {"a", "b", "c"}
    assert template.required == {"a", "c"}


@pytest.mark.parametrize(
    ("locale", "numbers"),
    [
        ("fi", "12\u00a0345,678 0,5 -3 2,5"),
        ("et-EE", "12\u00a0345,678 0,5 -3 2,5"),
        ("ru", "12\u00a0345,678 0,5 -3 2,5"),
        ("en", "12,345.678 0.5 -3 2.5"),
        ("tlh", "12,345.678 0.5 -3 2.5"),
    ],
)
def test_numbers_by_locale(locale: str, numbers: str) -> None:
    values = (12345.6781, Decimal("0.50"), -3, 2.5)
    assert " ".join(write("{{ a }}", value, locale) for value in values) == numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1 + 0.2, "0,3"), (10**24, "1" + "\u00a0000" * 8), (10**30, str(10**30)), (1e300, "1e+300")],
)
def test_numbers_of_any_length_are_written(value: float, expected: str) -> None:
    assert write("{{ a }}", value, "fi") == expected


@pytest.mark.parametrize("filters", ["", " | money", " | money('short')", " | plural(other='#')"])
@law
@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_every_number_is_written_in_every_language(filters: str, value: float) -> None:
    for locale in ("fi", "et", "ru", "en"):
        assert re.search(r"\d|true|false", write("{{ a" + filters + " }}", value, locale))


@pytest.mark.parametrize(
    ("locale", "amount", "full", "short"),
    [
        ("fi", "1290.00", "1\u00a0290,00\u00a0€", "1\u00a0290\u00a0€"),
        ("et", "1290", "1\u00a0290,00\u00a0€", "1\u00a0290\u00a0€"),
        ("ru", "1290.00", "1\u00a0290,00\u00a0€", "1\u00a0290\u00a0€"),
        ("en", "1290.00", "€1,290.00", "€1,290"),
        ("fi", "19.9", "19,90\u00a0€", "19,90\u00a0€"),
        ("en", "19.90", "€19.90", "€19.90"),
        ("ru", "0", "0,00\u00a0€", "0\u00a0€"),
        ("ru-EE", "1290", "1\u00a0290,00\u00a0€", "1\u00a0290\u00a0€"),
    ],
)
def test_money_by_locale(locale: str, amount: str, full: str, short: str) -> None:
    price = (Decimal(amount), "EUR")
    assert write("{{ a }}", price, locale) == full
    assert write("{{ a | money }}", price, locale) == full
    assert write("{{ a | money('short') }}", price, locale) == short


@pytest.mark.parametrize(
    ("locale", "currency", "expected"),
    [
        ("fi", "SEK", "5,00 SEK"),
        ("en", "USD", "$5.00"),
        ("en", "JPY", "¥5"),
        ("ru", "RUB", "5,00 ₽"),
        ("et", "QQQ", "5,00 QQQ"),
    ],
)
def test_every_currency_has_its_sign_and_decimals(
    locale: str, currency: str, expected: str
) -> None:
    text = write("{{ a | money }}", (Decimal(5), currency), locale)
    assert text == expected.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("locale", "short", "medium", "long", "full"),
    [
        ("fi", "5.3.2026", "5.3.2026", "5. maaliskuuta 2026", "torstai 5. maaliskuuta 2026"),
        ("et", "05.03.26", "5. märts 2026", "5. märts 2026", "neljapäev, 5. märts 2026"),
        (
            *("ru", "05.03.2026", "5 мар. 2026\u202fг.", "5 марта 2026\u202fг."),
            "четверг, 5 марта 2026\u202fг.",
        ),
        ("en", "3/5/26", "Mar 5, 2026", "March 5, 2026", "Thursday, March 5, 2026"),
    ],
)
def test_dates_by_locale(locale: str, short: str, medium: str, long: str, full: str) -> None:
    for day in (datetime.date(2026, 3, 5), datetime.datetime(2026, 3, 5, 23, tzinfo=datetime.UTC)):
        assert write("{{ a }}", day, locale) == medium
        assert write("{{ a | date }}", day, locale) == medium
        assert write("{{ a | date('short') }}", day, locale) == short
        assert write("{{ a | date('medium') }}", day, locale) == medium
        assert write("{{ a | date('long') }}", day, locale) == long
        assert write("{{ a | date('full') }}", day, locale) == full


SEATS = {
    "ru": "one='# место', few='# места', many='# мест', other='# места'",
    "fi": "one='# paikka', other='# paikkaa'",
    "et": "one='# koht', other='# kohta'",
    "en": "one='# seat', other='# seats'",
}


@pytest.mark.parametrize(
    ("locale", "number", "expected"),
    [
        *(("ru", 1, "1 место"), ("ru", 2, "2 места"), ("ru", 5, "5 мест"), ("ru", 0, "0 мест")),
        *(("ru", 11, "11 мест"), ("ru", 12, "12 мест"), ("ru", 21, "21 место")),
        *(("ru-EE", 2, "2 места"), ("ru-EE", 21, "21 место"), ("et-FI", 2, "2 kohta")),
        *(("ru", 22, "22 места"), ("ru", 25, "25 мест"), ("ru", 111, "111 мест")),
        *(
            ("ru", 1.5, "1,5 места"),
            ("ru", 1001, "1\u00a0001 место"),
            ("ru", Decimal(3), "3 места"),
        ),
        *(("fi", 1, "1 paikka"), ("fi", 2, "2 paikkaa"), ("fi", 5, "5 paikkaa")),
        *(("fi", 21, "21 paikkaa"), ("fi", 0.5, "0,5 paikkaa")),
        *(("et", 1, "1 koht"), ("et", 2, "2 kohta"), ("et", 5, "5 kohta"), ("et", 21, "21 kohta")),
        *(("en", 1, "1 seat"), ("en", 2, "2 seats"), ("en", 5, "5 seats"), ("en", 21, "21 seats")),
        *(("en", 0, "0 seats"), ("en-GB", 1, "1 seat"), ("tlh", 1, "1 seat")),
    ],
)
def test_plurals_by_locale(locale: str, number: float, expected: str) -> None:
    forms = SEATS[locale[:2] if locale[:2] in SEATS else "en"]
    assert write("{{ a | plural(" + forms + ") }}", number, locale) == expected


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ("other='мест: #'", "мест: 21"),
        ("one='место', other='#'", "место"),
        ("one='# из #', other=''", "21 из 21"),
        ("few='#!', other=''", ""),
    ],
)
def test_a_form_that_is_not_given_is_the_other(forms: str, expected: str) -> None:
    assert write("{{ a | plural(" + forms + ") }}", 21, "ru") == expected


@pytest.mark.parametrize(
    "filter_", ["money", "money('short')", "date('long')", "plural(other='!')"]
)
@pytest.mark.parametrize("value", ["#text", True, ("a", "b")])
def test_a_filter_leaves_other_values_alone(filter_: str, value: Any) -> None:
    assert write("{{ a | " + filter_ + " }}", value) == write("{{ a }}", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ b }}", "{{ b }}"),
        ("<b>&amp;", "<b>&amp;"),
        (True, "true"),
        (("Rooma", "Riika"), "Rooma, Riika"),
        ([1.5, "b"], "1,5, b"),
        ((), ""),
    ],
)
def test_values_are_written_and_never_read(value: Any, expected: str) -> None:
    assert write("{{ a }}", value, "fi") == expected


@pytest.mark.parametrize(
    ("value", "locale", "expected"),
    [
        ({"fi": "Rooma", "en": "Rome"}, "fi", "Rooma"),
        ({"fi": "Rooma", "en": "Rome"}, "en-GB", "Rome"),
        ({"en": "Tallinn", "ru": "Таллин", "ru-EE": "Таллинн"}, "ru-EE", "Таллинн"),
        ({"en": "Tallinn", "ru": "Таллин"}, "ru-EE", "Таллин"),
        ({"en": "Tallinn", "any": "Reval"}, "et", "Reval"),
        ({"en": "Rome", "zh-CN": "罗马", "zh-TW": "羅馬"}, "zh-TW", "羅馬"),
        ({"en": "Rome", "tlh": "ro'ma"}, "tlh", "ro'ma"),
    ],
)
def test_a_localised_value_is_shown_in_the_language_asked(
    value: Mapping[str, str], locale: str, expected: str
) -> None:
    assert write("{{ a }}", value, locale) == expected
    assert write("{{ a | default('x') | money('short') }}", value, locale) == expected


@law
@given(st.text() | st.from_regex(r"[a-z]{2,3}(-[A-Z]{2})?", fullmatch=True))
@example("")
@example("en-GB-oed-x-y-z")
def test_any_name_gives_a_locale(name: str) -> None:
    assert parse_locale(name).plural_form(1)


def test_an_unknown_locale_is_english() -> None:
    assert {str(parse_locale(name)) for name in ("tlh", "tlh-EE", "", "fi_FI", "!")} == {"en"}


def test_an_unknown_region_has_its_languages_locale() -> None:
    found = [str(parse_locale(name)) for name in ("et-EE", "ru-EE", "fi-EE", "en-FI")]
    assert found == ["et_EE", "ru", "fi", "en_FI"]


def test_a_name_with_a_dash_is_told_how_it_is_written() -> None:
    with pytest.raises(TemplateError, match=r"product\['vip-trip'\]\.stock"):
        parse("{{ product.vip-trip.stock }}", lambda _: True)


@pytest.mark.parametrize(
    ("source", "locale", "text"),
    [
        ("{{ a | time }}", "fi", "18.05"),
        ("{{ a | time }}", "et", "18:05"),
        ("{{ a | time }}", "en", "6:05\u202fPM"),
        ("{{ a | time('medium') }}", "ru", "18:05:09"),
    ],
)
def test_the_time_of_day_is_told_in_the_way_of_the_place(
    source: str, locale: str, text: str
) -> None:
    at = datetime.datetime(2026, 12, 24, 18, 5, 9, tzinfo=datetime.UTC)
    assert write(source, at, locale) == text
    assert write(source, "soon", locale) == "soon"


DAY = datetime.date(2026, 3, 5)
NOON = datetime.datetime(2026, 3, 5, 12, tzinfo=datetime.UTC)


def told(value: Any, locale: str, now: Any = NOON) -> str:
    values = {"a": value, NOW: now}
    return parse("{{ a | relative }}", everything).write(values.get, locale)


@pytest.mark.parametrize(
    ("locale", "ahead", "ago", "days", "days_ago"),
    [
        ("fi", "2 tunnin päästä", "2 tuntia sitten", "3 päivän päästä", "3 päivää sitten"),
        ("et", "2 tunni pärast", "2 tunni eest", "3 päeva pärast", "3 päeva eest"),
        ("ru", "через 2 часа", "2 часа назад", "через 3 дня", "3 дня назад"),
        ("en", "in 2 hours", "2 hours ago", "in 3 days", "3 days ago"),
        ("en-GB", "in 2 hours", "2 hours ago", "in 3 days", "3 days ago"),
    ],
)
def test_how_far_off_a_time_is(locale: str, ahead: str, ago: str, days: str, days_ago: str) -> None:
    hours, while_ = datetime.timedelta(hours=2), datetime.timedelta(days=3)
    assert told(NOON + hours, locale) == ahead
    assert told(NOON - hours, locale) == ago
    assert told(NOON + while_, locale) == told(DAY + while_, locale) == days
    assert told(NOON - while_, locale) == told(DAY - while_, locale) == days_ago


@pytest.mark.parametrize(
    ("off", "text"),
    [
        ({"seconds": 30}, "in 30 seconds"),
        ({"minutes": 1}, "in 1 minute"),
        ({"minutes": -59}, "59 minutes ago"),
        ({"hours": 23}, "in 23 hours"),
        ({"days": 6}, "in 6 days"),
        ({"days": 14}, "in 2 weeks"),
        ({"days": 90}, "in 3 months"),
        ({"days": -800}, "2 years ago"),
    ],
)
def test_the_largest_unit_that_says_it_is_taken(off: dict[str, int], text: str) -> None:
    assert told(NOON + datetime.timedelta(**off), "en") == text


def test_a_time_in_another_zone_is_as_far_off() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=3))
    assert told((NOON + datetime.timedelta(hours=2)).astimezone(zone), "en") == "in 2 hours"


def test_without_the_time_an_instant_is_written_as_it_is() -> None:
    assert told(NOON, "fi", None) == write("{{ a }}", NOON, "fi") == "5.3.2026"
    assert told("soon", "en") == "soon"
    with pytest.raises(MissingValueError):
        told(None, "en")


def test_a_text_that_tells_how_far_off_reads_the_time() -> None:
    template = parse("{{ a | relative }} {{ b }}", everything)
    assert template.paths == {"a", "b", NOW}
    assert template.required == {"a", "b"}
    with pytest.raises(TemplateError, match="relative is written relative"):
        parse("{{ a | relative('short') }}", everything)


def test_a_text_is_written_in_parts() -> None:
    template = parse("Hei {{ a }}, {{ b | default('') }}!", everything)
    parts = [*template.write_parts({"a": "<b>"}.get, "en")]
    assert parts == [("Hei ", False), ("<b>", True), (", ", False), ("", True), ("!", False)]
    assert "".join(text for text, _ in parts) == template.write({"a": "<b>"}.get, "en")


def test_a_value_is_given_as_it_is() -> None:
    price = (Decimal(5), "EUR")
    assert parse("{{ a }}", everything).value({"a": price}.get, "en") == price
    template = parse("{{ a | default('x') }}", everything)
    assert (template.value({"a": 5}.get, "en"), template.value(nothing, "en")) == (5, "x")
    assert parse("{{ a }}", everything).value({"a": {"fi": "Rooma"}}.get, "en") == "Rooma"
    assert parse("Hei", everything).value(nothing, "en") == "Hei"


def test_all_words_that_a_text_can_write() -> None:
    source = "Hei {{ a | default('ystävä') }}, {{ n | plural(one='# yö', other='# yötä') }}"
    words = parse(source, everything).words
    assert all(word in words for word in ("Hei ", "ystävä", ", ", "# yö", "# yötä"))
    assert parse("{{ a }}", everything).words == ""


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("Hei", "one value, such as"),
        ("{{ a }} ", "one value, such as"),
        ("{{ a }}{{ a }}", "one value, such as"),
        ("{# c #}{{ a }}", "one value, such as"),
        ("", "one value, such as"),
        ("{{ a", "unexpected end of template"),
        ("{{ b }}", "'b' is no value"),
        ("{{ a }}" + " " * 300, "at most 300 characters"),
    ],
)
def test_what_is_no_single_value_is_refused_when_it_is_saved(source: str, complaint: str) -> None:
    value: TypeAdapter[str] = TypeAdapter(TemplatedValue)
    context = {ALLOWED_VALUES: {"a"}.__contains__}
    with pytest.raises(ValidationError, match=complaint):
        value.validate_python(source, context=context)
    if len(source) <= 300:
        assert value.validate_python(source) == source  # from the store


@pytest.mark.parametrize("source", ["{{ a }}", "{{a|default('x')}}", "{{- a | money -}}"])
def test_one_value_is_taken(source: str) -> None:
    context = {ALLOWED_VALUES: {"a"}.__contains__}
    assert TypeAdapter(TemplatedValue).validate_python(source, context=context) == source
    assert is_value(source)


@pytest.mark.parametrize("number", [0, -2.5, 10**9, "{{ a }}"])
def test_a_number_may_be_a_value(number: Any) -> None:
    assert TypeAdapter(TemplatedNumber).validate_python(number) == number


@pytest.mark.parametrize("number", [float("inf"), float("nan"), None])
def test_no_number_is_beyond_all(number: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(TemplatedNumber).validate_python(number)


@pytest.mark.parametrize("filters", ["", " | money", " | money('short')"])
@pytest.mark.parametrize("amount", ["1E+30", "123456789012345678901234567.5", "-0.00", "1E-9"])
def test_money_of_any_length_is_written(filters: str, amount: str) -> None:
    for locale in ("fi", "en"):
        written = write("{{ a" + filters + " }}", (Decimal(amount), "EUR"), locale)
        assert re.search(r"\d.*(€|EUR)|€\d", written)


def test_an_instant_is_written_as_a_time_only_where_it_is_one() -> None:
    assert write("{{ a | time }}", DAY, "fi") == "5.3.2026"

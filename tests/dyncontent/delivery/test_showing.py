"""What a block shows in a situation, and what it looks like there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from dyncontent.delivery.facts import Situation
from dyncontent.delivery.showing import choose, fallback_picture
from renderers.canvas import Filled
from renderers.drawable import Drawable
from renderers.encode import ImageType
from renderers.layers.text import TextLayer
from rules.facts import Facts, FactType
from rules.moment import Moment
from tests import samples
from tests.samples import HOST, RED

HOME = f"https://{HOST}/"
GREETING = samples.variant(
    "greeting",
    RED,
    {"fi": f"{HOME}fi", "any": "{{ offer.link }}"},  # type: ignore[arg-type]
    samples.text({"fi": "Hei {{ offer.stock }}", "any": "Hi {{ offer.stock }}"}),
    offer={"product": "rome"},
    alt="{{ recipient.first_name }}",
)


def _block(**fallback: Any) -> CompiledBlock:
    document = samples.block(GREETING)
    document["fallback"] |= fallback
    return compile_block("trip", 1, Block.model_validate_json(orjson.dumps(document)), {})


def _situation(locale: str = "en", first_name: str | None = "Aino", stock: int = 3) -> Situation:
    facts = Facts(
        recipient={"first_name": first_name, "consents": ("marketing",), "purchases": frozenset()},
        message={"class": "marketing"},
        products={"rome": {"stock": stock, "link": f"{HOME}rome"}},
    )
    return Situation(_block(), facts, locale, known=True, tracked=True)


def texts_of(filled: Drawable) -> tuple[str, ...]:
    assert isinstance(filled, Filled)
    layers = zip(filled.canvas.layers, filled.contents, strict=True)
    return tuple(
        "".join(content[1::2])
        for layer, content in layers
        if isinstance(layer, TextLayer) and content is not None
    )


@pytest.mark.parametrize(
    ("locale", "text", "link"),
    [("en", "Hi 3", f"{HOME}rome"), ("fi", "Hei 3", f"{HOME}fi"), ("fi-FI", "Hei 3", f"{HOME}fi")],
)
def test_the_variant_that_holds_speaks_the_language_of_the_moment(
    locale: str, text: str, link: str
) -> None:
    decision, showing = choose(_situation(locale))
    assert (decision.variant, decision.offer, showing.offer) == ("greeting", "rome", "rome")
    assert (texts_of(showing.fill(ImageType.PNG)), showing.link, showing.alt) == (
        (text,),
        link,
        "Aino",
    )


@pytest.mark.parametrize("situation", [_situation(stock=0), _situation(first_name=None)])
def test_when_none_holds_the_fallback_is_shown(situation: Situation) -> None:
    decision, showing = choose(situation)
    assert (decision.variant, showing.offer) == (None, None)
    assert (showing.variant, showing.link) == (situation.block.fallback, HOME)
    assert (showing.alt, texts_of(showing.fill(ImageType.PNG))) == ("Travel", ())


def test_a_value_is_that_of_the_offer_and_absent_without_one() -> None:
    _, showing = choose(_situation())
    assert (showing.value("offer.stock"), showing.value("offer.title")) == (3, None)
    _, fallback = choose(_situation(stock=0))
    assert fallback.value("offer.stock") is None
    assert fallback.value("product.rome.stock") == 0


def test_the_picture_of_a_fallback_needs_no_facts_and_is_filled_once() -> None:
    texts = samples.text({"fi": "Loma", "en": "Holiday"})
    block = _block(creative=samples.canvas(samples.GREY, texts))
    assert texts_of(fallback_picture(block, "fi")) == ("Loma",)
    assert texts_of(fallback_picture(block, None)) == ("Holiday",)
    assert fallback_picture(block, "fi") is fallback_picture(block, "fi")


def test_an_instant_is_told_in_the_recipients_time_zone() -> None:
    noon = datetime(2026, 12, 24, 12, tzinfo=UTC)
    situation = _situation()
    facts = replace(situation.facts, message={"class": "marketing", "deadline": noon})
    for zone, hour in ((ZoneInfo("Pacific/Apia"), 1), (None, 12)):
        there = replace(facts, moment=Moment(noon, zone))
        _, showing = choose(situation._replace(facts=there))
        assert showing.value("message.deadline").hour == hour


def test_an_attribute_is_written_as_the_type_that_was_declared() -> None:
    due = samples.variant(
        "due",
        RED,
        HOME,
        alt="{{ recipient.attributes.due | date('long') }}, {{ recipient.attributes.at | time }}",
    )
    declared = {
        "recipient.attributes.due": FactType.DATE,
        "recipient.attributes.at": FactType.INSTANT,
    }
    document = orjson.dumps(samples.block(due))
    block = compile_block("trip", 1, Block.model_validate_json(document), declared)
    facts = Facts(
        recipient={
            "attributes.due": "2026-12-24",
            "attributes.at": "2026-12-20T12:30:00Z",
            "consents": ("marketing",),
        },
        message={"class": "marketing"},
        moment=Moment(datetime(2026, 12, 1, tzinfo=UTC), ZoneInfo("Europe/Helsinki")),
    )
    _, showing = choose(Situation(block, facts, "fi", known=True, tracked=True))
    assert showing.alt == "24. joulukuuta 2026, 14.30"
    undeclared = compile_block("trip", 1, Block.model_validate_json(document), {})
    _, showing = choose(Situation(undeclared, facts, "fi", known=True, tracked=True))
    assert showing.alt == "2026-12-24, 2026-12-20T12:30:00Z"

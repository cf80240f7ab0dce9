"""A block made ready to be served: the exact facts that it can need."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.clocks import Viewing
from dyncontent.catalog.compiled import CompiledBlock, compile_block
from renderers.encode import ImageType
from renderers.html.fragment import Format, Hosted
from rules.facts import Facts, Selector, parse_key
from rules.moment import Moment
from rules.offer import Offer
from tests import samples
from tests.renderers.html.support import Reader
from tests.samples import HOST, RED

HOME = f"https://{HOST}/"


def _compiled(*variants: dict[str, Any], **more: Any) -> CompiledBlock:
    document = orjson.dumps(samples.block(*variants, **more))
    return compile_block("trip", 7, Block.model_validate_json(document), {})


def _variant(*texts: str, **more: Any) -> dict[str, Any]:
    return samples.variant("v", RED, HOME, *map(samples.text, texts)) | more


def _needs(block: CompiledBlock) -> tuple[set[str], set[str]]:
    """The facts that the variant requires, and those that it reads."""
    shown = block.variants["v"]
    return {str(key) for key in shown.required}, {str(key) for key in shown.reads}


@pytest.mark.parametrize(
    ("variant", "required", "optional"),
    [
        (_variant(), set(), set()),
        (_variant("{{ recipient.first_name }}"), {"recipient.first_name"}, set()),
        (_variant("{{ recipient.first_name | default('you') }}"), set(), {"recipient.first_name"}),
        (_variant("{{ order.status }}", "{{ order.status | default('?') }}"), {"order.status"},
         set()),
        (_variant(alt="{{ product['a.b'].stock }}"), {"product.a.b.stock"}, set()),
        (_variant(alt={"fi": "{{ message.locale }}", "en": "x"}), {"message.locale"}, set()),
        (_variant(html={"elements": [
            {"kind": "text", "text": "{{ order.status }} {{ message.locale | default('x') }}"}]}),
         {"order.status"}, {"message.locale"}),
        (_variant(link="{{ offer.link }}", offer={"product": "a"}), {"offer.link"}, set()),
        (_variant(link={"fi": HOME, "any": "{{ offer.link }}"}, offer={"product": "a"}),
         {"offer.link"}, set()),
        (_variant(condition={"op": "is_set", "fact": "order.status"}), set(), set()),
    ],
)  # fmt: skip
def test_what_a_variant_shows_is_what_it_needs(
    variant: dict[str, Any], required: set[str], optional: set[str]
) -> None:
    block = _compiled(variant)
    assert _needs(block) == (required, required | optional)
    assert block.rules.rules.variants[0].values == {parse_key(name) for name in required}


def test_an_offers_picture_is_required() -> None:
    layer = {"kind": "picture", "picture": "{{ offer.picture }}", "x": 0, "y": 0, "width": 9,
             "height": 9}  # fmt: skip
    shown = samples.variant("v", RED, HOME, layer, offer={"product": "a"})
    assert _needs(_compiled(shown)) == ({"offer.picture"}, {"offer.picture"})


CONDITION = {
    "op": "all",
    "of": [
        {"op": "above", "fact": "product.from-condition.stock", "value": 1},
        {"op": "not", "of": {"op": "is_set", "fact": "product.in.depth.attributes.a"}},
    ],
}


def test_the_products_are_exactly_those_that_can_be_read() -> None:
    block = _compiled(
        _variant("{{ product['from-text'].title }}", id="a", offer={"product": "offered"}),
        _variant(id="b", offer={"similar_to": "anchor"}, condition=CONDITION),
        _variant(id="c", alt="{{ product['from-alt'].price | default('x') }}"),
    )
    assert block.products == {"from-text", "offered", "from-condition", "in.depth", "from-alt"}
    assert block.rules.selectors == {Selector("similar_to", "anchor")}


def test_a_block_that_reads_nothing_needs_nothing() -> None:
    block = _compiled(_variant())
    assert (block.products, block.rules.selectors, block.offers) == (frozenset(), frozenset(), {})
    assert (block.reads_order, block.reads_shown, block.caps) == (False, False, {})


@pytest.mark.parametrize(
    ("variant", "reads"),
    [
        (_variant("{{ order.carrier }}"), True),
        (_variant(alt="{{ order.total | default('x') }}"), True),
        (_variant(condition={"op": "is_not_set", "fact": "order.attributes.gift"}), True),
        (_variant("{{ message.order }}"), False),
        (_variant(condition={"op": "is_set", "fact": "message.order"}), False),
        (_variant("{{ product['order'].stock }}"), False),
    ],
)
def test_the_order_is_read_only_where_it_can_matter(variant: dict[str, Any], reads: bool) -> None:
    assert _compiled(variant).reads_order is reads


@pytest.mark.parametrize(
    ("variant", "cart", "instead"),
    [
        (_variant("{{ cart.total }}"), True, False),
        (_variant(alt="{{ cart.1.instead.title | default('') }}"), True, True),
        (_variant(condition={"op": "above", "fact": "cart.sold_out", "value": 0}), True, False),
        (_variant("{{ message.order }}"), False, False),
        (_variant(offer={"product": "cart"}), False, False),
    ],
)
def test_a_cart_is_read_only_where_it_can_matter_and_is_personal(
    variant: dict[str, Any], cart: bool, instead: bool
) -> None:
    block = _compiled(variant)
    assert (block.reads_cart, block.reads_instead) == (cart, instead)
    assert block.is_personal or not cart


def test_the_rules_get_the_offer_with_its_guards() -> None:
    block = _compiled(
        _variant(id="a", offer={"product": "rome", "in_stock": False}),
        _variant(id="b", offer={"similar_to": "rome", "not_bought": False}),
        _variant(id="c"),
    )
    assert [variant.offer for variant in block.rules.rules.variants] == [
        Offer(product="rome", in_stock=False),
        Offer(similar_to="rome", not_bought=False),
        None,
    ]
    assert set(block.offers) == {"a", "b"}
    sold_out = Facts(recipient={"purchases": frozenset({"rome"})}, products={"rome": {"stock": 0}})
    assert [test(sold_out, "rome") for test in block.offers.values()] == [False, False]
    bought = replace(sold_out, products={"rome": {"stock": 1}})
    assert [test(bought, "rome") for test in block.offers.values()] == [False, True]


@pytest.mark.parametrize(("class_", "marketing"), [("marketing", True), ("transactional", False)])
def test_the_rules_are_of_the_blocks_class(class_: str, marketing: bool) -> None:
    assert _compiled(_variant(), **{"class": class_}).rules.rules.marketing is marketing


@pytest.mark.parametrize(
    ("more", "reads"),
    [({}, False), ({"choose": "split"}, True), ({"no_repeats": True}, True)],
)
def test_what_the_message_showed_is_read_only_where_it_can_matter(
    more: dict[str, Any], reads: bool
) -> None:
    assert _compiled(_variant(offer={"product": "rome"}), **more).reads_shown is reads


def test_lots_are_drawn_by_the_blocks_own_name_unless_it_has_another_salt() -> None:
    assert _compiled(_variant()).rules.salt == "trip"
    assert _compiled(_variant(), salt="again").rules.salt == "again"


def test_variants_keep_their_order_and_the_fallback_is_among_what_is_shown() -> None:
    block = _compiled(_variant(id="z"), _variant(id="a"))
    assert [rule.id for rule in block.rules.variants] == ["z", "a"]
    assert set(block.variants) == {"z", "a", "fallback"}
    assert block.fallback.required == block.fallback.reads == frozenset()
    assert (block.id, block.version) == ("trip", 7)


def test_a_link_and_a_text_are_those_of_the_language() -> None:
    shown = _compiled(
        _variant(
            link={"fi": f"{HOME}fi", "any": HOME}, alt={"fi": "Hei {{ recipient.first_name }}",
                                                        "any": "Hi"}
        )
    ).variants["v"]  # fmt: skip
    assert [shown.link(locale) for locale in ("fi", "fi-FI", "et")] == [f"{HOME}fi"] * 2 + [HOME]
    assert shown.alt(lambda _: "Aino", "fi") == "Hei Aino"
    assert shown.alt(lambda _: None, "et") == "Hi"


@pytest.mark.parametrize("html", [None, {"elements": [{"kind": "text", "text": "Hi"}]}])
def test_html_is_what_is_written_else_the_picture(html: dict[str, Any] | None) -> None:
    shown = _compiled(_variant(html=html)).variants["v"]
    hosted = Hosted(f"{HOME}i", f"{HOME}c", "Rome", 60, 40)
    found = Reader(shown.html(lambda _: None, "fi", hosted, Format.HTML))
    assert shown.is_written is (html is not None)
    assert [one["alt"] for one in found.all("img")] == ([] if html else ["Rome"])
    assert ("Hi" in found.texts) is (html is not None)


def test_another_budget_is_another_content() -> None:
    still = samples.canvas(RED)["canvas"]
    unit = {"unit": "seconds", "x": 2, "y": 2, "width": 30, "height": 20, "size": 12}
    clock = {"face": still, "expired": still, "units": [unit]}
    countdown = {"kind": "countdown", "until": "message.deadline", "clock": clock, "still": still}
    deadline = datetime(2026, 12, 24, tzinfo=UTC)
    for creative in (samples.canvas(RED), countdown):
        for now in (deadline - timedelta(hours=1), deadline):
            viewing = Viewing(ImageType.PNG, Moment(now))
            keys = {
                _compiled(_variant(creative=creative), budget=budget)
                .variants["v"]
                .fill(lambda _: deadline, "en", viewing)
                .key
                for budget in (5000, 6000)
            }
            assert len(keys) == 2

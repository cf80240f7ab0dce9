"""Blocks, as a marketer writes them down."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from dyncontent.catalog.block import Block, checking, is_value
from dyncontent.catalog.links import AllowedHosts
from renderers.layers.picture import PictureLayer
from rules.facts import FactType
from tests import samples
from tests.samples import BLUE, GREY, HOST, RED

HOME = f"https://{HOST}/"
PICTURES = ["0" * 32, "1" * 32, "2" * 32]
CONDITION = {
    "op": "any",
    "of": [
        {"op": "not", "of": {"op": "is_set", "fact": "order.status"}},
        {"op": "in", "fact": "recipient.attributes.tier", "values": ["gold", 2, 2.5, True]},
        {"op": "at_most", "fact": "product.a.b.stock", "value": 3},
    ],
}


def _picture(number: int, **changes: Any) -> dict[str, Any]:
    creative = {"kind": "picture", "picture": PICTURES[number], "width": 60, "height": 40}
    return {"creative": creative | changes}


def _layer(source: str) -> dict[str, Any]:
    return {"kind": "picture", "picture": source, "x": 0, "y": 0, "width": 9, "height": 9}


def _read(document: dict[str, Any]) -> Block:
    return Block.model_validate_json(orjson.dumps(document))


RICH = samples.block(
    samples.variant("a", RED, HOME, samples.text({"fi": "Hei", "any": "Hi"}), condition=CONDITION),
    samples.variant("b", RED, {"fi": f"{HOME}fi", "en": HOME}) | _picture(1, scale=2),  # type: ignore[arg-type]
    samples.variant(
        "c", BLUE, "{{ offer.link }}", _layer("{{offer.picture}}"), _layer(PICTURES[2]),
        html={"padding": 8, "elements": [{"kind": "picture"}, {"kind": "text", "text": "Hi"}]},
        offer={"similar_to": "a.b", "in_stock": False, "not_bought": False},
    ),
    type="gif",
    locale="et-EE",
    fallback={**_picture(0), "link": HOME, "alt": {"et": "Reis"}},
)  # fmt: skip


@pytest.mark.parametrize("document", [samples.block(), samples.block(variants=[]), RICH])
def test_a_block_comes_back_as_it_was_stored(document: dict[str, Any]) -> None:
    block = _read(document)
    again = Block.model_validate_json(block.encoded())
    assert again == block
    assert again.encoded() == block.encoded()


def test_the_values_of_a_condition_keep_their_types() -> None:
    condition = orjson.loads(_read(RICH).encoded())["variants"][0]["condition"]
    assert condition == CONDITION
    assert repr(condition["of"][1]["values"]) == repr(["gold", 2, 2.5, True])


def test_what_is_stored_is_read_without_the_hosts_of_today() -> None:
    context = checking(AllowedHosts.of(("other.example",)), {})
    with pytest.raises(ValidationError, match="not among the allowed hosts"):
        Block.model_validate_json(orjson.dumps(RICH), context=context)
    assert Block.model_validate_json(_read(RICH).encoded()).locale == "et-EE"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("recipient.first_name", True),
        ("recipient.attributes.link", True),
        ("message.parameters.campaign", True),
        ("message.deadline", True),
        ("order.total", True),
        ("offer.title", True),
        ("product.vip.trip.price", True),
        ("recipient.consents", False),
        ("recipient.purchases", False),
        ("offer.link", False),
        ("offer.picture", False),
        ("product.rome.link", False),
        ("cart.total", True),
        ("cart.1.instead.title", True),
        ("cart.1.picture", False),
        ("cart.1.instead.picture", False),
        ("recipient.password", False),
        ("product.stock", False),
        ("weather.rain", False),
        ("recipient", False),
        ("", False),
    ],
)
def test_a_text_shows_known_facts_that_are_fit_to_read(path: str, shown: bool) -> None:
    assert is_value(path) is shown


def test_its_size_is_that_of_all_its_pictures() -> None:
    assert _read(RICH).size == _read(samples.block()).size == (60, 40)


@pytest.mark.parametrize("change", [{"width": 61}, {"height": 39}])
def test_a_picture_of_another_size_is_refused(change: dict[str, int]) -> None:
    odd = samples.variant("odd", RED, HOME) | _picture(1, **change)
    with pytest.raises(ValidationError, match="fallback's is 60x40, that of odd"):
        _read(samples.block(odd))


def test_a_scale_changes_no_size() -> None:
    sharp = samples.variant("sharp", RED, HOME) | _picture(1, scale=3)
    assert _read(samples.block(sharp)).size == (60, 40)


def test_every_upload_is_told_with_its_place() -> None:
    assert [*_read(RICH).assets] == [
        (("fallback", "creative", "picture"), PICTURES[0], "picture"),
        (("variants", 1, "creative", "picture"), PICTURES[1], "picture"),
        (("variants", 2, "creative", "canvas", "layers", 1, "picture"), PICTURES[2], "picture"),
    ]
    assert [*_read(samples.block()).assets] == []


def test_fonts_are_uploads_too() -> None:
    own = samples.canvas(RED, samples.text("a") | {"font": PICTURES[0]})
    own["canvas"]["fallback_fonts"] = [PICTURES[1]]
    block = _read(samples.block(samples.variant("v", RED, HOME, creative=own)))
    place = ("variants", 0, "creative", "canvas")
    assert [*block.assets] == [(place, PICTURES[1], "font"), (place, PICTURES[0], "font")]


def _part(**fields: Any) -> dict[str, Any]:
    return {"x": 0, "y": 0, "width": 10, "height": 10} | fields


def _saved(document: dict[str, Any]) -> Block:
    declared = {"recipient.attributes.points": FactType.TEXT}
    context = checking(AllowedHosts.of((HOST,)), declared)
    return Block.model_validate_json(orjson.dumps(document), context=context)


ON_SET = [{"value": "recipient.id", "is_set": True}]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (
            _part(kind="rating", value="{{ offer.title }}"),
            "offer.title is no number",
        ),
        (_part(kind="price", size=9, price="{{ offer.category }}"), "offer.category is no number"),
        (_part(kind="progress", value="{{ recipient.attributes.points }}"), "points is no number"),
        (_part(kind="rating", value="{{ offer.stock }} of 5"), "one value, such as"),
        (_part(kind="rating", value="{{ recipient.id }}"), "no value that a text can show"),
        (
            _part(kind="shape", colour="#FFFFFF", when=[{"value": "recipient.id", "is_set": True}]),
            "no value that a layer can depend on",
        ),
        (_part(kind="code", code="ean13", text="6410405040210"), "check digit"),
        (_part(kind="code", code="qr", text="abc"), "the code needs at least"),
    ],
)
def test_a_layer_shows_what_is_fit_for_it(layer: dict[str, Any], said: str) -> None:
    variant = samples.variant(
        "v", RED, HOME, creative=samples.canvas(RED, layer), offer={"product": "rome"}
    )
    with pytest.raises(ValidationError, match=said):
        _saved(samples.block(variant))


def test_a_layer_may_show_numbers_and_money() -> None:
    layers = (
        _part(kind="price", size=9, price="{{ offer.price }}"),
        _part(kind="rating", value="{{ offer.stock }}"),
        _part(kind="shape", colour="#FFFFFF", when=[{"value": "offer.stock", "at_most": 5}]),
    )
    variant = samples.variant(
        "v", RED, HOME, creative=samples.canvas(RED, *layers), offer={"product": "rome"}
    )
    assert _saved(samples.block(variant)).variants


@pytest.mark.parametrize(
    "layer",
    [
        _part(kind="shape", colour="#FFFFFF", when=[{"value": "order.status", "is_set": True}]),
        _part(kind="rating", value="{{ recipient.attributes.points }}"),
        _part(kind="picture", picture="{{ product['rome'].picture }}"),
    ],
)
def test_the_fallback_depends_on_nothing(layer: dict[str, Any]) -> None:
    block = samples.block()
    block["fallback"] |= {"creative": samples.canvas(RED, layer)}
    with pytest.raises(ValidationError, match="the fallback shows no values"):
        _read(block)


def test_the_picture_of_another_product_is_no_offer() -> None:
    layer = _part(kind="picture", picture="{{ product['rome'].picture }}")
    block = _read(
        samples.block(samples.variant("v", RED, HOME, creative=samples.canvas(RED, layer)))
    )
    assert [*block.assets] == []


def test_an_uploaded_picture_is_a_canvas_that_it_fills() -> None:
    canvas = _read(RICH).variants[1].creative.canvas
    [layer] = canvas.layers
    assert (canvas.width, canvas.height, canvas.scale) == (60, 40, 2)
    assert (layer.x, layer.y, layer.width, layer.height) == (0, 0, 60, 40)


def test_of_an_uploaded_picture_a_part_may_be_shown() -> None:
    part = {"crop": {"left": 0.5}, "focus": {"x": 0.9}}
    variant = samples.variant("v", RED, HOME) | _picture(0, **part)
    [layer] = _read(samples.block(variant)).variants[0].creative.canvas.layers
    assert isinstance(layer, PictureLayer)
    assert (layer.crop.left, layer.focus.x) == (0.5, 0.9)


def _html(source: str) -> dict[str, Any]:
    column = {"elements": [{"kind": "text", "text": {"fi": "Hei", "en": source}}]}
    return {"elements": [{"kind": "columns", "columns": [column, column]}]}


def test_html_shows_what_other_texts_show() -> None:
    context = checking(AllowedHosts.of((HOST,)), {})
    for source, allowed in (("{{ order.status }}", True), ("{{ recipient.consents }}", False)):
        variant = samples.variant("a", RED, HOME, html=_html(source))
        document = orjson.dumps(samples.block(variant))
        if allowed:
            assert Block.model_validate_json(document, context=context).variants[0].html
        else:
            with pytest.raises(ValidationError, match="no value that a text can show") as refused:
                Block.model_validate_json(document, context=context)
            error = refused.value.errors()[0]
            place = ("html", "elements", 0, "columns", "columns", 0, "elements", 0)
            assert error["loc"][2 : 2 + len(place)] == place


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (samples.block(samples.variant("fallback", RED, HOME)), "name of the fallback"),
        (samples.block(*[samples.variant("a", RED, HOME)] * 2), "same id"),
        (samples.block(samples.variant("a", RED, HOME, offer={})), "an offer has one of"),
        (samples.block(samples.variant("a", RED, HOME, _layer("{{ offer.picture }}"))),
         "without an offer"),
        (samples.block(samples.variant("a", RED, HOME, samples.text("{{ offer.stock }}"))),
         "without an offer"),
        (samples.block(fallback={"creative": samples.canvas(GREY), "link": "{{ offer.link }}",
                                 "alt": "x"}), "no offer"),
        (samples.block(fallback={"creative": samples.canvas(GREY), "link": HOME,
                                 "alt": "{{ order.status | default('x') }}"}), "shows no values"),
        (samples.block(samples.variant("a", RED, HOME, html=_html("{{ offer.stock }}"))),
         "without an offer"),
        (samples.block(fallback={"creative": samples.canvas(GREY), "link": HOME, "alt": "x",
                                 "html": _html("{{ order.status | default('x') }}")}),
         "shows no values"),
        (samples.block(*(samples.variant(f"v{n}", RED, HOME) for n in range(51))), "at most 50"),
        (samples.block(type="webp"), "'png', 'jpg' or 'gif'"),
    ],
)  # fmt: skip
def test_what_could_not_be_served_is_refused(block: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        _read(block)


@pytest.mark.parametrize("budget", [4999, 1_000_001, "20000", 6000.5, None])
def test_a_budget_is_a_number_of_bytes_within_reason(budget: Any) -> None:
    with pytest.raises(ValidationError, match="budget"):
        _read(samples.block(budget=budget))


def test_a_budget_is_kept() -> None:
    assert _read(samples.block()).budget == 200_000
    for budget in (5000, 1_000_000):
        block = _read(samples.block(budget=budget))
        assert Block.model_validate_json(block.encoded()).budget == budget


def test_a_block_has_so_many_layers_in_all_and_no_more() -> None:
    shape = _part(kind="shape", colour="#FFFFFF")
    creative = samples.canvas(RED, *[shape] * 60)
    full = [samples.variant(f"v{number}", RED, HOME, creative=creative) for number in range(10)]
    assert len(_read(samples.block(*full)).variants) == 10
    one_more = samples.variant("w", RED, HOME, creative=samples.canvas(RED, shape))
    with pytest.raises(ValidationError, match="a block has at most 600 layers in all"):
        _read(samples.block(*full, one_more))

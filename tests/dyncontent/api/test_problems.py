"""One shape for every error, and for each bad field its path, its value and what would be right."""

from typing import Any

import pytest

from tests import samples
from tests.samples import BLOCK, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

SHOP = "https://shop.example/"
EVIL = "https://evil.example/"
LAYER = "variants.0.creative.canvas.layers.0"


def _block(**changes: Any) -> dict[str, Any]:
    return samples.block(samples.variant("v", RED, SHOP) | changes)


def _with_layer(**layer: Any) -> dict[str, Any]:
    return samples.block(samples.variant("v", RED, SHOP, samples.text("x") | layer))


BAD_BODIES: list[tuple[str, Any, str, Any, str]] = [
    ("products/p", {"stock": -1}, "stock", -1, "greater than or equal to 0"),
    ("products/p", {"stock": "5"}, "stock", "5", "a valid integer"),
    ("products/p", {"colour": "red"}, "colour", "red", "no such field"),
    ("products/p", {"price": {"amount": "5"}}, "price.currency", None, "this field is needed"),
    ("products/p", {"link": EVIL}, "link", EVIL, "allowed"),
    ("products/p", {"link": "javascript:alert(1)"}, "link", "javascript:alert(1)", "https://"),
    ("products/p", {"alternatives": ["a b"]}, "alternatives.0", "a b", "an id: "),
    ("recipients/r", {"time_zone": "Tartu"}, "time_zone", "Tartu", "Europe/Tallinn"),
    ("recipients/r", {"consents": {"marketing": "yes"}}, "consents.marketing", "yes", "boolean"),
    ("recipients/r", {"attributes": {"a": [1]}}, "attributes.a", "[…]", "a valid boolean"),
    ("messages/m", {"class": "advert"}, "class", "advert", "'transactional' or 'marketing'"),
    ("messages/m", {}, "class", None, "this field is needed"),
    ("messages/m", {"class": "marketing", "sent_at": "2026-11-21T10:00:00"}, "sent_at",
     "2026-11-21T10:00:00", "timezone"),
    ("orders/o", {"status": "lost"}, "status", "lost", "'received'"),
    ("orders/o", {"status": "packed", "expected": "soon"}, "expected", "soon", "date"),
    ("blocks/b", _block(link=EVIL), "variants.0.link", EVIL, "allowed"),
    ("blocks/b", _block(condition={"op": "is", "fact": "x"}), "variants.0.condition", "{…}",
     "'op' to be one of"),
    ("blocks/b", _block(condition={"op": "is_set", "fact": "person.name"}),
     "variants.0.condition.fact", "person.name", "begins with one of"),
    ("blocks/b", _block(condition={"op": "all", "of": [{"op": "above", "fact": "order.status",
     "value": 1}]}), "variants.0.condition.of.0", "{…}", "but order.status is a text"),
    ("blocks/b", _block(offer={"product": "a", "similar_to": "b"}), "variants.0.offer", "{…}",
     "an offer has one of"),
    ("blocks/b", _block(id="fallback"), "variants.0", "{…}", "name of the fallback"),
    ("blocks/b", _with_layer(text="{{ recipient.password }}"), f"{LAYER}.text",
     "{{ recipient.password }}", "recipient.password"),
    ("blocks/b", _with_layer(text="{{ 1 + 1 }}"), f"{LAYER}.text",
     "{{ 1 + 1 }}", "no value"),
    ("blocks/b", _with_layer(text="{{ recipient.consents }}"),
     f"{LAYER}.text", "{{ recipient.consents }}", "no value"),
    ("blocks/b", _with_layer(colour="red"), f"{LAYER}.colour", "red",
     "a colour: #RRGGBB"),
    ("blocks/b", _with_layer(kind="video"), LAYER, "{…}",
     "'picture', 'shape', 'text'"),
    ("blocks/b", samples.block(fallback=samples.variant("x", RED, SHOP)), "fallback.id", "x",
     "no such field"),
    ("blocks/b", _with_layer(size=None), f"{LAYER}.size", None, "a valid integer"),
    ("blocks/b", _with_layer(text={"fi": "{{ product.vip-trip.stock }}"}), f"{LAYER}.text.fi",
     "{{ product.vip-trip.stock }}", "product['vip-trip'].stock"),
    ("blocks/b", _block(html={"elements": [{"kind": "columns", "columns": [
        {"elements": [{"kind": "text", "text": "{{ recipient.password }}"}]}] * 2}]}),
     "variants.0.html.elements.0.columns.1.elements.0.text", "{{ recipient.password }}",
     "no value"),
    ("products/p", {"picture": "0" * 32}, "picture", "0" * 32, "uploaded picture"),
    ("products/p", {"price": {"amount": 5, "currency": "euro"}}, "price.currency", "euro",
     "a currency such as EUR"),
    ("links", {"block": BLOCK, "recipient": "a b", "message": "m"}, "recipient", "a b", "an id: "),
    ("links", {"block": BLOCK, "recipient": "a", "message": "m", "type": "webp"}, "type", "webp",
     "'png', 'jpg' or 'gif'"),
    ("previews", {"recipient": "a"}, "block", None, "this field is needed"),
    ("recipients/aino/purchases", {"product": 7}, "product", 7, "a valid string"),
    ("products/rome/stock", {}, "", "{…}", "either set or change"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "field", "value", "expected"), BAD_BODIES)
async def test_a_bad_field_is_named_with_its_value_and_what_would_be_right(
    site: Site, path: str, body: Any, field: str, value: Any, expected: str
) -> None:
    method = "PUT" if path.count("/") == 1 else "POST"
    response = await site.api(method, path, body)
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (422, 422, "INVALID")
    named = {bad["path"]: bad for bad in problem["fields"]}
    assert field in named
    assert value is None or named[field]["value"] == value
    assert expected in named[field]["expected"]


async def test_every_bad_field_is_named_at_once(site: Site) -> None:
    body = {"stock": -1, "title": 5, "price": {"amount": "x", "currency": "euro"}}
    fields = (await site.api("PUT", "products/p", body)).json()["fields"]
    assert {"stock", "title", "price.amount", "price.currency"} <= {bad["path"] for bad in fields}


async def test_a_refused_body_changes_nothing(site: Site) -> None:
    assert (await site.api("PUT", "products/rome", {"stock": -1})).status_code == 422
    assert (await site.api("PATCH", "products/rome", {"stock": -1})).status_code == 422
    assert (await site.do("GET", "products/rome"))["stock"] == 30


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/v1/products/none", 404, "NOT_FOUND"),
        ("PATCH", "/api/v1/products/none", 404, "NOT_FOUND"),
        ("GET", "/api/v1/blocks/none", 404, "NOT_FOUND"),
        ("POST", "/api/v1/blocks/none/publish", 404, "NOT_FOUND"),
        ("GET", "/api/v1/blocks/trip/versions/9", 404, "NOT_FOUND"),
        ("POST", "/api/v1/recipients/none/purchases", 404, "NOT_FOUND"),
        ("POST", "/api/v1/products/rome", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/health/live", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/api/v1/products/a%20b", 422, "INVALID"),
        ("PUT", "/api/v1/blocks/a.b", 422, "INVALID"),
    ],
)
async def test_every_path_has_the_same_shape_of_error(
    site: Site, method: str, path: str, status: int, code: str
) -> None:
    headers = {"authorization": f"Bearer {site.settings.api_tokens[0]}"}
    response = await site.client.request(method, path, headers=headers, content=b'{"product": "a"}')
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) == {"status", "code", "message", "fields"}
    assert problem["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{'a': 1}"])
async def test_what_is_not_json_is_said_so(site: Site, body: bytes) -> None:
    response = await site.api("PUT", "products/p", body)
    assert (response.status_code, response.json()["code"]) == (400, "NOT_JSON")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null"])
async def test_json_that_is_no_object_is_said_so(site: Site, body: bytes) -> None:
    response = await site.api("PATCH", "products/rome", body)
    assert (response.status_code, response.json()["code"]) == (400, "NOT_AN_OBJECT")


async def test_a_body_without_end_is_cut_off(site: Site) -> None:
    response = await site.api("PUT", "products/p", b" " * 1_100_000)
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")


def _without_size() -> dict[str, Any]:
    layer = samples.text({"fi": "x"})
    del layer["size"]
    return samples.block(samples.variant("v", RED, SHOP, layer))


async def test_a_missing_field_of_a_layer_is_found_beside_its_text(site: Site) -> None:
    fields = (await site.api("PUT", "blocks/b", _without_size())).json()["fields"]
    assert [bad["path"] for bad in fields] == [f"{LAYER}.size"]


async def test_a_deep_condition_is_refused_at_once(site: Site) -> None:
    condition: dict[str, Any] = {"op": "equals", "fact": "order.status", "value": 5}
    for _ in range(60):
        condition = {"op": "not", "of": condition}
    response = await site.api("PUT", "blocks/b", _block(condition=condition))
    assert response.status_code == 422
    [bad] = response.json()["fields"]
    assert bad["path"] == "variants.0.condition" + ".of" * 60


async def test_of_very_many_bad_fields_some_are_named(site: Site) -> None:
    body = {"alternatives": [""] * 50, "attributes": {f"a{n}": None for n in range(20_000)}}
    response = await site.api("PUT", "products/p", body)
    assert response.status_code == 422
    assert 0 < len(response.json()["fields"]) <= 100


async def test_a_long_value_is_not_sent_back_whole(site: Site) -> None:
    [bad] = (await site.api("PUT", "products/p", {"category": "x" * 5000})).json()["fields"]
    assert len(bad["value"]) < 300


async def test_a_fault_of_the_server_has_the_shape_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("dyncontent.api.documents.plain", fail)
    with pytest.raises(ZeroDivisionError):
        await site.api("GET", "products/rome")

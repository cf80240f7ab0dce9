"""Events over HTTP."""

import base64
import gzip
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.settings import Settings
from tests.dyncontent.ingest.support import SECRETS, deliver
from tests.site import TOKEN, Site, site_settings

pytestmark = pytest.mark.anyio

BASIC = {"authorization": f"Basic {base64.b64encode(f'{TOKEN}:'.encode()).decode()}"}
AT = "2024-11-20T10:00:00Z"


@pytest.fixture
def settings(tmp_path: Any, prefix: str) -> Settings:
    return site_settings(
        tmp_path, prefix, shopify_secrets=SECRETS, woocommerce_secrets=SECRETS, shop_currency="EUR"
    )


async def _call(site: Site, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = BASIC | {name.replace("_", "-"): value for name, value in headers.items()}
    return await site.client.post(f"/v1/{path}", content=content, headers=sent)


def _track(event: str, user: str = "new", at: str | None = AT, **properties: Any) -> Any:
    call = {"type": "track", "event": event, "userId": user, "properties": properties}
    return call | ({"timestamp": at, "messageId": f"{event}-{at}"} if at else {})


async def test_a_call_becomes_facts(site: Site) -> None:
    traits = {"firstName": "Aino", "lastName": "Kask", "planName": "vip", "email": "a@b.example"}
    call = {"userId": "new", "traits": traits, "timestamp": AT, "messageId": "m"}
    context = {"locale": "et_EE", "timezone": "Europe/Tallinn"}
    response = await _call(site, "identify", call | {"context": context})
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert await site.do("GET", "recipients/new") == {
        "id": "new",
        "first_name": "Aino",
        "last_name": "Kask",
        "locale": "et-EE",
        "time_zone": "Europe/Tallinn",
        "attributes": {"plan_name": "vip"},
    }


@pytest.mark.parametrize("path", ["identify", "track", "page", "screen", "group", "alias", "batch"])
@pytest.mark.parametrize(
    "authorization",
    [None, "Basic", "Basic ???", "Basic eDo=", f"Basic {base64.b64encode(b'x').decode()}"],
)
async def test_without_a_token_nothing_is_taken(
    site: Site, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    response = await site.client.post(f"/v1/{path}", content=b"{}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
async def test_a_token_is_given_in_either_way(site: Site, scheme: str) -> None:
    key = TOKEN if scheme == "Bearer" else base64.b64encode(f"{TOKEN}:x".encode()).decode()
    headers = {"authorization": f"{scheme} {key}"}
    response = await site.client.post("/v1/page", json={"userId": "aino"}, headers=headers)
    assert response.json() == {"success": True}


async def test_of_a_batch_what_is_refused_is_told_and_the_rest_is_taken(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"points": "number"}})
    batch = [
        _track("Product Added", product_id="rome", quantity=2),
        _track("Product Added"),
        {"type": "identify", "userId": "new", "messageId": "i", "timestamp": AT,
         "traits": {"points": "many", "firstName": "A", "plan": "vip"}},
        {"type": "nothing"},
        "no call",
        _track("Order Completed", "x" * 200),
        _track("Product Added", product_id="oslo", padding="x" * 33_000),
        {"type": "page", "anonymousId": "someone"},
    ]  # fmt: skip
    response = await _call(site, "batch", {"batch": batch, "sentAt": AT})
    told = response.json()
    assert (response.status_code, told["success"]) == (200, False)
    assert {one["index"]: (one["outcome"], one["error"]["code"]) for one in told["refused"]} == {
        1: ("refused", "INVALID"),
        2: ("applied", "INVALID"),
        3: ("refused", "INVALID"),
        4: ("refused", "INVALID"),
        5: ("refused", "INVALID"),
        6: ("refused", "TOO_LARGE"),
    }
    assert told["refused"][1]["error"]["fields"] == [
        {"path": "attributes.points", "value": "many", "expected": "number, as it was declared"}
    ]
    person = await site.do("GET", "recipients/new")
    assert person["cart"] == [{"product": "rome", "quantity": 2}]
    assert (person["first_name"], person["attributes"]) == ("A", {"plan": "vip"})
    exposition = (await site.client.get("/metrics")).text
    assert 'dyncontent_events_in_total{outcome="refused",source="segment"} 5.0' in exposition
    assert 'dyncontent_events_in_total{outcome="ignored",source="segment"} 1.0' in exposition
    assert 'dyncontent_events_in_total{outcome="applied",source="segment"} 2.0' in exposition


async def test_a_repeat_changes_nothing(site: Site) -> None:
    added = _track("Product Added", product_id="rome", quantity=2)
    for _ in range(3):
        await _call(site, "batch", {"batch": [added, added]})
    cart = (await site.do("GET", "recipients/new"))["cart"]
    assert cart == [{"product": "rome", "quantity": 2}]


async def test_an_event_that_does_not_say_when_happened_when_it_arrived_first(site: Site) -> None:
    first = {"type": "identify", "userId": "new", "messageId": "1", "traits": {"firstName": "A"}}
    second = first | {"messageId": "2", "traits": {"firstName": "B"}}
    for call in (first, second, first):
        assert (await _call(site, "identify", call)).json() == {"success": True}
    assert (await site.do("GET", "recipients/new"))["first_name"] == "B"


async def test_what_the_control_plane_said_is_not_undone_by_an_older_event(site: Site) -> None:
    await site.do("PATCH", "recipients/aino", {"first_name": "New", "cart": ["riga"]})
    await _call(site, "track", _track("Product Added", "aino", product_id="rome"))
    call = {"userId": "aino", "traits": {"firstName": "Old", "lastName": "Kask"}, "timestamp": AT}
    await _call(site, "identify", call)
    aino = await site.do("GET", "recipients/aino")
    assert (aino["first_name"], aino["cart"]) == ("New", ["riga"])
    assert "last_name" not in aino  # the profile was put as a whole after that
    later = {"userId": "aino", "traits": {"lastName": "Tamm"}}
    await _call(site, "identify", later)
    assert (await site.do("GET", "recipients/aino"))["last_name"] == "Tamm"


async def test_what_has_not_happened_yet_is_refused(site: Site) -> None:
    told = (await _call(site, "track", _track("Product Viewed", at="2099-01-01T00:00:00Z",
                                              product_id="rome"))).json()  # fmt: skip
    assert told["refused"][0]["error"]["code"] == "FUTURE"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "NOT_JSON"),
        (b"[]", 400, "NOT_AN_OBJECT"),
        (b"{}", 400, "NOT_A_BATCH"),
        (b'{"batch": {}}', 400, "NOT_A_BATCH"),
        (orjson.dumps({"batch": [{}] * 2501}), 400, "NOT_A_BATCH"),
        (b" " * (500 * 1024 + 1), 413, "TOO_LARGE"),
    ],
)
async def test_a_batch_that_is_none(site: Site, body: bytes, status: int, code: str) -> None:
    response = await _call(site, "batch", body)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_body_may_be_compressed(site: Site) -> None:
    body = orjson.dumps({"batch": [_track("Product Added", product_id="rome")]})
    response = await _call(site, "batch", gzip.compress(body), content_encoding="gzip")
    assert response.json() == {"success": True}
    assert (await site.do("GET", "recipients/new"))["cart"] == ["rome"]
    bomb = gzip.compress(b" " * 50_000_000)
    response = await _call(site, "batch", bomb, content_encoding="gzip")
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")
    response = await _call(site, "batch", b"plain", content_encoding="gzip")
    assert (response.status_code, response.json()["code"]) == (400, "NOT_GZIP")


async def _shopify(site: Site, topic: str, body: Any, secret: str = SECRETS[0]) -> httpx.Response:
    return await deliver(site, "shopify", topic, body, secret)


LEVEL = {"inventory_item_id": 1, "location_id": 2, "available": 3, "updated_at": AT}


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_webhook_of_shopify_is_signed_by_any_secret(site: Site, secret: str) -> None:
    response = await _shopify(site, "inventory_levels/update", LEVEL, secret)
    assert (response.status_code, response.json()) == (200, {"outcome": "applied"})
    again = await _shopify(site, "inventory_levels/update", LEVEL, secret)
    assert again.json() == {"outcome": "unchanged"}


async def test_what_is_not_signed_so_is_refused(site: Site) -> None:
    response = await _shopify(site, "inventory_levels/update", LEVEL, "another secret")
    assert (response.status_code, response.json()["code"]) == (401, "BAD_SIGNATURE")
    response = await site.client.post("/webhooks/woocommerce", json={"id": 1})
    assert (response.status_code, response.json()["code"]) == (401, "BAD_SIGNATURE")
    for path in ("shopify", "woocommerce"):
        assert (await site.client.get(f"/webhooks/{path}")).status_code == 405


async def test_what_is_signed_is_answered_with_200(site: Site) -> None:
    """Else the shop would send it again and again, and then nothing any more."""
    response = await _shopify(site, "carts/update", {"id": 1})
    assert (response.status_code, response.json()) == (200, {"outcome": "ignored"})
    response = await _shopify(site, "orders/create", {"id": {}})
    assert (response.status_code, response.json()["outcome"]) == (200, "refused")
    assert response.json()["error"]["fields"][0]["path"] == "id"
    response = await _shopify(site, "orders/create", b"{")
    assert (response.status_code, response.json()["code"]) == (400, "NOT_JSON")


async def test_the_ping_of_woocommerce_is_answered(site: Site) -> None:
    response = await site.client.post("/webhooks/woocommerce", data={"webhook_id": "12"})
    assert (response.status_code, response.json()) == (200, {"outcome": "ignored"})


async def test_a_webhook_of_woocommerce_is_signed(site: Site) -> None:
    order = {"id": 5, "status": "completed", "date_modified_gmt": "2024-11-20T10:00:00"}
    response = await deliver(site, "woocommerce", "order.updated", order, SECRETS[1])
    assert (response.status_code, response.json()) == (200, {"outcome": "applied"})
    assert (await site.do("GET", "orders/5"))["status"] == "shipped"


async def _events(site: Site, body: Any, **headers: str) -> Any:
    return await site.api("POST", "events", body, **headers)


STOCK = {
    "specversion": "1.0", "id": "1", "source": "/till", "type": "dyncontent.product.stock",
    "time": AT, "data": {"product": "rome", "stock": 3},
}  # fmt: skip


async def test_cloud_events_in_every_mode(site: Site) -> None:
    later = "2099-01-01T00:00:00Z"
    now = [
        STOCK | {"id": "2", "time": None},
        STOCK | {"id": "3", "time": later},
        STOCK | {"id": "4", "time": None, "data": {"product": "nowhere", "stock": 1}},
    ]
    response = await _events(site, STOCK, content_type="application/cloudevents+json")
    assert response.json() == {
        "taken": 1, "refused": 0, "events": [{"id": "1", "outcome": "unchanged"}]
    }  # fmt: skip
    told = (await _events(site, now, content_type="application/cloudevents-batch+json")).json()
    assert (told["taken"], told["refused"]) == (1, 2)
    assert [event["outcome"] for event in told["events"]] == ["applied", "refused", "refused"]
    assert [event["error"]["code"] for event in told["events"][1:]] == ["FUTURE", "INVALID"]
    assert (await site.do("GET", "products/rome"))["stock"] == 3
    binary = await _events(
        site,
        {"product": "oslo", "stock": 9},
        content_type="application/json",
        ce_specversion="1.0",
        ce_id="5",
        ce_source="/%74ill",
        ce_type="dyncontent.product.stock",
    )
    assert binary.json()["events"] == [{"id": "5", "outcome": "applied"}]
    assert (await site.do("GET", "products/oslo"))["stock"] == 9


async def test_events_of_another_media_type(site: Site) -> None:
    response = await _events(site, b"<xml/>", content_type="application/xml")
    assert (response.status_code, response.json()["code"]) == (415, "MEDIA_TYPE")
    response = await _events(site, orjson.dumps([STOCK] * 2501))
    assert (response.status_code, response.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize("body", [b"null", b'"AAA"', b"7"])
async def test_what_is_no_event_and_no_batch_is_refused(site: Site, body: bytes) -> None:
    response = await _events(site, body)
    assert (response.status_code, response.json()["code"]) == (400, "NOT_AN_OBJECT")

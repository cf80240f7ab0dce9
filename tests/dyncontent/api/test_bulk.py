"""Documents in bulk: as if each was put, with a report of those that were refused."""

import asyncio
from typing import Any

import orjson
import pytest
from starlette.types import Message

from dyncontent.api import bulk as bulk_module
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from tests.dyncontent.api.test_documents import DOCUMENTS
from tests.site import TOKEN, Site

pytestmark = pytest.mark.anyio


async def _bulk(site: Site, kind: str, *lines: Any) -> Any:
    raw = [line if isinstance(line, bytes) else orjson.dumps(line) for line in lines]
    return await site.do("POST", f"{kind}/bulk", b"\n".join(raw))


@pytest.mark.parametrize(("path", "body"), DOCUMENTS)
async def test_what_is_written_in_bulk_is_got(site: Site, path: str, body: dict[str, Any]) -> None:
    kind, _, name = path.partition("/")
    report = await _bulk(site, kind, {"id": name} | body)
    assert report == {"written": 1, "refused": 0, "errors": []}
    assert await site.do("GET", path) == {"id": name} | body


async def test_thousands_are_written_and_the_last_of_an_id_stays(site: Site) -> None:
    people = [{"id": f"r{number % 1500}", "last_name": str(number)} for number in range(2000)]
    assert await _bulk(site, "recipients", *people) == {"written": 2000, "refused": 0, "errors": []}
    assert (await site.do("GET", "recipients/r499"))["last_name"] == "1999"
    assert (await site.do("GET", "recipients/r500"))["last_name"] == "500"


async def test_each_refused_line_is_told_and_the_rest_kept(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"points": "number"}})
    report = await _bulk(
        site,
        "recipients",
        {"id": "a", "attributes": {"points": 1}},
        {"id": "b", "attributes": {"points": "1"}},
        b'{"id": "c"',
        {"first_name": "D"},
        {"id": "e f"},
        {"id": "g", "purchases": {}},
        b'{"id": "h", "attributes": {"x": NaN}}',
        b'{"id": "i", "first_name": "\xff"}',
        b"[]",
        b"",
        b"x" * (1024 * 1024 + 1),
        {"id": "j"},
    )
    assert (report["written"], report["refused"]) == (2, 9)
    told = [(each["line"], each["id"], each["error"]["code"]) for each in report["errors"]]
    assert told == [
        (2, "b", "INVALID"),
        (3, None, "NOT_JSON"),
        (4, None, "INVALID"),
        (5, "e f", "INVALID"),
        (6, "g", "INVALID"),
        (7, None, "NOT_JSON"),
        (8, None, "NOT_JSON"),
        (9, None, "NOT_AN_OBJECT"),
        (11, None, "TOO_LARGE"),
    ]
    assert report["errors"][0]["error"]["fields"] == [
        {"path": "attributes.points", "value": "1", "expected": "number, as it was declared"}
    ]
    assert [fields[0]["path"] for fields in _fields(report, 4, 5, 6)] == ["id", "id", "purchases"]
    for name, status in (("a", 200), ("b", 404), ("g", 404), ("j", 200)):
        assert (await site.api("GET", f"recipients/{name}")).status_code == status


def _fields(report: Any, *lines: int) -> list[Any]:
    return [each["error"]["fields"] for each in report["errors"] if each["line"] in lines]


async def test_pictures_must_be_there_and_links_allowed(site: Site) -> None:
    lines: list[dict[str, Any]] = [
        {"id": "a", "picture": "0" * 32},
        {"id": "b", "link": "https://evil.example/"},
        {"id": "c", "stock": 1},
    ]
    report = await _bulk(site, "products", *lines)
    assert (report["written"], report["refused"]) == (1, 2)
    for line, told in zip(lines, report["errors"], strict=False):
        single = await site.api("PUT", f"products/{line.pop('id')}", line)
        assert told["error"] == single.json()


async def test_purchases_stay(site: Site) -> None:
    at = "2026-11-20T10:00:00Z"
    await site.do("POST", "recipients/aino/purchases", {"product": "p", "at": at})
    await _bulk(site, "recipients", {"id": "aino", "consents": {"tracking": True}})
    stored = await site.do("GET", "recipients/aino")
    assert stored == {"id": "aino", "consents": {"tracking": True}, "purchases": {"p": at}}


async def test_no_purchase_is_lost_while_the_person_is_written(site: Site) -> None:
    bought = [f"p{number}" for number in range(20)]
    await asyncio.gather(
        *(site.do("POST", "recipients/aino/purchases", {"product": name}) for name in bought),
        *(_bulk(site, "recipients", {"id": "aino", "last_name": name}) for name in bought),
    )
    assert set(bought) == set((await site.do("GET", "recipients/aino"))["purchases"])


async def test_a_product_is_fresh_at_the_next_open_and_found_by_its_category(site: Site) -> None:
    shown = await site.colour()
    await _bulk(site, "products", {"id": "rome", "stock": 0})
    assert await site.colour() != shown


async def test_only_the_first_errors_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_module, "MOST_ERRORS", 3)
    report = await _bulk(site, "orders", *[b"{}"] * 5)
    assert report["refused"] == 5
    assert [each["line"] for each in report["errors"]] == [1, 2, 3]


async def test_a_store_that_goes_away_is_told_with_what_is_settled(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all = Catalogue.put_all
    calls = 0

    async def down_later(catalogue: Catalogue, kind: Any, bodies: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StoreError("down")
        return await put_all(catalogue, kind, bodies)

    monkeypatch.setattr(Catalogue, "put_all", down_later)
    monkeypatch.setattr("dyncontent.api.lines.MOST_LINES", 2)
    lines = [{"id": "a"}, b"{", {"id": "b"}, {"id": "c"}, {"id": "d"}]
    raw = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
    response = await site.api("POST", "recipients/bulk", raw)
    told = response.json()
    assert (response.status_code, told["code"], told["settled"]) == (503, "STORE_DOWN", 2)
    assert (told["written"], told["refused"], told["errors"][0]["line"]) == (1, 1, 2)
    assert "line 2" in told["message"]
    assert (await site.api("GET", "recipients/a")).status_code == 200
    assert (await site.api("GET", "recipients/b")).status_code == 404


async def test_of_a_client_that_goes_away_whole_lines_are_written(site: Site) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"id": "a"}\n{"id": "b"}\n{"id"', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(_: Message) -> None:
        pass

    path = "/api/v1/recipients/bulk"
    headers = [(b"authorization", f"Bearer {TOKEN}".encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": headers,
    }
    await site.app(scope, receive, send)
    assert (await site.api("GET", "recipients/a")).status_code == 200
    assert (await site.api("GET", "recipients/b")).status_code == 200


async def test_bulk_is_an_id_too(site: Site) -> None:
    await site.do("PUT", "recipients/bulk", {"first_name": "B"})
    assert (await site.do("GET", "recipients/bulk"))["first_name"] == "B"


async def test_the_store_is_the_same_as_after_single_writes(
    site: Site, store_url: str, prefix: str
) -> None:
    """Indexes and the facts that are provided among it."""
    price = {"amount": "5.00", "currency": "EUR"}
    products = [
        {"id": "a", "category": "x", "price": price, "attributes": {"size": 1}},
        {"id": "b", "category": "x", "price": price, "stock": 2},
        {"id": "a", "category": "y", "price": price},
    ]
    for product in products:
        await _bulk(site, "products", product)
    store = Store(connect(store_url), Keys(prefix))
    keys = store.keys
    asked = [("ZRANGE", keys.category(name, "EUR"), 0, -1) for name in ("x", "y")]
    assert await store.ask(*asked) == [[b"b"], [b"a"]]
    [provided] = await store.ask(("SMEMBERS", keys.provided))
    assert {b"product.attributes.size", b"product.stock"} <= provided
    await store.aclose()

"""Recipients, products, messages, orders."""

import asyncio
from typing import Any

import pytest

from tests import samples
from tests.site import Site

pytestmark = pytest.mark.anyio

DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("products/p", {"title": {"fi": "Öljy", "any": "Oil"}, "stock": 0, "attributes": {"a": 1.5}}),
    ("recipients/r", {"first_name": "Щука", "locale": "et-EE", "time_zone": "Europe/Tallinn"}),
    ("messages/m", {"class": "transactional", "parameters": {"code": "x"}, "order": "A.1~2"}),
    ("orders/o", {"status": "shipped", "expected": "2026-12-01", "tracking": "JJ1"}),
]


@pytest.mark.parametrize(("path", "body"), DOCUMENTS)
async def test_what_is_put_is_got(site: Site, path: str, body: dict[str, Any]) -> None:
    stored = await site.do("PUT", path, body)
    assert stored == await site.do("GET", path)
    assert stored == {"id": path.partition("/")[2]} | body


async def test_put_replaces_and_patch_merges(site: Site) -> None:
    await site.do("PUT", "products/p", {"stock": 3, "category": "a", "attributes": {"x": 1}})
    patched = await site.do("PATCH", "products/p", {"stock": 4, "attributes": {"y": 2}})
    assert patched == {"id": "p", "stock": 4, "category": "a", "attributes": {"x": 1, "y": 2}}
    removed = await site.do("PATCH", "products/p", {"category": None, "attributes": {"x": None}})
    assert removed == {"id": "p", "stock": 4, "attributes": {"y": 2}}
    assert await site.do("PUT", "products/p", {"stock": 5}) == {"id": "p", "stock": 5}


async def test_patches_of_different_fields_at_once_are_all_kept(site: Site) -> None:
    await site.do("PUT", "products/p", {})
    patches = [{"attributes": {f"a{number}": number}} for number in range(40)]
    await asyncio.gather(*(site.do("PATCH", "products/p", patch) for patch in patches))
    stored = await site.do("GET", "products/p")
    assert stored["attributes"] == {f"a{number}": number for number in range(40)}


async def test_all_purchases_of_one_person_at_once_are_kept(site: Site) -> None:
    bought = [f"p{number}" for number in range(40)]
    await asyncio.gather(
        *(site.do("POST", "recipients/aino/purchases", {"product": name}) for name in bought)
    )
    assert sorted((await site.do("GET", "recipients/aino"))["purchases"]) == sorted(bought)


async def test_the_last_seats_are_sold_once_each(site: Site) -> None:
    await site.do("PUT", "products/p", {"stock": 15})
    sold = await asyncio.gather(
        *(site.api("POST", "products/p/stock", {"change": -1}) for _ in range(40))
    )
    assert sorted(response.status_code for response in sold) == [200] * 15 + [409] * 25
    assert (await site.do("GET", "products/p"))["stock"] == 0


async def test_a_stock_is_set_or_changed(site: Site) -> None:
    await site.do("PUT", "products/p", {})
    unknown = await site.api("POST", "products/p/stock", {"change": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "STOCK")
    assert (await site.do("POST", "products/p/stock", {"set": 7}))["stock"] == 7
    assert (await site.do("POST", "products/p/stock", {"change": 3}))["stock"] == 10


async def test_a_new_profile_keeps_the_purchases(site: Site) -> None:
    at = "2026-11-20T10:00:00Z"
    await site.do("POST", "recipients/aino/purchases", {"product": "p", "at": at})
    await site.do("PUT", "recipients/aino", {"first_name": "A"})
    await site.do("PATCH", "recipients/aino", {"last_name": "B"})
    assert await site.do("GET", "recipients/aino") == {
        "id": "aino",
        "first_name": "A",
        "last_name": "B",
        "purchases": {"p": at},
    }


async def test_a_purchase_is_no_part_of_a_profile(site: Site) -> None:
    response = await site.api("PATCH", "recipients/aino", {"purchases": {}})
    assert response.json()["fields"][0]["path"] == "purchases"


async def test_a_purchase_can_be_taken_back(site: Site) -> None:
    await site.do("POST", "recipients/aino/purchases", {"product": "p"})
    await site.do("DELETE", "recipients/aino/purchases/p")
    assert "purchases" not in await site.do("GET", "recipients/aino")


KINDS = ("products", "messages", "orders", "recipients")
BODIES = {
    "products": {"stock": 1},
    "messages": {"class": "marketing"},
    "orders": {"status": "packed"},
    "recipients": {"first_name": "Aino"},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_documents_are_listed_as_they_are_read(site: Site, kind: str) -> None:
    for number in range(5):
        await site.do("PUT", f"{kind}/n{number}", BODIES[kind])
    listed: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await site.do("GET", f"{kind}?limit=2{cursor}")
        assert len(page[kind]) <= 2
        listed += page[kind]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({one["id"] for one in listed}) == len(listed)
    for number in range(5):
        assert await site.do("GET", f"{kind}/n{number}") in listed


@pytest.mark.parametrize("cursor", ["x", "MDpyb21l!", "YTpy", "Oi4u", "OTk5OmE"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_cursor_of_no_page_is_refused(site: Site, kind: str, cursor: str) -> None:
    refused = await site.api("GET", f"{kind}?cursor={cursor}")
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "cursor")


@pytest.mark.parametrize("kind", KINDS[:-1])
async def test_what_is_deleted_is_gone(site: Site, kind: str) -> None:
    await site.do("PUT", f"{kind}/n", BODIES[kind])
    gone = await site.api("DELETE", f"{kind}/n")
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert (await site.api(method, f"{kind}/n")).status_code == 404
    assert "n" not in [one["id"] for one in (await site.do("GET", kind))[kind]]


async def test_a_deleted_product_is_sold_no_more(site: Site) -> None:
    assert await site.colour() == samples.RED
    assert (await site.api("DELETE", "products/rome")).status_code == 204
    assert await site.colour() == samples.GREY
    preview = await site.do(
        "POST", "previews", {"block": "trip", "recipient": "aino", "message": "spring"}
    )
    assert preview["decision"]["detail"] == "FACT_MISSING"


@pytest.mark.parametrize("depth", [60, 300, 900])
@pytest.mark.parametrize(("opened", "closed"), [('{"a":', "}"), ("[", "]")])
async def test_a_patch_that_is_nested_deeply_is_refused(
    site: Site, depth: int, opened: str, closed: str
) -> None:
    body = f'{{"attributes": {opened * depth}1{closed * depth}}}'.encode()
    refused = await site.api("PATCH", "products/rome", body)
    assert refused.status_code == 422

"""Product feeds through the control plane."""

from pathlib import Path

import pytest
from starlette.types import Message, Receive

from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from tests.answering import Conversation, answering
from tests.dyncontent.feeds.support import Shop, table
from tests.site import TOKEN, Site, running_site, site_settings

pytestmark = pytest.mark.anyio
FEED = {"title": "Shop", "currency": "EUR", "every": "PT1H", "url": "https://shop.example/f.csv"}


async def test_a_definition_is_put_got_listed_and_forgotten(site: Site) -> None:
    made = await site.api("PUT", "feeds/shop", FEED, if_none_match="*")
    assert made.json() == {"id": "shop", "feed": FEED, "state": {}}
    got = await site.api("GET", "feeds/shop")
    assert (got.json(), got.headers["etag"]) == (made.json(), made.headers["etag"])
    await site.do("PUT", "feeds/b2b", {})
    page = await site.do("GET", "feeds?limit=1")
    assert [feed["id"] for feed in page["feeds"]] == ["b2b"]
    page = await site.do("GET", f"feeds?cursor={page['next_cursor']}")
    assert ([feed["id"] for feed in page["feeds"]], page["next_cursor"]) == (["shop"], None)
    assert (await site.api("PUT", "feeds/shop", {}, if_match='"x"')).status_code == 412
    assert (await site.api("DELETE", "feeds/shop", if_match='"x"')).status_code == 412
    assert (await site.api("DELETE", "feeds/shop")).status_code == 204
    for method, path in (("GET", "feeds/shop"), ("DELETE", "feeds/shop"), ("GET", "feeds/no/runs")):
        assert (await site.api(method, path)).status_code == 404


@pytest.mark.parametrize(
    ("definition", "path", "expected"),
    [
        ({"every": "PT1H"}, "", "every needs a url"),
        ({"url": "https://a:b@shop.example/"}, "", "holds no name and password"),
        ({"url": "ftp://x"}, "url", "a web address"),
        ({"every": "PT1M", "url": "https://x"}, "every", "from PT5M to P31D"),
        ({"every": "P1M", "url": "https://x"}, "every", "from PT5M to P31D"),
        ({"every": "hourly", "url": "https://x"}, "every", "a duration"),
        ({"columns": {"colour": "x"}}, "columns", "'id'"),
        ({"currency": "euro"}, "currency", "a currency such as EUR"),
        ({"link_prefix": "https://evil.example/"}, "link_prefix", "allowed hosts"),
        ({"removal_limit": {"percent": 101}}, "removal_limit.percent", "100"),
        ({"encoding": "utf-7"}, "encoding", "'utf-8'"),
    ],
)
async def test_a_definition_that_is_wrong_is_told(
    site: Site, definition: object, path: str, expected: str
) -> None:
    response = await site.api("PUT", "feeds/shop", definition)
    assert response.status_code == 422
    [field] = response.json()["fields"]
    assert field["path"].startswith(path)
    assert expected in field["expected"]


async def test_a_file_is_previewed_and_imported(site: Site) -> None:
    await site.do("PUT", "feeds/shop", {})
    preview = await site.do("POST", "feeds/shop/preview", table("a", "b"))
    assert (preview["outcome"], preview["counts"]["new"]) == ("previewed", 2)
    assert (await site.api("GET", "products/a")).status_code == 404
    report = await site.do("POST", "feeds/shop/import", table("a", "b"))
    assert (report["outcome"], report["problem"]) == ("written", None)
    assert (await site.do("GET", "products/a"))["stock"] == 5
    runs = await site.do("GET", "feeds/shop/runs")
    assert runs == {"id": "shop", "runs": [report]}
    assert (await site.do("GET", "feeds/shop"))["state"] == {"seen_at": preview["at"]}
    counted = (await site.client.get("/metrics")).text
    assert 'dyncontent_feed_runs_total{outcome="written"} 1.0' in counted


async def test_what_is_not_imported_says_why(site: Site) -> None:
    await site.do("PUT", "feeds/shop", {})
    names = [f"p{number}" for number in range(10)]
    await site.do("POST", "feeds/shop/import", table(*names))
    for body, status, code in (
        (table("p0"), 409, "REMOVAL_LIMIT"),
        (b"", 422, "EMPTY_FEED"),
        (b"<rss>", 422, "BROKEN_FEED"),
        (b"title\nx\n", 422, "NO_ID_COLUMN"),
        (b"id" + b"," * 1000, 413, "TOO_LARGE"),
    ):
        response = await site.api("POST", "feeds/shop/import", body)
        told = response.json()
        assert (response.status_code, told["code"], told["status"]) == (status, code, status)
        assert told["report"]["outcome"] == "refused"
        preview = await site.do("POST", "feeds/shop/preview", body or b" ")
        assert preview["problem"]["code"] == code
    report = await site.do("POST", "feeds/shop/import?force=true", table("p0"))
    assert report["counts"]["retired"] == 9
    response = await site.api("POST", "feeds/shop/import?force=yes", table("p0"))
    assert response.json()["fields"][0]["path"] == "force"


async def test_a_retired_product_is_sold_out_at_the_next_open(site: Site) -> None:
    rome = b"rome,Rome,990.00 EUR,30\noslo,Oslo,400.00 EUR,5\nriga,Riga,900.00 EUR,5\n"
    await site.do("PUT", "feeds/shop", {})
    await site.do("POST", "feeds/shop/import", b"id,title,price,stock\nparis,P,1 EUR,3\n" + rome)
    assert (await site.do("GET", "products/rome"))["stock"] == 30
    before = await site.colour()
    await site.do("PATCH", "products/rome", {"retired": True})
    assert await site.colour() != before
    await site.do("POST", "feeds/shop/import", b"id,title,price,stock\nparis,P,1 EUR,3\n" + rome)
    assert await site.colour() == before


async def test_without_a_file_there_is_nothing_to_preview(site: Site) -> None:
    await site.do("PUT", "feeds/shop", {})
    response = await site.api("POST", "feeds/shop/preview")
    assert response.status_code == 422
    assert "the file as the body" in response.json()["fields"][0]["expected"]
    assert (await site.api("POST", "feeds/none/preview", b"x")).status_code == 404
    assert (await site.api("POST", "feeds/none/import", b"x")).status_code == 404


async def test_a_preview_can_fetch_the_address(tmp_path: Path, prefix: str, store_url: str) -> None:
    async with answering(_send_a_table) as server:
        settings = site_settings(tmp_path, prefix, outgoing_allow=(server.place,))
        async with running_site(settings, store_url) as site:
            await site.do("PUT", "feeds/shop", {"url": server.url()})
            report = await site.do("POST", "feeds/shop/preview")
    assert (report["counts"]["new"], report["problem"]) == (1, None)


async def test_an_address_that_may_not_be_reached_is_told(site: Site) -> None:
    await site.do("PUT", "feeds/shop", {"url": "https://127.0.0.1/feed.csv"})
    response = await site.api("POST", "feeds/shop/preview")
    assert (response.status_code, response.json()["code"]) == (502, "NOT_FETCHED")


async def test_a_feed_that_is_being_imported_is_told(site: Site, store_url: str) -> None:
    await site.do("PUT", "feeds/shop", {})
    shop = Shop(Store(connect(store_url), Keys(site.settings.store_prefix)))
    async with shop.feeds.alone("shop"):
        response = await site.api("POST", "feeds/shop/import", table("a"))
    assert (response.status_code, response.json()["code"]) == (409, "FEED_BUSY")
    assert response.headers["retry-after"] == "10"
    await shop.store.aclose()


async def test_of_a_client_that_goes_away_nothing_is_written(site: Site) -> None:
    await site.do("PUT", "feeds/shop", {})
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/feeds/shop/import",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
    }

    async def send(_: Message) -> None:
        pass

    begun = {"type": "http.request", "body": table("a"), "more_body": True}
    await site.app(scope, _receive(begun, {"type": "http.disconnect"}), send)
    assert (await site.api("GET", "products/a")).status_code == 404
    assert (await site.do("POST", "feeds/shop/import", table("a")))["outcome"] == "written"


async def _send_a_table(asked: Conversation) -> None:
    await asked.answer("200 OK", table("a"), content_type="text/csv")


def _receive(*messages: Message) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    return receive

"""The pages of the demo."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from dyncontent.delivery.click import NOTICE
from dyncontent.demo.load import write_summary
from dyncontent.demo.pages import routes

pytestmark = pytest.mark.anyio

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=routes(tmp_path)))
    return httpx.AsyncClient(transport=transport, base_url="http://demo")


async def test_before_it_is_loaded_the_inbox_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/demo/")
    assert response.status_code == 503
    assert "being loaded" in response.text


async def test_the_inbox_shows_each_picture_as_a_link(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    entry = {"recipient": "aino", "message": "m", "locale": "fi", "image": "/i/a", "click": "/c/a"}
    write_summary(tmp_path, "http://host", "a-token", {"a": [entry]})
    page = await client.get("/demo/")
    assert '<a href="/c/a"' in page.text
    assert '<img src="/i/a"' in page.text
    assert "a-token" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_blocks_of_one_message_stand_in_one_email_with_the_steps_that_change_it(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    def entry(block: str, message: str) -> dict[str, str]:
        urls = {"image": f"/i/{block}-{message}", "click": f"/c/{block}-{message}"}
        return {"recipient": "aino", "message": message, "locale": "fi"} | urls

    blocks = {
        "invoice": [entry("invoice", "m"), entry("invoice", "n")],
        "cart": [entry("cart", "m")],
    }
    write_summary(tmp_path, "http://host", "a-token", blocks)
    page = (await client.get("/demo/")).text
    assert page.count("<article>") == page.count("</article>") == 2
    first, second = page.split("<article>")[1:]
    assert "/i/invoice-m" in first
    assert "/i/cart-m" in first
    assert "/i/invoice-n" in second
    assert "make step STEP=invoice-is-paid" in page
    assert "she-buys-the-cart" not in page


async def test_what_is_shown_stays_text(client: httpx.AsyncClient, tmp_path: Path) -> None:
    entry = dict.fromkeys(("recipient", "message", "locale", "image", "click"), EVIL)
    write_summary(tmp_path, "http://host", "a-token", {EVIL: [entry]})
    for path in ("/demo/", f"/demo/shop/{EVIL}"):
        assert "<script>" not in (await client.get(path)).text


async def test_the_shop_says_when_the_offer_has_ended(client: httpx.AsyncClient) -> None:
    assert "has ended" not in (await client.get("/demo/shop/trips/rome")).text
    assert "has ended" in (await client.get(f"/demo/shop/trips/rome?a=1&{NOTICE}")).text

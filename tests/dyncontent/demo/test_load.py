"""The demo's definitions, loaded through the control plane."""

from importlib.resources import files
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.demo.load import SCENARIOS, Loader, LoadError
from tests.renderers.html.support import Reader, amp_problems
from tests.site import BASE_URL, TOKEN, Site

pytestmark = pytest.mark.anyio

LANGUAGES = {"fi", "et", "ru", "en"}


@pytest.fixture
def client(site: Site) -> httpx.AsyncClient:
    site.client.headers["authorization"] = f"Bearer {TOKEN}"
    return site.client


async def test_a_second_load_changes_no_block(client: httpx.AsyncClient, site: Site) -> None:
    first = await Loader(client, f"{BASE_URL}/demo/shop").load()
    assert await Loader(client, f"{BASE_URL}/demo/shop").load() == first
    for block in SCENARIOS:
        assert (await site.do("GET", f"blocks/{block}"))["published_version"] == 1


async def test_a_load_puts_the_facts_back(client: httpx.AsyncClient, site: Site) -> None:
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    await site.do("POST", "recipients/aino/purchases", {"product": "home-insurance"})
    await site.do("PATCH", "products/vip-trip", {"stock": 0})
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    assert "purchases" not in await site.do("GET", "recipients/aino")
    assert (await site.do("GET", "products/vip-trip"))["stock"] == 30


async def test_the_trip_is_told_in_html_to_each_in_their_language(
    client: httpx.AsyncClient, site: Site
) -> None:
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    for person, language, title in (
        ("aino", "fi", "Rooma iltavalossa"),
        ("mart", "et", "Rooma õhtuvalguses"),
        ("olga", "ru", "Рим в вечернем свете"),
        ("emma", "en", "Rome in the evening light"),
    ):
        asked = {"block": "vip-trip", "recipient": person, "message": "spring-trips"}
        url = (await site.do("POST", "links", asked))["html"]
        found = Reader((await client.get(url)).text)
        assert found.text("h2") == title
        assert {attributes["lang"] for _, attributes in found.elements if "lang" in attributes} == {
            language
        }
        assert amp_problems((await client.get(f"{url}&format=amp")).text) == []


async def test_what_the_server_refuses_is_said(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    with pytest.raises(LoadError, match="UNAUTHORIZED"):
        await Loader(client, f"{BASE_URL}/demo/shop").load()


def _texts(value: Any) -> list[dict[str, str]]:
    """All the texts in several languages in a definition."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, dict):
        return []
    if value.keys() & LANGUAGES:
        return [value]
    return [text for item in value.values() for text in _texts(item)]


@pytest.mark.parametrize("name", [*(f"blocks/{block}.json" for block in SCENARIOS), "facts.json"])
async def test_every_text_is_in_every_language(name: str) -> None:
    texts = _texts(orjson.loads((files("dyncontent.demo") / name).read_bytes()))
    assert texts
    for text in texts:
        assert set(text) == LANGUAGES
        assert all(text.values())

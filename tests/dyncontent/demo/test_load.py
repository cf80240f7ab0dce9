"""The demo's definitions, loaded through the control plane."""

import base64
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from typing import Any

import httpx
import orjson
import pytest
import zxingcpp
from PIL import Image

from dyncontent.demo.load import SCENARIOS, TICKET_ORDER, Loader, LoadError, cloud_event
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


async def test_what_happened_can_happen_again_after_a_load(
    client: httpx.AsyncClient, site: Site
) -> None:
    """Orders are known by their ids, and refunds stay with them."""
    bought = {"order": "A-2001", "recipient": "aino", "products": ["mugs-aamu"]}
    returned = {"order": TICKET_ORDER}
    for _ in range(2):
        await Loader(client, f"{BASE_URL}/demo/shop").load()
        assert len((await site.do("GET", "recipients/aino"))["cart"]) == 3
        assert "winter-concert" in (await site.do("GET", "recipients/emma"))["purchases"]
        for event in (cloud_event("order.placed", bought), cloud_event("order.refunded", returned)):
            assert (await site.do("POST", "events", event))["events"][0]["outcome"] == "applied"
        aino = await site.do("GET", "recipients/aino")
        assert len(aino["cart"]) == 2
        assert set(aino["purchases"]) == {"mugs-aamu"}
        assert "purchases" not in await site.do("GET", "recipients/emma")


async def test_an_order_that_is_refused_is_said(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dyncontent.demo.load.cloud_event", lambda kind, _: cloud_event(kind, {"order": "T-4001"})
    )
    with pytest.raises(LoadError, match="recipient"):
        await Loader(client, f"{BASE_URL}/demo/shop").load()


async def test_days_are_counted_from_the_loading(client: httpx.AsyncClient, site: Site) -> None:
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    today = datetime.now(UTC).date()
    attributes = (await site.do("GET", "recipients/olga"))["attributes"]
    assert abs(date.fromisoformat(attributes["service_due"]) - today - timedelta(days=9)).days <= 1
    booked = datetime.fromisoformat(attributes["service_booked"])
    assert (booked.hour, booked.utcoffset()) == (14, timedelta(hours=2))


async def test_types_of_attributes_are_added_to_those_that_there_are(
    client: httpx.AsyncClient, site: Site
) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    types = await site.do("GET", "attributes")
    assert types["recipient"]["plan"] == "text"
    assert types["recipient"]["service_due"] == "date"


async def test_no_block_is_saved_with_a_warning(client: httpx.AsyncClient, site: Site) -> None:
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    for block in SCENARIOS:
        assert (await site.do("GET", f"blocks/{block}")).get("warnings", []) == []


async def test_what_pays_an_invoice_is_read_by_a_bank(
    client: httpx.AsyncClient, site: Site
) -> None:
    """EPC069-12, version 002: a credit transfer in euros, with a creditor reference."""
    await Loader(client, f"{BASE_URL}/demo/shop").load()
    asked = {"block": "invoice", "recipient": "emma", "message": "invoice-L-3004"}
    preview = await site.do("POST", "previews", asked)
    with Image.open(BytesIO(base64.b64decode(preview["picture"].partition(",")[2]))) as image:
        [code] = zxingcpp.read_barcodes(image.convert("RGB"))
    service, version, characters, kind, bic, name, iban, amount, purpose, reference = (
        code.text.split("\n")
    )
    assert (service, version, characters, kind) == ("BCD", "002", "1", "SCT")
    assert (bic, name, purpose) == ("", "Lumi Oy", "")
    assert amount == "EUR1064.00"
    for account in (iban, reference):  # ISO 13616 and ISO 11649: both by ISO 7064, MOD 97-10
        moved = account[4:] + account[:4]
        assert int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


@pytest.mark.parametrize("block", ["cart", "event"])
async def test_marketing_is_for_those_who_consent(
    client: httpx.AsyncClient, site: Site, block: str
) -> None:
    scenarios = await Loader(client, f"{BASE_URL}/demo/shop").load()
    for entry in scenarios[block]:
        asked = {"block": block, "recipient": entry["recipient"], "message": entry["message"]}
        await site.do(
            "PATCH", f"recipients/{entry['recipient']}", {"consents": {"marketing": False}}
        )
        decision = (await site.do("POST", "previews", asked))["decision"]
        assert (decision["variant"], decision["detail"]) == (None, "CONSENT_MISSING")


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

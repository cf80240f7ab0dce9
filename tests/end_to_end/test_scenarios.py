"""The scenarios of the demo, walked through HTTP alone: one server process, a real Valkey."""

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from redis import Redis

from dyncontent.demo import steps
from dyncontent.store.embedded import embedded_store
from tests.processes import Demo, running_demo

ENDED = "dyncontent=offer-ended"
PEOPLE = {"aino": "fi", "mart": "et", "olga": "ru", "emma": "en"}
FORMS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF"}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def demo(started: Demo) -> Demo:
    """The demo with its facts as they were at the beginning."""
    started.do("PATCH", "products/vip-trip", {"stock": 30})
    for product, stock in (("florence", 6), ("lisbon", 12), ("barcelona", 1)):
        started.do("PATCH", f"products/{product}", {"stock": stock})
    for person in PEOPLE:
        bought = started.do("GET", f"recipients/{person}").get("purchases", {})
        for product in bought:
            started.do("DELETE", f"recipients/{person}/purchases/{product}")
    for order in ("A-1001", "A-1002", "A-1003", "A-1004"):
        started.do("PATCH", f"orders/{order}", {"status": "received"})
    return started


def _open(demo: Demo, block: str, recipient: str) -> bytes:
    """The served picture, which must be valid and of the type that its URL says."""
    url = demo.entry(block, recipient)["image"]
    response = demo.client.get(url)
    assert response.status_code == 200
    assert "no-store" in response.headers["cache-control"]
    extension = url.partition("?")[0].rpartition(".")[2]
    with Image.open(BytesIO(response.content)) as image:
        image.load()
        assert image.format == FORMS[extension]
    return response.content


def _sees(demo: Demo, block: str, recipient: str) -> Any:
    """What this person is shown: the preview, whose picture an open really serves."""
    preview = demo.preview(block, recipient)
    assert base64.b64decode(preview["picture"].partition(",")[2]) == _open(demo, block, recipient)
    return preview


def _variant(demo: Demo, block: str, recipient: str) -> tuple[str | None, str | None]:
    decision = _sees(demo, block, recipient)["decision"]
    return decision["variant"], decision["offer"]


def _click(demo: Demo, block: str, recipient: str) -> str:
    response = demo.client.get(demo.entry(block, recipient)["click"])
    assert response.status_code == 302
    page = demo.client.get(response.headers["location"])
    assert page.status_code == 200
    return response.headers["location"].removeprefix(f"{demo.base_url}/demo/shop")


def test_every_scenario_has_its_people(demo: Demo) -> None:
    assert set(demo.scenarios) == {"home-insurance", "vip-trip", "order-status"}
    for entries in demo.scenarios.values():
        assert {entry["recipient"]: entry["locale"] for entry in entries} == PEOPLE


@pytest.mark.parametrize("person", PEOPLE)
def test_home_insurance(demo: Demo, person: str) -> None:
    """Offered; bought: thanks and the life insurance; both: a plain thank-you."""
    block = "home-insurance"
    assert _variant(demo, block, person) == ("home", "home-insurance")
    assert _click(demo, block, person) == "/insurance/home"
    _open(demo, block, person)
    demo.do("POST", f"recipients/{person}/purchases", {"product": "home-insurance"})
    assert _click(demo, block, person) == f"/insurance/life?{ENDED}"
    assert _variant(demo, block, person) == ("life", "life-insurance")
    assert _click(demo, block, person) == "/insurance/life"
    demo.do("POST", f"recipients/{person}/purchases", {"product": "life-insurance"})
    assert _variant(demo, block, person) == ("thanks", None)
    assert _click(demo, block, person) == "/insurance/mine"


@pytest.mark.parametrize("person", PEOPLE)
def test_vip_trip(demo: Demo, person: str) -> None:
    """The seats left now; sold out: the most similar with seats; all sold out: the fallback."""
    block = "vip-trip"
    assert _variant(demo, block, person) == ("vip", "vip-trip")
    thirty = _open(demo, block, person)
    demo.do("PATCH", "products/vip-trip", {"stock": 1})
    assert _open(demo, block, person) != thirty
    assert _click(demo, block, person) == "/trips/rome"
    demo.do("POST", "products/vip-trip/stock", {"change": -1})
    assert _click(demo, block, person) == f"/trips/florence?{ENDED}"
    for offer in ("florence", "barcelona", "lisbon"):  # its alternative, then by nearest price
        assert _variant(demo, block, person) == ("similar", offer)
        assert _click(demo, block, person) == f"/trips/{offer}"
        demo.do("PATCH", f"products/{offer}", {"stock": 0})
    assert _variant(demo, block, person) == (None, None)
    assert _click(demo, block, person) == "/trips"


@pytest.mark.parametrize("person", PEOPLE)
def test_order_status(demo: Demo, person: str) -> None:
    block = "order-status"
    order = demo.entry(block, person)["message"].removeprefix("order-")
    pictures = set()
    for status in ("received", "packed", "shipped", "delivered"):
        demo.do("PATCH", f"orders/{order}", {"status": status})
        assert _variant(demo, block, person) == (status, None)
        pictures.add(_open(demo, block, person))
    assert len(pictures) == 4
    demo.do("PATCH", f"orders/{order}", {"status": "shipped", "tracking": None})
    assert _variant(demo, block, person) == ("shipped-without-details", None)
    demo.do("PATCH", f"orders/{order}", {"tracking": "JJFI6001"})
    assert _click(demo, block, person) == "/orders"


@pytest.mark.parametrize("block", ["home-insurance", "vip-trip", "order-status"])
def test_each_speaks_their_own_language(demo: Demo, block: str) -> None:
    told = {person: _sees(demo, block, person) for person in PEOPLE}
    assert {person: seen["locale"] for person, seen in told.items()} == PEOPLE
    assert len({seen["alt"] for seen in told.values()}) == len(PEOPLE)


def test_two_people_interleaved_each_see_and_follow_their_own(demo: Demo) -> None:
    block = "home-insurance"
    assert _variant(demo, block, "aino") == ("home", "home-insurance")
    assert _variant(demo, block, "mart") == ("home", "home-insurance")
    demo.do("POST", "recipients/aino/purchases", {"product": "home-insurance"})
    assert _variant(demo, block, "mart") == ("home", "home-insurance")
    assert _variant(demo, block, "aino") == ("life", "life-insurance")
    assert _click(demo, block, "mart") == "/insurance/home"
    assert _click(demo, block, "aino") == "/insurance/life"
    assert _open(demo, block, "mart") != _open(demo, block, "aino")


def test_no_marketing_after_the_consent_is_withdrawn(demo: Demo) -> None:
    assert _variant(demo, "vip-trip", "emma") == ("vip", "vip-trip")
    demo.do("PATCH", "recipients/emma", {"consents": {"marketing": False}})
    assert _variant(demo, "vip-trip", "emma") == (None, None)
    assert _variant(demo, "order-status", "emma")[0] == "received"
    demo.do("PATCH", "recipients/emma", {"consents": {"marketing": True}})


def test_the_steps_that_the_demo_tells_of(demo: Demo) -> None:
    steps.take("last-seat-sells", demo.data_dir)
    assert _variant(demo, "vip-trip", "aino") == ("similar", "florence")
    steps.take("she-buys-the-insurance", demo.data_dir)
    assert _variant(demo, "home-insurance", "aino") == ("life", "life-insurance")
    steps.take("parcel-ships", demo.data_dir)
    assert _variant(demo, "order-status", "aino") == ("packed", None)


def test_the_pages_of_the_demo(demo: Demo) -> None:
    inbox = demo.client.get(f"{demo.base_url}/demo/")
    assert inbox.status_code == 200
    for entries in demo.scenarios.values():
        for entry in entries:
            assert entry["image"].replace("&", "&amp;") in inbox.text
    shop = f"{demo.base_url}/demo/shop/trips/%3Cscript%3E"
    assert "<script>" not in demo.client.get(shop).text
    assert "has ended" not in demo.client.get(shop).text
    assert "has ended" in demo.client.get(f"{shop}?{ENDED}").text


def test_redis_stops_and_starts_again_under_requests(tmp_path: Path) -> None:
    """Every answer is a valid picture, before, while and after."""
    data = tmp_path / "store"
    running = embedded_store(data)
    url = running.__enter__()
    with running_demo(tmp_path, DYNCONTENT_STORE_URL=url) as demo:
        entries = [entry for block in demo.scenarios.values() for entry in block]
        for block, people in demo.scenarios.items():
            for entry in people:
                _open(demo, block, entry["recipient"])
        stop = threading.Event()
        statuses: list[int] = []

        def keep_opening() -> None:
            with httpx.Client(trust_env=False, timeout=30) as client:
                while not stop.is_set():
                    for entry in entries:
                        image = client.get(entry["image"])
                        Image.open(BytesIO(image.content)).load()
                        statuses.append(image.status_code)
                        statuses.append(client.get(entry["click"]).status_code - 102)

        with ThreadPoolExecutor(2) as pool:
            openers = [pool.submit(keep_opening) for _ in range(2)]
            running.__exit__(None, None, None)
            stopped_at = len(statuses)
            while len(statuses) < stopped_at + 100:
                assert not any(opener.done() for opener in openers)
            assert _opens(demo)["STORE_DOWN"] > 0
            with embedded_store(data):
                started_at = len(statuses)
                while len(statuses) < started_at + 100:
                    assert not any(opener.done() for opener in openers)
                stop.set()
                for opener in openers:
                    opener.result()
                assert set(statuses) == {200}
                assert _variant(demo, "vip-trip", "aino") == ("vip", "vip-trip")
                demo.do("PATCH", "products/vip-trip", {"stock": 0})
                assert _variant(demo, "vip-trip", "aino") == ("similar", "florence")
                demo.stop()


def _opens(demo: Demo) -> dict[str, float]:
    lines = demo.client.get(f"{demo.base_url}/metrics").text.splitlines()
    return {
        line.partition('detail="')[2].partition('"')[0]: float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith("dyncontent_opens_total")
    }


def test_nothing_that_was_accepted_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        demo.do("PATCH", "products/vip-trip", {"stock": 0})
        _open(demo, "vip-trip", "aino")
        demo.process.kill()
        demo.process.wait(30)
    # the demo itself would load its facts anew
    with (
        embedded_store(tmp_path / "var") as url,
        Redis.from_url(url, decode_responses=True) as store,
    ):
        assert '"stock":0' in str(store.get("{dyncontent}:product:vip-trip"))
        events = [fields["event"] for _, fields in store.xrange("dyncontent:events")]
        assert any('"offer":"florence"' in event for event in events)
        shown = store.hget("dyncontent:shown:aino:spring-trips", "vip-trip")
        assert shown == '[1,"similar","florence"]'

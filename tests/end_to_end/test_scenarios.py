"""The scenarios of the demo, walked through HTTP alone: one server process, a real Valkey."""

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image
from redis import Redis

from dyncontent.demo import steps
from dyncontent.demo.load import SCENARIOS
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
    for order in ("A-2001", "A-2002", "A-2003", "A-2004"):
        started.do("PATCH", f"orders/{order}", {"status": "cancelled"})
    for product in ("lamp-kajo", "lamp-valo", "blanket-utu", "mugs-aamu", "winter-concert"):
        started.do("PATCH", f"products/{product}", {"stock": 20})
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


def _day(off: int, zone: str = "UTC") -> str:
    """So many days from today, where a person is."""
    return str(datetime.now(ZoneInfo(zone)).date() + timedelta(days=off))


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
    assert set(demo.scenarios) == set(SCENARIOS)
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


def _told(demo: Demo, block: str, person: str) -> tuple[str | None, str]:
    """What is shown, and where a click on it leads; the picture is really served."""
    variant = _variant(demo, block, person)[0]
    return variant, _click(demo, block, person)


@pytest.mark.parametrize("person", PEOPLE)
def test_cart(demo: Demo, person: str) -> None:
    """What is in it now; sold out: crossed out, with an alternative; bought: the order's state."""
    block = "cart"
    cart = ["lamp-kajo", {"product": "blanket-utu", "quantity": 2}]
    demo.do("PATCH", f"recipients/{person}", {"cart": cart})
    assert _told(demo, block, person) == ("cart", "/cart")
    alt, picture = _sees(demo, block, person)["alt"], _open(demo, block, person)
    assert "218" in alt  # 89.00 + 2 x 64.90
    demo.do("PATCH", "products/lamp-kajo", {"price": {"amount": "99.00", "currency": "EUR"}})
    assert "228" in _sees(demo, block, person)["alt"]
    demo.do("PATCH", "products/lamp-kajo", {"price": {"amount": "89.00", "currency": "EUR"}})
    assert _open(demo, block, person) == picture
    demo.do("POST", "products/lamp-kajo/stock", {"set": 0})
    assert _told(demo, block, person) == ("sold-out", "/cart")
    with_alternative = _open(demo, block, person)
    demo.do("PATCH", "products/lamp-valo", {"stock": 0})
    assert _variant(demo, block, person)[0] == "sold-out"
    assert _open(demo, block, person) not in (picture, with_alternative)
    demo.do("PATCH", "products/blanket-utu", {"stock": 0})
    assert _told(demo, block, person) == ("sold-out", "/cart")
    demo.do("PATCH", f"recipients/{person}", {"cart": []})
    assert _told(demo, block, person) == (None, "/cart")
    order = f"A-200{1 + list(PEOPLE).index(person)}"
    pictures = set()
    for status in ("received", "packed", "shipped", "delivered"):
        demo.do("PATCH", f"orders/{order}", {"status": status})
        assert _told(demo, block, person) == (f"bought-{status}", "/orders")
        assert order in _sees(demo, block, person)["alt"]
        pictures.add(_open(demo, block, person))
    assert len(pictures) == 4


@pytest.mark.parametrize("person", PEOPLE)
def test_maintenance(demo: Demo, person: str) -> None:
    """Due: a link to do it oneself and one to a technician; booked, overdue, done."""

    zone = demo.do("GET", f"recipients/{person}")["time_zone"]

    def is_so(**days: int | None) -> None:
        said = {name: None if off is None else _day(off, zone) for name, off in days.items()}
        if days.get("service_booked") is not None:
            said["service_booked"] = f"{said['service_booked']}T10:00:00Z"
        demo.do("PATCH", f"recipients/{person}", {"attributes": said})

    def shown() -> dict[str | None, str]:
        return dict(_told(demo, f"maintenance{more}", person) for more in ("", "-technician"))

    is_so(service_due=12, service_booked=None, service_done=None)
    assert shown() == {"due": "/service/guide", "book": "/service/book"}
    assert "12" in _sees(demo, "maintenance", person)["alt"]
    is_so(service_booked=3)
    assert shown() == {"booked": "/service/appointment"}
    is_so(service_due=-2, service_booked=None)
    assert shown() == {"overdue": "/service/guide", "book": "/service/book"}
    is_so(service_due=365, service_done=-1)
    assert _told(demo, "maintenance", person) == ("done", "/service/history")
    assert _told(demo, "maintenance-technician", person) == ("done", "/service/contact")
    is_so(service_due=None, service_done=None)
    assert _told(demo, "maintenance", person) == (None, "/service")
    assert _told(demo, "maintenance-technician", person) == (None, "/service/contact")


@pytest.mark.parametrize("person", PEOPLE)
def test_back_in_stock(demo: Demo, person: str) -> None:
    block = "back-in-stock"
    demo.do("PATCH", f"recipients/{person}", {"watched": ["chair-meri"]})
    demo.do("PATCH", "products/chair-meri", {"stock": 5})
    assert _told(demo, block, person) == ("back", "/chairs/meri")
    alt, five = _sees(demo, block, person)["alt"], _open(demo, block, person)
    assert "449" in alt
    assert "5" in alt
    demo.do("PATCH", "products/chair-meri", {"stock": 1})
    assert _open(demo, block, person) != five
    demo.do("PATCH", "products/chair-meri", {"stock": 0})
    assert _click(demo, block, person) == f"/waiting-list?{ENDED}"
    assert _told(demo, block, person) == ("gone", "/waiting-list")
    demo.do("PATCH", f"recipients/{person}", {"watched": []})
    assert _told(demo, block, person) == (None, "/watched")


@pytest.mark.parametrize("person", PEOPLE)
def test_invoice(demo: Demo, person: str) -> None:
    block = "invoice"
    order = demo.entry(block, person)["message"].removeprefix("invoice-")
    pictures = set()
    for attributes, told in (
        ({"due": _day(5), "paid": None}, ("open", "/invoices/pay")),
        ({"due": _day(-5)}, ("overdue", "/invoices/pay")),
        ({"paid": _day(-1)}, ("paid", "/invoices/receipt")),
        ({"due": None, "paid": None}, (None, "/invoices")),
    ):
        demo.do("PATCH", f"orders/{order}", {"attributes": attributes})
        assert _told(demo, block, person) == told
        assert (order in _sees(demo, block, person)["alt"]) is (told[0] is not None)
        pictures.add(_open(demo, block, person))
    assert len(pictures) == 4


@pytest.mark.parametrize("person", PEOPLE)
def test_support_ticket(demo: Demo, person: str) -> None:
    block = "support-ticket"
    message = demo.entry(block, person)["message"]
    pictures = set()
    for state, promised, shown in (
        ("received", 2, "received"),
        ("in_progress", 2, "in-progress"),
        ("in_progress", -2, "late"),
        ("received", -2, "late"),
        ("answered", -2, "answered"),
    ):
        parameters = {"state": state, "promised": _day(promised)}
        demo.do("PATCH", f"messages/{message}", {"parameters": parameters})
        assert _told(demo, block, person) == (shown, "/support/ticket")
        assert message.removeprefix("ticket-") in _sees(demo, block, person)["alt"]
        pictures.add(_open(demo, block, person))
    assert len(pictures) == 5
    demo.do("PATCH", f"messages/{message}", {"parameters": {"state": None}})
    assert _told(demo, block, person) == (None, "/support")


@pytest.mark.parametrize("person", PEOPLE)
def test_event(demo: Demo, person: str) -> None:
    """Seats left; full: the waiting list; registered: add to calendar; over: the fallback."""
    block, event = "event", "winter-concert"
    assert _told(demo, block, person) == ("seats", "/events/winter-concert")
    assert "20" in _sees(demo, block, person)["alt"]
    demo.do("POST", f"products/{event}/stock", {"set": 0})
    assert _told(demo, block, person) == ("full", "/events/winter-concert/waiting-list")
    demo.do("POST", f"recipients/{person}/purchases", {"product": event})
    assert _told(demo, block, person) == ("registered", "/calendar/winter-concert")
    demo.do("PATCH", f"products/{event}", {"attributes": {"day": _day(-2)}})
    assert _told(demo, block, person) == (None, "/events")
    demo.do("PATCH", f"products/{event}", {"attributes": {"day": _day(24)}})


@pytest.mark.parametrize("block", SCENARIOS)
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


def test_the_steps_of_the_other_scenarios(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        for step, block, person, before, after in (
            ("she-fills-the-cart", "cart", "olga", None, "cart"),
            ("cart-item-sells-out", "cart", "mart", "cart", "sold-out"),
            ("she-buys-the-cart", "cart", "aino", "sold-out", "bought-received"),
            ("service-is-booked", "maintenance", "aino", "due", "booked"),
            ("watched-comes-back", "back-in-stock", "emma", "gone", "back"),
            ("invoice-is-paid", "invoice", "aino", "open", "paid"),
            ("ticket-is-answered", "support-ticket", "aino", "received", "answered"),
            ("event-fills-up", "event", "aino", "seats", "full"),
            ("she-returns-the-ticket", "event", "emma", "registered", "full"),
        ):
            assert _variant(demo, block, person)[0] == before
            steps.take(step, demo.data_dir)
            assert _variant(demo, block, person)[0] == after
        olga = demo.do("GET", "recipients/olga")
        assert olga["cart"] == ["lamp-kajo", {"product": "mugs-aamu", "quantity": 2}]
        aino = demo.do("GET", "recipients/aino")
        assert set(aino["purchases"]) == {"blanket-utu", "mugs-aamu"}
        assert aino["cart"] == ["lamp-kajo"]
        assert _variant(demo, "maintenance", "mart")[0] == "overdue"
        assert _variant(demo, "maintenance", "emma")[0] == "done"
        assert _variant(demo, "invoice", "mart")[0] == "overdue"
        assert _variant(demo, "support-ticket", "olga")[0] == "late"
        demo.stop()


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
        shown = store.hget("{dyncontent:recipient:aino}:shown:spring-trips", "vip-trip")
        assert shown == '[1,"similar","florence"]'

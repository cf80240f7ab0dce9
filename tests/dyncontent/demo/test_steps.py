"""The steps of the demo, on a server that answers as told."""

import base64
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.demo.load import DEMO_FILE, SCENARIOS, STOCK_FEED, write_summary
from dyncontent.demo.steps import STEPS, StepError, take


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_summary(tmp_path, "http://127.0.0.1:1", "a-token", {})
    return tmp_path


class Shop:
    """Answers every call with a status, and keeps what was asked. `refusal` is what it answers
    instead to whatever is no document."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, status: int = 200, refusal: Any = None
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self.said: dict[tuple[str, str], list[Any]] = {}
        client = httpx.Client

        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.path
            self.asked.append((request.method, path))
            basic = f"Basic {base64.b64encode(b'a-token:').decode()}"
            is_segment = path == "/v1/track"
            assert request.headers["authorization"] == (basic if is_segment else "Bearer a-token")
            is_json = request.content and "json" in request.headers["content-type"]
            said = orjson.loads(request.content) if is_json else request.content.decode()
            self.said.setdefault((request.method, path), []).append(said)
            if refusal is not None and path.endswith(("/track", "/events", "/import")):
                return httpx.Response(status, json=refusal)
            cart = ["lamp", {"product": "mugs", "quantity": 2}, "sold-out"]
            stock = 0 if path.endswith("/sold-out") else 3
            told = {"status": "cancelled", "cart": cart, "stock": stock}
            taken = {"success": True, "events": [{"outcome": "applied"}], "errors": []}
            return httpx.Response(status, json=told | taken)

        def connected(**options: object) -> httpx.Client:
            return client(transport=httpx.MockTransport(answer), **options)  # type: ignore[arg-type]

        monkeypatch.setattr("httpx.Client", connected)


TRACK = ("POST", "/v1/track")
EVENTS = ("POST", "/api/v1/events")
IMPORT = ("POST", f"/api/v1/feeds/{STOCK_FEED}/import")
WAYS = {
    "last-seat-sells": ("PATCH", "/api/v1/products/vip-trip"),
    "she-buys-the-insurance": ("POST", "/api/v1/recipients/aino/purchases"),
    "parcel-ships": ("PATCH", "/api/v1/orders/A-1004"),
    "she-fills-the-cart": TRACK,
    "cart-item-sells-out": IMPORT,
    "she-buys-the-cart": TRACK,
    "service-is-booked": EVENTS,
    "watched-comes-back": IMPORT,
    "invoice-is-paid": EVENTS,
    "ticket-is-answered": EVENTS,
    "event-fills-up": IMPORT,
    "she-returns-the-ticket": TRACK,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_told_in_one_of_the_ways_of_shops(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, step: str
) -> None:
    shop = Shop(monkeypatch)
    assert "eload" in take(step, data_dir)
    assert WAYS[step] in shop.asked


def test_of_a_cart_what_there_is_is_ordered(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    shop = Shop(monkeypatch)
    take("she-buys-the-cart", data_dir)
    [call] = shop.said[TRACK]
    assert (call["userId"], call["event"]) == ("aino", "Order Completed")
    assert call["properties"] == {
        "order_id": "A-2001",
        "products": [
            {"product_id": "lamp", "quantity": 1},
            {"product_id": "mugs", "quantity": 2},
        ],
    }


def test_a_cart_of_which_nothing_is_left_is_not_bought(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr("dyncontent.demo.steps.Shop.call", lambda *_: {"cart": [], "stock": 0})
    shop = Shop(monkeypatch)
    with pytest.raises(StepError, match="nothing in Aino's cart"):
        take("she-buys-the-cart", data_dir)
    assert shop.asked == []


def test_each_product_is_added_by_an_event_of_its_own(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    shop = Shop(monkeypatch)
    take("she-fills-the-cart", data_dir)
    added = [call["properties"] for call in shop.said[TRACK]]
    assert added == [
        {"product_id": "mugs-aamu", "quantity": 2},
        {"product_id": "lamp-kajo", "quantity": 1},
    ]
    assert len({call["messageId"] for call in shop.said[TRACK]}) == 2


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        ("she-fills-the-cart", {"success": False, "refused": [{"error": {"code": "INVALID"}}]}),
        ("invoice-is-paid", {"events": [{"outcome": "applied", "error": {"code": "INVALID"}}]}),
        ("event-fills-up", {"outcome": "unchanged", "errors": [{"error": {"code": "INVALID"}}]}),
    ],
)
def test_what_is_refused_with_a_status_of_success_is_said(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, step: str, refusal: Any
) -> None:
    Shop(monkeypatch, refusal=refusal)
    with pytest.raises(StepError, match="INVALID"):
        take(step, data_dir)


def test_every_step_changes_the_emails_of_a_scenario() -> None:
    assert {step.block for step in STEPS.values()} == {*SCENARIOS} - {"maintenance-technician"}


@pytest.mark.parametrize("step", STEPS)
def test_what_is_refused_is_said(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, step: str
) -> None:
    Shop(monkeypatch, 404)
    with pytest.raises(StepError, match="refused it"):
        take(step, data_dir)


def test_a_demo_that_has_ended_is_said(data_dir: Path) -> None:
    with pytest.raises(StepError, match="does not answer"):
        take("last-seat-sells", data_dir)


@pytest.mark.parametrize("content", [None, b"{"])
def test_a_folder_without_a_demo_is_said(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / DEMO_FILE).write_bytes(content)
    with pytest.raises(StepError, match="make demo"):
        take("last-seat-sells", tmp_path)


def test_a_summary_is_for_its_owner_alone(data_dir: Path) -> None:
    file = data_dir / DEMO_FILE
    assert file.stat().st_mode & 0o077 == 0
    assert orjson.loads(file.read_bytes())["token"] == "a-token"

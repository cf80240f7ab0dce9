"""The steps of the demo, on a server that answers as told."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.demo.load import DEMO_FILE, SCENARIOS, write_summary
from dyncontent.demo.steps import STEPS, StepError, take


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_summary(tmp_path, "http://127.0.0.1:1", "a-token", {})
    return tmp_path


class Shop:
    """Answers every call with a status, and keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, status: int = 200) -> None:
        self.asked: list[tuple[str, str]] = []
        self.said: dict[tuple[str, str], Any] = {}
        client = httpx.Client

        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append((request.method, request.url.path))
            assert request.headers["authorization"] == "Bearer a-token"
            body = orjson.loads(request.content) if request.content else None
            self.said[request.method, request.url.path] = body
            cart = ["lamp", {"product": "mugs", "quantity": 2}, "sold-out"]
            stock = 0 if request.url.path.endswith("/sold-out") else 3
            told = {"status": "cancelled", "cart": cart, "stock": stock}
            return httpx.Response(status, json=told)

        def connected(**options: object) -> httpx.Client:
            return client(transport=httpx.MockTransport(answer), **options)  # type: ignore[arg-type]

        monkeypatch.setattr("httpx.Client", connected)


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        ("last-seat-sells", ("PATCH", "/api/v1/products/vip-trip")),
        ("she-buys-the-insurance", ("POST", "/api/v1/recipients/aino/purchases")),
        ("parcel-ships", ("PATCH", "/api/v1/orders/A-1004")),
        ("she-fills-the-cart", ("PATCH", "/api/v1/recipients/olga")),
        ("cart-item-sells-out", ("PATCH", "/api/v1/products/lamp-kajo")),
        ("she-buys-the-cart", ("PATCH", "/api/v1/orders/A-2001")),
        ("service-is-booked", ("PATCH", "/api/v1/recipients/aino")),
        ("watched-comes-back", ("PATCH", "/api/v1/products/chair-meri")),
        ("invoice-is-paid", ("PATCH", "/api/v1/orders/L-3001")),
        ("ticket-is-answered", ("PATCH", "/api/v1/messages/ticket-20418")),
        ("event-fills-up", ("PATCH", "/api/v1/products/winter-concert")),
    ],
)
def test_a_step_is_a_call_of_the_control_plane(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, step: str, asked: tuple[str, str]
) -> None:
    shop = Shop(monkeypatch)
    assert "eload" in take(step, data_dir)
    assert asked in shop.asked


def test_a_cart_that_is_bought_is_empty_and_what_there_was_of_it_purchased(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    shop = Shop(monkeypatch)
    take("she-buys-the-cart", data_dir)
    assert shop.asked.count(("POST", "/api/v1/recipients/aino/purchases")) == 2
    assert shop.said["POST", "/api/v1/recipients/aino/purchases"] == {"product": "mugs"}
    assert shop.said["PATCH", "/api/v1/recipients/aino"] == {"cart": []}


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

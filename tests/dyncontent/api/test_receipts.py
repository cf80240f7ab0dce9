"""A past open is explained as it was, whatever has changed since."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dyncontent.delivery import receipts
from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, GREEN, HOST, MESSAGE, RECIPIENT, RED
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
PATH = f"recipients/{RECIPIENT}/receipts"


async def _last(site: Site) -> Any:
    [newest, *_] = (await site.do("GET", PATH))["receipts"]
    return newest


async def test_an_open_is_explained_when_everything_has_changed(site: Site) -> None:
    await site.do("PATCH", "products/rome", {"stock": 0})
    then = {"block": BLOCK, "recipient": RECIPIENT, "message": MESSAGE}
    preview = await site.do("POST", "previews", then)
    await site.open()
    await site.publish(samples.block(samples.variant("new", samples.BLUE, HOME)))
    await site.do("PATCH", "products/rome", {"stock": 30})
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"marketing": False}})
    told = await site.do("GET", f"receipts/{(await _last(site))['id']}")
    assert (told["variant"], told["offer"], told["version"]) == ("similar", "oslo", 1)
    assert (told["recipient"], told["block"], told["message"]) == (RECIPIENT, BLOCK, MESSAGE)
    assert told["trace"] == preview["trace"]
    assert told["agrees"] is True
    assert told["swap"] is True
    assert told["facts"]["product.rome.stock"] == 0
    assert told["facts"]["product.rome.bought"] is False
    assert told["candidates"] == {"similar_to rome": ["oslo", "riga"]}
    assert "“Rome” has 0 left" in told["why"]
    finnish = await site.do("GET", f"receipts/{told['id']}?language=fi")
    assert finnish["why"].startswith("Näytetään")


def _asks(op: str, fact: str, **more: Any) -> dict[str, Any]:
    return {"op": op, "fact": fact} | more


MONEY = {"amount": "19.90", "currency": "EUR"}


@pytest.mark.parametrize(
    "condition",
    [
        _asks("above", "order.total", value=MONEY),
        _asks("equals", "order.status", value="packed"),
        _asks("after", "message.deadline", value="now"),
        _asks("after", "order.expected", value="today"),
        _asks("contains", "recipient.purchases", value="riga"),
        _asks("contains", "recipient.cart", value="rome"),
        _asks("equals", "recipient.attributes.plan", value="gold"),
        _asks("below", "recipient.attributes.spent", value={"amount": "10", "currency": "EUR"}),
        _asks("before", "recipient.attributes.born", value="today"),
        _asks("equals", "product.rome.bought", value=False),
        _asks("equals", "product.riga.bought", value=True),
        _asks("equals", "product.oslo.repeated", value=False),
        _asks("below", "now.hour", value=24),
        _asks("in", "now.weekday", values=["monday", "tuesday", "wednesday", "thursday", "friday"]),
        _asks("equals", "open.client", value="human"),
        _asks("equals", "recipient.id", value=RECIPIENT),
        _asks("is_not_set", "recipient.last_name"),
        _asks("above", "cart.count", value=1),
        _asks("above", "product.rome.price", value=MONEY),
    ],
    ids=lambda condition: condition["fact"],
)
async def test_the_engine_decides_the_same_on_what_was_kept(
    site: Site, condition: dict[str, Any]
) -> None:
    types = {"plan": "text", "spent": "money", "born": "date"}
    await site.do("PUT", "attributes", {"recipient": types})
    spent = {"amount": "3.50", "currency": "EUR"}
    attributes = {"plan": "gold", "spent": spent, "born": "1980-05-01"}
    cart = ["rome", {"product": "oslo", "quantity": 2}]
    person = {"attributes": attributes, "cart": cart, "consents": samples.CONSENTS}
    await site.do("PATCH", f"recipients/{RECIPIENT}", person)
    await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "riga"})
    order = {"status": "packed", "total": MONEY | {"amount": "50"}, "expected": "2099-01-01"}
    await site.do("PUT", "orders/o1", order)
    deadline = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    message = {"class": "transactional", "order": "o1", "deadline": deadline}
    await site.do("PUT", f"messages/{MESSAGE}", message)
    variant = samples.variant("v", RED, HOME, condition=condition)
    again = samples.variant(
        "again", GREEN, HOME, offer={"personal": "cart"}, cap={"times": 3, "over": "P7D"}
    )
    block = samples.block(variant, again, time_zone="Europe/Tallinn", choose="split")
    await site.publish(block | {"class": "transactional"}, "asks")
    preview = await site.do(
        "POST", "previews", {"block": "asks", "recipient": RECIPIENT, "message": MESSAGE}
    )
    await site.open(block="asks")
    kept = await _last(site)
    await site.do("PUT", f"recipients/{RECIPIENT}", {"consents": samples.CONSENTS})
    told = await site.do("GET", f"receipts/{kept['id']}")
    assert told["agrees"] is True
    assert [one["offers"][0]["truth"] for one in told["trace"]] == [
        one["offers"][0]["truth"] for one in preview["trace"]
    ]
    assert kept["variant"] in ("v", "again")


async def test_they_come_in_pages_the_latest_first(site: Site) -> None:
    for block in ("a", "b", "c"):
        await site.publish(samples.block(), block)
        await site.open(block=block)
    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = await site.do("GET", f"{PATH}?limit=2&cursor={after}")
        pages.append([one["block"] for one in page["receipts"]])
        after = page["next_cursor"]
    assert pages == [["c", "b"], ["a"]]
    assert (await site.do("GET", "recipients/nobody/receipts"))["receipts"] == []


async def test_without_consent_to_tracking_none_is_kept(site: Site) -> None:
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"tracking": False}})
    await site.open()
    await site.open(recipient="nobody")
    assert (await site.do("GET", PATH))["receipts"] == []
    assert (await site.do("GET", "recipients/nobody/receipts"))["receipts"] == []


async def test_no_more_are_kept_than_said_and_no_longer(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "MOST", 2)
    monkeypatch.setattr(receipts, "COUNTED", 1)
    for _ in range(4):
        await site.open()
    assert len((await site.do("GET", PATH))["receipts"]) == 2
    name = store.keys.receipts(RECIPIENT)
    [left] = await store.ask(("PTTL", name))
    assert 47 * 3_600_000 < left <= 48 * 3_600_000
    await store.ask(("UNLINK", name))
    old = round((datetime.now(UTC) - timedelta(hours=49)).timestamp() * 1000)
    await store.ask(("XADD", name, f"{old}-0", "receipt", b"{}"))
    await site.open()
    assert len((await site.do("GET", PATH))["receipts"]) == 1


async def test_none_are_kept_for_no_hours(tmp_path: Path, prefix: str, store_url: str) -> None:
    settings = site_settings(tmp_path, prefix, receipt_hours=0)
    async with running_site(settings, store_url) as site:
        await site.fill()
        await site.open()
        assert (await site.do("GET", PATH))["receipts"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("receipts/1-0.aino", 404),
        ("receipts/aino", 422),
        ("receipts/1-0.a b", 422),
        (f"{PATH}?cursor=eA", 422),
    ],
)
async def test_what_is_no_receipt_is_said(site: Site, path: str, status: int) -> None:
    assert (await site.api("GET", path)).status_code == status


async def test_a_language_is_one_that_there_is(site: Site) -> None:
    await site.open()
    refused = await site.api("GET", f"receipts/{(await _last(site))['id']}?language=sv")
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "language")

"""Consents of a person: recorded, kept in order, and heeded at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.samples import GREY, RECIPIENT, RED
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio

PATH = f"recipients/{RECIPIENT}/consents"
FORM = {"version": "2026-03", "source": "newsletter form", "proof": "double opt-in 81f3"}


def _ago(**past: float) -> str:
    return (datetime.now(UTC) - timedelta(**past)).isoformat()


async def test_a_record_tells_who_when_what_and_how(site: Site) -> None:
    at = _ago(days=1)
    said = {"purpose": "marketing.sms", "given": True, "at": at} | FORM
    told = await site.do("POST", PATH, said)
    assert told["id"] == RECIPIENT
    state = told["consents"]["marketing.sms"]
    assert state["given"] is True
    assert abs(datetime.fromisoformat(state["at"]) - datetime.fromisoformat(at)) < timedelta(
        milliseconds=1
    )
    read = await site.do("GET", PATH)
    assert read["consents"] == told["consents"]
    newest = read["history"][0]
    assert {name: newest[name] for name in FORM} == FORM
    assert (newest["purpose"], newest["given"]) == ("marketing.sms", True)
    assert datetime.fromisoformat(newest["recorded"]) > datetime.fromisoformat(at)


async def test_a_profile_writes_records_too_and_what_changes_nothing_writes_none(
    site: Site,
) -> None:
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"marketing": False}})
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"first_name": "A"})
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": {"tracking": None}})
    history = (await site.do("GET", PATH))["history"]
    assert [(record["purpose"], record["given"]) for record in history] == [
        ("tracking", False),
        ("marketing.email", False),
        ("tracking", True),
        ("marketing.email", True),
    ]
    assert {record["source"] for record in history} == {"api"}


@pytest.mark.parametrize("said", [None, {"marketing": None}, {"marketing.email": False}])
async def test_a_patch_withdraws_by_any_name(site: Site, said: dict[str, bool] | None) -> None:
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"consents": said})
    assert (await site.do("GET", PATH))["consents"]["marketing.email"]["given"] is False
    assert await site.colour() == GREY


async def test_bulk_writes_records_too(site: Site) -> None:
    await site.do("POST", "recipients/bulk", b'{"id":"m","consents":{"profiling":false}}')
    [record] = (await site.do("GET", "recipients/m/consents"))["history"]
    assert (record["purpose"], record["given"]) == ("profiling", False)


async def test_what_was_said_earlier_is_kept_and_changes_nothing(site: Site) -> None:
    await site.do("POST", PATH, {"purpose": "marketing", "given": False})
    late = {"purpose": "marketing.email", "given": True, "at": _ago(hours=1)} | FORM
    told = await site.do("POST", PATH, late)
    assert told["consents"]["marketing.email"]["given"] is False
    assert (await site.do("GET", PATH))["history"][0]["proof"] == FORM["proof"]
    assert await site.colour() == GREY


async def test_a_withdrawal_holds_at_the_next_open_of_every_worker(
    site: Site, store_url: str, tmp_path: Path
) -> None:
    async with running_site(site.settings, store_url) as other:
        assert (await site.colour(), await other.colour()) == (RED, RED)
        await site.do("POST", PATH, {"purpose": "marketing", "given": False})
        assert (await other.colour(), await site.colour()) == (GREY, GREY)
        await other.do("POST", PATH, {"purpose": "marketing", "given": True})
        assert (await other.colour(), await site.colour()) == (RED, RED)


async def test_who_is_not_known_yet_can_consent_and_refuse(site: Site) -> None:
    told = await site.do("POST", "recipients/new/consents", {"purpose": "tracking", "given": False})
    assert told["consents"]["tracking"]["given"] is False
    assert await site.do("GET", "recipients/new") == {"id": "new"}
    assert (await site.api("GET", "recipients/nobody/consents")).status_code == 404


async def test_the_history_comes_in_pages(site: Site) -> None:
    for number in range(5):
        said = {"purpose": "tracking", "given": True, "proof": str(number)}
        await site.do("POST", "recipients/new/consents", said)
    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = await site.do("GET", f"recipients/new/consents?limit=2&cursor={after}")
        pages.append([record["proof"] for record in page["history"]])
        after = page["next_cursor"]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"purpose": "parties", "given": True}, "purpose"),
        ({"purpose": 7, "given": True}, "purpose"),
        ({"purpose": "tracking"}, "given"),
        ({"purpose": "tracking", "given": True, "at": "2026-11-25"}, "at"),
        ({"purpose": "tracking", "given": True, "at": "2126-11-25T10:00:00Z"}, "at"),
        ({"purpose": "tracking", "given": True, "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"purpose": "tracking", "given": True, "proof": "x" * 2001}, "proof"),
        ({"purpose": "tracking", "given": True, "ip": "192.0.2.1"}, "ip"),
    ],
)
async def test_anything_else_is_no_consent(site: Site, said: dict[str, Any], path: str) -> None:
    refused = await site.api("POST", PATH, said)
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["path"] == path


@pytest.mark.parametrize("cursor", ["eA", "MTIzNDU2Nzg5MDEyMw"])
async def test_a_cursor_is_where_a_page_ended(site: Site, cursor: str) -> None:
    refused = await site.api("GET", f"{PATH}?cursor={cursor}")
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "cursor")

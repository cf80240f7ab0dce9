"""Export and erasure as a client sees them."""

import pytest

from tests.dyncontent.privacy.support import OTHER, PERSON, fill
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_a_person_is_exported(site: Site) -> None:
    await fill(site)
    told = await site.do("GET", f"recipients/{PERSON}/export")
    assert (told["id"], told["profile"]["first_name"]) == (PERSON, "Leida")
    assert (await site.api("GET", f"recipients/{OTHER}/export")).status_code == 404


async def test_an_erasure_is_answered_with_a_receipt_that_can_be_shown_later(site: Site) -> None:
    await fill(site)
    receipt = await site.do("POST", f"recipients/{PERSON}/erase")
    assert PERSON not in str(receipt)
    assert (receipt["removed"]["profile"], receipt["removed"]["events"]) == (1, 6)
    shown = await site.do("GET", f"erasures/{receipt['id']}?recipient={PERSON}")
    assert shown == receipt | {"genuine": True, "matches": True}
    other = await site.do("GET", f"erasures/{receipt['id']}?recipient={OTHER}")
    assert other["matches"] is False
    assert (await site.do("GET", f"erasures/{receipt['id']}"))["matches"] is None
    assert (await site.api("GET", f"recipients/{PERSON}/export")).status_code == 404


async def test_orders_are_erased_with_the_person_if_they_are_named(site: Site) -> None:
    await site.do("PUT", "orders/o1", {"status": "shipped"})
    also = {"orders": ["o1"], "messages": ["m1"]}
    removed = (await site.do("POST", f"recipients/{PERSON}/erase", also))["removed"]
    assert (removed["orders"], removed["messages"], removed["profile"]) == (1, 0, 0)
    refused = await site.api("POST", f"recipients/{PERSON}/erase", {"orders": ["a b"]})
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "orders.0")


async def test_to_delete_a_person_is_to_erase_them(site: Site) -> None:
    await fill(site)
    assert (await site.do("DELETE", f"recipients/{PERSON}"))["removed"]["shown"] == 3


async def test_what_is_no_receipt_or_no_id_is_refused(site: Site) -> None:
    assert (await site.api("GET", "erasures/none")).status_code == 404
    refused = await site.api("GET", "erasures/none?recipient=a%20b")
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "recipient")

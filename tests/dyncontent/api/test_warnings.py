"""What was amiss with a block's URLs, for whoever can mend the mail."""

from datetime import UTC, datetime, timedelta

import pytest

from dyncontent.delivery.amiss import Amiss
from tests.samples import BLOCK, MESSAGE
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_each_is_told_with_its_senders_and_what_to_do(site: Site) -> None:
    assert await site.do("GET", f"blocks/{BLOCK}/warnings") == {"block": BLOCK, "warnings": []}
    for tag in ("1001", "", "%%subscriberid%%", "{{ subscriber.id }}"):
        links = await site.do(
            "POST", "links", {"block": BLOCK, "message": MESSAGE, "tag": tag or "x"}
        )
        url = links["image"] if tag else links["image"].replace("r=x", "r=")
        await site.client.get(url.replace("%%", "%25%25"))
    warnings = (await site.do("GET", f"blocks/{BLOCK}/warnings"))["warnings"]
    assert [one["code"] for one in reversed(warnings)] == [
        Amiss.RECIPIENT_UNKNOWN,
        Amiss.RECIPIENT_MISSING,
        Amiss.TAG_UNRENDERED,
        Amiss.TAG_UNRENDERED,
    ]
    assert [one["senders"] for one in warnings[:2]] == [["drip", "kit", "sendgrid"], ["salesforce"]]
    assert "Drip or Kit or SendGrid" in warnings[0]["message"]
    assert "DYNCONTENT_TAGGED_IDS" in warnings[3]["message"]
    for one in warnings:
        since = datetime.now(UTC) - datetime.fromisoformat(one["last_seen"])
        assert since < timedelta(minutes=5)
        assert BLOCK in one["message"]


async def test_of_no_block_there_are_none(site: Site) -> None:
    assert (await site.api("GET", "blocks/none/warnings")).status_code == 404
    assert (await site.api("GET", "blocks/a.b/warnings")).status_code == 422

"""The hosts that links may lead to."""

from typing import Any

import pytest

from dyncontent.settings import Settings
from tests import samples
from tests.site import BASE_URL, Site, running_site

pytestmark = pytest.mark.anyio
OWN = BASE_URL.removeprefix("https://")
LINK = "https://new.example/x"


async def test_those_of_the_settings_are_always_there(site: Site) -> None:
    assert await site.do("GET", "hosts") == {"hosts": [], "always": sorted((OWN, samples.HOST))}


async def test_what_is_put_is_kept_in_order(site: Site) -> None:
    put = await site.do("PUT", "hosts", {"hosts": ["New.example", "a.example:8443", "new.example"]})
    assert put["hosts"] == ["a.example:8443", "new.example"]
    assert await site.do("GET", "hosts") == put


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"hosts": ["https://a.example"]},
        {"hosts": ["a b"]},
        {"hosts": ["ä.example"]},
        {"hosts": [f"a.example:{'1' * 6}"]},
        {"hosts": ["a.example\n"]},
        {"hosts": ["a"] * 501},
        {"hosts": [], "always": []},
    ],
)
async def test_what_is_wrong_is_refused(site: Site, wrong: Any) -> None:
    assert (await site.api("PUT", "hosts", wrong)).status_code == 422
    assert (await site.do("GET", "hosts"))["hosts"] == []


async def test_two_editors_do_not_overwrite_each_other(site: Site) -> None:
    seen = (await site.api("GET", "hosts")).headers["etag"]
    put = await site.api("PUT", "hosts", {"hosts": ["a.example"]}, if_match=seen)
    assert (put.status_code, put.headers["etag"] != seen) == (200, True)
    late = await site.api("PUT", "hosts", {"hosts": ["b.example"]}, if_match=seen)
    assert late.status_code == 412
    assert (await site.do("GET", "hosts"))["hosts"] == ["a.example"]


async def test_links_follow_on_every_server_at_once(
    site: Site, settings: Settings, store_url: str
) -> None:
    body = {"link": LINK}
    line = b'{"id": "q", "link": "%s"}\n' % LINK.encode()
    async with running_site(settings, store_url) as other:
        for hosts, status in (([], 422), (["new.example"], 200), ([], 422)):
            await site.do("PUT", "hosts", {"hosts": hosts})
            for asked in (site, other):
                await _settled(asked, hosts)
                assert (await asked.api("PUT", "products/p", body)).status_code == status
                bulk = await asked.do("POST", "products/bulk", line)
                assert (bulk["written"], bulk["refused"]) == ((1, 0) if hosts else (0, 1))
        patched = await site.api("PATCH", "products/p", body)
        assert patched.status_code == 422


async def _settled(site: Site, hosts: list[str]) -> None:
    """Until the change log has told this server."""
    catalogue_sees: Any = None
    while catalogue_sees is not bool(hosts):
        answer = await site.api("PUT", "products/probe", {"link": LINK})
        catalogue_sees = answer.is_success


async def test_a_click_leads_to_no_host_that_was_taken_away(site: Site) -> None:
    await site.do("PUT", "hosts", {"hosts": ["new.example"]})
    block = samples.block()
    block["variants"][0]["link"] = LINK
    await site.publish(block)
    await site.open()
    assert (await site.click()).headers["location"] == LINK
    await site.do("PUT", "hosts", {"hosts": []})
    fallback = samples.block()["fallback"]["link"]
    assert (await site.click()).headers["location"] == fallback
    await site.do("PUT", "hosts", {"hosts": ["new.example"]})
    assert (await site.click()).headers["location"] == LINK

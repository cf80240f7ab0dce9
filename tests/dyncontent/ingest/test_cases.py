"""Webhooks as shops send them, and the facts that they become. Each case says where its payload is
from."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.settings import Settings
from tests.dyncontent.ingest.support import SECRETS, deliver
from tests.samples import HOST
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio

CASES = sorted(Path("tests/cases/webhooks").glob("*.json"))


@pytest.fixture
def settings(tmp_path: Path, prefix: str) -> Settings:
    settings = site_settings(
        tmp_path,
        prefix,
        shopify_secrets=SECRETS,
        woocommerce_secrets=SECRETS,
        shop_currency="EUR",
        shop_url=f"https://{HOST}",
    )
    return settings.model_copy(update={"allowed_hosts": (HOST, "example.com")})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_webhook_becomes_facts(path: Path, settings: Settings, store_url: str) -> None:
    case = _read(path)
    async with running_site(settings, store_url) as site:
        for before in (*case.get("before", ()), case):
            response = await _send(site, case["shop"], before)
            assert response.json() == {"outcome": "applied"}, before["topic"]
        await _check(site, case["facts"])
        again = await _send(site, case["shop"], case)
        assert again.json()["outcome"] == "unchanged"
        await _check(site, case["facts"])


FOLLOWING = [path for path in CASES if b'"before"' in path.read_bytes()]
UNDATED = ("order-deleted", "product-deleted")
"""They happen when they arrive."""


@pytest.mark.parametrize(
    "path",
    [path for path in FOLLOWING if not path.stem.endswith(UNDATED)],
    ids=lambda path: path.stem,
)
async def test_it_may_come_ahead_of_what_was_before(
    path: Path, settings: Settings, store_url: str
) -> None:
    case = _read(path)
    async with running_site(settings, store_url) as site:
        for event in (case, *case["before"]):
            assert (await _send(site, case["shop"], event)).status_code == 200
        await _check(site, case["facts"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_says_where_it_is_from(path: Path) -> None:
    case = _read(path)
    assert len(case["source"]) > 20
    assert path.stem.startswith(case["shop"])


def _read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


async def _send(site: Site, shop: str, case: Any) -> httpx.Response:
    return await deliver(site, shop, case["topic"], case["payload"], **case.get("headers", {}))


async def _check(site: Site, facts: dict[str, Any]) -> None:
    for path, document in facts.items():
        stored = await site.do("GET", path)
        assert stored == {"id": path.partition("/")[2]} | document

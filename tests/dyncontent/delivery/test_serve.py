"""The last line of defence: a fault of the server itself."""

from typing import Any

import pytest

from renderers.encode import LAST_RESORT, ImageType
from tests.samples import BLOCK, HOST
from tests.site import Site

pytestmark = pytest.mark.anyio


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("dyncontent.delivery.serve.receive_visit", fail)


@pytest.mark.parametrize("kind", ImageType)
@pytest.mark.usefixtures("broken")
async def test_a_bug_breaks_no_picture(site: Site, kind: ImageType) -> None:
    response = await site.client.get(f"/i/{BLOCK}.{kind}")
    assert (response.status_code, response.content) == (200, LAST_RESORT[kind])
    assert await site.counted() == {"INTERNAL": 1}


@pytest.mark.usefixtures("broken")
async def test_a_bug_breaks_no_link(site: Site) -> None:
    response = await site.client.get(f"/c/{BLOCK}")
    assert (response.status_code, response.headers["location"]) == (302, f"https://{HOST}/landing")


@pytest.mark.usefixtures("broken")
async def test_a_bug_breaks_no_page(site: Site) -> None:
    response = await site.client.get(f"/h/{BLOCK}")
    assert (response.status_code, response.text) == (200, "")
    assert response.headers["content-type"].startswith("text/html")

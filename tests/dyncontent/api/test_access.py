"""Who may use the control plane."""

import pytest

from tests.site import TOKEN, Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ä", TOKEN],
)
@pytest.mark.parametrize("path", ["products/rome", "blocks/trip", "nothing"])
async def test_without_a_token_nothing_is_told(site: Site, header: str | None, path: str) -> None:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    response = await site.client.get(f"/api/v1/{path}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_with_a_token_it_opens(site: Site, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {TOKEN}"}
    assert (await site.client.get("/api/v1/products/rome", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/"])
async def test_operations_need_none(site: Site, path: str) -> None:
    assert (await site.client.get(path)).status_code == 200

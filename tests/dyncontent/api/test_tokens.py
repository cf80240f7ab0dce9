"""Making, listing and revoking tokens."""

from typing import Any

import pytest

from dyncontent.access.scope import ALL, Scope
from dyncontent.settings import Settings
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio


async def _made(site: Site, **asked: Any) -> Any:
    return await site.do("POST", "tokens", {"name": "Shop", "scopes": ["facts:write"]} | asked)


async def test_a_token_is_told_once(site: Site) -> None:
    made = await _made(site, expires="2100-01-01T00:00:00Z")
    text = made.pop("token")
    assert text.startswith(f"dct_{made['id']}_")
    assert (made["name"], made["scopes"]) == ("Shop", ["facts:write"])
    assert made["expires"] == "2100-01-01T00:00:00Z"
    assert await site.do("GET", f"tokens/{made['id']}") == made
    assert await site.do("GET", "tokens") == {"tokens": [made]}


async def test_a_token_does_what_its_scopes_say(site: Site) -> None:
    authorization = f"Bearer {(await _made(site))['token']}"
    written = await site.api("PUT", "products/new", {"stock": 1}, authorization=authorization)
    assert written.status_code == 200
    read = await site.api("GET", "products/new", authorization=authorization)
    assert read.status_code == 403


async def test_a_revoked_token_opens_nothing_on_any_server(
    site: Site, settings: Settings, store_url: str
) -> None:
    made = await _made(site)
    authorization = f"Bearer {made['token']}"
    async with running_site(settings, store_url) as other:
        body = {"stock": 1}
        for asked in (site, other):
            answer = await asked.api("PUT", "products/p", body, authorization=authorization)
            assert answer.status_code == 200
        gone = await other.api("DELETE", f"tokens/{made['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        for asked in (site, other):
            answer = await asked.api("PUT", "products/p", body, authorization=authorization)
            assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("name", ["0" * 12, "x", "%00", "a%2Fb", "*"])
async def test_what_is_not_there_is_said(site: Site, method: str, name: str) -> None:
    assert (await site.api(method, f"tokens/{name}")).status_code == 404


@pytest.mark.parametrize("scope", [scope for scope in ALL if scope != Scope.ADMIN])
async def test_nobody_gives_what_they_do_not_have(site: Site, scope: Scope) -> None:
    own = [one for one in ALL if one != scope]
    authorization = f"Bearer {(await _made(site, scopes=own))['token']}"
    asked = {"name": "more", "scopes": [scope, "admin"]}
    refused = await site.api("POST", "tokens", asked, authorization=authorization)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert refused.json()["fields"] == [
        {"path": "scopes", "value": scope, "expected": "a scope of your own token"}
    ]
    granted = {"name": "as much", "scopes": own}
    given = await site.api("POST", "tokens", granted, authorization=authorization)
    assert given.status_code == 201


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes.0"),
        ({"expires": "2020-01-01T00:00:00Z"}, "expires"),
        ({"expires": "2100-01-01T00:00:00"}, "expires"),
        ({"digest": ""}, "digest"),
    ],
)
async def test_what_is_wrong_is_named(site: Site, wrong: dict[str, Any], path: str) -> None:
    asked = {"name": "Shop", "scopes": ["links"]} | wrong
    refused = await site.api("POST", "tokens", asked)
    assert refused.status_code == 422
    assert [field["path"] for field in refused.json()["fields"]] == [path]
    assert await site.do("GET", "tokens") == {"tokens": []}


async def test_a_secret_is_not_kept_for_another_answer(site: Site) -> None:
    asked = {"name": "Shop", "scopes": ["links"]}
    refused = await site.api("POST", "tokens", asked, idempotency_key="once")
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_HEADER")
    assert await site.do("GET", "tokens") == {"tokens": []}

"""Who may use the control plane, and how much."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Mount, Router

from dyncontent.access.scope import ALL, Scope
from dyncontent.access.token import TokenAsked
from dyncontent.access.tokens import Tokens
from dyncontent.api.operation import Operation
from dyncontent.app import build
from dyncontent.settings import Settings
from dyncontent.store.command import Command
from dyncontent.store.store import Store
from tests.site import TOKEN, Site, running_site, site_settings

pytestmark = pytest.mark.anyio


def _operations() -> list[Operation]:
    """With the whole of their paths."""
    app: Any = build(site_settings(Path("none"), "none"), "unix:///none.sock")
    return [
        replace(operation, path=plane.path + operation.path)
        for plane in app._planes.routes
        if isinstance(plane, Mount)
        for path in _router(plane.app).routes
        for operation in path.operations
    ]


def _router(app: Any) -> Any:
    return app if isinstance(app, Router) else _router(app._app)


OPERATIONS = [one for one in _operations() if one.scope is not None]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{one.method} {one.path}" for one in OPERATIONS]
)


@pytest.fixture
async def bare(settings: Settings, store_url: str) -> AsyncIterator[Site]:
    """A server with nothing in its store."""
    async with running_site(settings, store_url) as site:
        yield site


async def _token(store: Store, *scopes: Scope) -> str:
    _, text = await Tokens(store).create(TokenAsked(name="test", scopes=scopes))
    return text


async def _ask(site: Site, operation: Operation, token: str) -> httpx.Response:
    path = re.sub(r"{\w+}", "1", operation.path)
    headers = {"authorization": f"Bearer {token}"}
    return await site.client.request(operation.method, path, headers=headers)


# Tokens


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        "Bearer ä",
        TOKEN,
        f"Bearer dct_{'0' * 12}_{'a' * 43}",
    ],
)
@pytest.mark.parametrize("path", ["products/rome", "blocks/trip", "nothing"])
async def test_without_a_token_nothing_is_told(site: Site, header: str | None, path: str) -> None:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    for method in ("GET", "DELETE"):
        response = await site.client.request(method, f"/api/v1/{path}", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED")
        assert response.headers["www-authenticate"] == "Bearer"
        assert "ratelimit" not in response.headers


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_with_a_token_it_opens(site: Site, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {TOKEN}"}
    assert (await site.client.get("/api/v1/products/rome", headers=headers)).status_code == 200


async def test_what_is_not_there_is_told_to_those_with_a_token(bare: Site, store: Store) -> None:
    authorization = f"Bearer {await _token(store, Scope.LINKS)}"
    missing = await bare.api("GET", "nothing", authorization=authorization)
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    refused = await bare.api("DELETE", "attributes", authorization=authorization)
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/"])
async def test_operations_need_none(site: Site, path: str) -> None:
    assert (await site.client.get(path)).status_code == 200


# Scopes


@each_operation
async def test_all_other_scopes_are_not_enough(
    bare: Site, store: Store, operation: Operation
) -> None:
    token = await _token(store, *(scope for scope in ALL if scope != operation.scope))
    refused = await _ask(bare, operation, token)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert f"the scope {operation.scope};" in refused.json()["message"]
    assert f'scope="{operation.scope}"' in refused.headers["www-authenticate"]


@each_operation
async def test_the_one_scope_is_enough(bare: Site, store: Store, operation: Operation) -> None:
    assert operation.scope is not None
    answer = await _ask(bare, operation, await _token(store, operation.scope))
    assert answer.status_code not in (401, 403, 429, 500)


async def test_a_head_needs_the_scope_too(site: Site, store: Store) -> None:
    for scope, status in ((Scope.READ_FACTS, 200), (Scope.WRITE_FACTS, 403)):
        authorization = f"Bearer {await _token(store, scope)}"
        answer = await site.api("HEAD", "products/rome", authorization=authorization)
        assert answer.status_code == status


# How much


@pytest.fixture
async def narrow(settings: Settings, store_url: str) -> AsyncIterator[list[Site]]:
    """Two servers on one store, with three requests a minute for each token."""
    few = settings.model_copy(update={"requests_per_minute": 3})
    async with running_site(few, store_url) as one, running_site(few, store_url) as other:
        yield [one, other]


async def test_all_servers_count_together(narrow: list[Site]) -> None:
    answers = [await narrow[number % 2].api("GET", "attributes") for number in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert {one.headers["ratelimit-policy"] for one in answers} == {'"token";q=3;w=60'}
    assert [one.headers["ratelimit"].partition(";t=")[0] for one in answers] == [
        '"token";r=2',
        '"token";r=1',
        '"token";r=0',
        '"token";r=0',
    ]
    refused = answers[-1]
    assert refused.json()["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit"].endswith(f";t={refused.headers['retry-after']}")


async def test_each_token_has_its_own(narrow: list[Site], store: Store) -> None:
    site = narrow[0]
    own = f"Bearer {await _token(store, Scope.READ_DEFINITIONS)}"
    wrong = f"{own[:-1]}{'a' if own[-1] != 'a' else 'b'}"
    for _ in range(5):
        assert (await site.api("GET", "attributes", authorization=wrong)).status_code == 401
        await site.api("GET", "attributes")
    asked = [await site.api("GET", "attributes", authorization=own) for _ in range(4)]
    assert [one.status_code for one in asked] == [200, 200, 200, 429]


async def test_what_is_refused_is_counted_too(narrow: list[Site], store: Store) -> None:
    token = f"Bearer {await _token(store, Scope.LINKS)}"
    paths = ["attributes", "nothing", "products/none", "attributes"]
    asked = [await narrow[0].api("GET", path, authorization=token) for path in paths]
    assert [one.status_code for one in asked] == [403, 404, 403, 429]
    assert all("ratelimit" in one.headers for one in asked)


async def test_errors_tell_how_it_stands_too(site: Site) -> None:
    assert "ratelimit" in (await site.api("GET", "products/none")).headers
    assert "ratelimit" in (await site.api("PUT", "products/rome", b"{")).headers


async def test_none_are_counted_where_there_is_no_limit(
    settings: Settings, store_url: str, store: Store
) -> None:
    unlimited = settings.model_copy(update={"requests_per_minute": 0})
    async with running_site(unlimited, store_url) as site:
        answer = await site.api("GET", "attributes")
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
    assert await store.find(store.keys.quota("")) == set()


async def test_a_store_that_is_not_reached_refuses_nobody_for_that(
    settings: Settings, tmp_path: Path
) -> None:
    few = settings.model_copy(update={"requests_per_minute": 1})
    async with running_site(few, f"unix://{tmp_path}/none.sock") as site:
        for _ in range(3):
            answer = await site.api("GET", "attributes")
            assert (answer.status_code, answer.json()["code"]) == (503, "STORE_DOWN")
        stored = await site.api(
            "GET", "attributes", authorization=f"Bearer dct_{'0' * 12}_{'a' * 43}"
        )
        assert (stored.status_code, stored.json()["code"]) == (503, "STORE_DOWN")


async def test_the_token_and_the_count_are_asked_for_together(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await _token(store, Scope.READ_DEFINITIONS)
    asked: list[asyncio.Future[Any]] = []
    answered: list[int] = []
    ask = Store.ask

    def noting(self: Store, *commands: Command) -> asyncio.Future[Any]:
        answered.append(sum(future.done() for future in asked))
        asked.append(ask(self, *commands))
        return asked[-1]

    monkeypatch.setattr(Store, "ask", noting)
    path = "conditions/schema"  # which asks for nothing of the store
    answer = await site.api("GET", path, authorization=f"Bearer {token}")
    assert answer.status_code == 200
    assert answered[:2] == [0, 0]


# What is said of it


async def test_refusals_are_counted_by_their_code(narrow: list[Site], store: Store) -> None:
    [site, _] = narrow
    await site.api("GET", "attributes", authorization="Bearer wrong")
    token = f"Bearer {await _token(store, Scope.LINKS)}"
    for _ in range(5):
        await site.api("GET", "attributes", authorization=token)
    exposition = (await site.client.get("/metrics")).text
    counted = {
        sample.labels["code"]: sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == "dyncontent_refused_total"
    }
    assert counted == {"UNAUTHORIZED": 1, "FORBIDDEN": 3, "TOO_MANY_REQUESTS": 2}


async def test_no_token_is_in_logs_or_the_store(
    site: Site, store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await site.do("POST", "tokens", {"name": "x", "scopes": ["links", "admin"]})
    authorization = f"Bearer {made['token']}"
    for path in ("tokens", "attributes", f"tokens/{made['id']}"):
        answer = await site.api("GET", path, authorization=authorization)
        assert made["token"] not in answer.text
    await site.api(
        "PUT", "hosts", {"hosts": []}, authorization=authorization, idempotency_key="once"
    )
    await site.api("PUT", "products/rome", {"stock": 1}, idempotency_key="once")
    folder = Path(store_url.removeprefix("unix://")).parent
    written = await asyncio.to_thread(
        lambda: b"".join(path.read_bytes() for path in folder.rglob("*.aof"))
    )
    assert made["id"].encode() in written
    for token in (made["token"], made["token"][17:], TOKEN):
        assert token.encode() not in written
        assert token not in caplog.text

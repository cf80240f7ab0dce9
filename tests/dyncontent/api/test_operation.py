"""Operations and the routes that they make."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from dyncontent.api.operation import Content, Guard, Operation, Scope, router
from dyncontent.catalog.model import Definition

pytestmark = pytest.mark.anyio


async def _told(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.path_params.get('id')}")


async def _other(_: Request) -> Response:
    return PlainTextResponse("other")


def _open(_: Operation | None, app: ASGIApp) -> ASGIApp:
    return app


def _client(guard: Guard = _open) -> httpx.AsyncClient:
    operations = [
        Operation("GET", "/things/all", _other, "List them", Scope.READ_FACTS),
        Operation("GET", "/things/{id}", _told, "Read a thing", Scope.READ_FACTS),
        Operation("PUT", "/things/{id}", _other, "Write a thing", Scope.WRITE_FACTS),
    ]
    routes = [Mount("/", router(operations, guard))]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


async def test_each_method_of_a_path_has_its_operation() -> None:
    async with _client() as client:
        assert (await client.get("/things/7")).text == "GET 7"
        assert (await client.head("/things/7")).status_code == 200
        assert (await client.put("/things/7")).text == "other"
        assert (await client.get("/things/all")).text == "other"


async def test_nothing_is_answered_past_the_guard() -> None:
    guarded: list[str | None] = []

    def guard(operation: Operation | None, _: ASGIApp) -> ASGIApp:
        async def stopped(scope: AsgiScope, receive: Receive, send: Send) -> None:
            guarded.append(operation.summary if operation else None)
            await PlainTextResponse("stopped")(scope, receive, send)

        return stopped

    asked = {
        ("GET", "/things/7"): "Read a thing",
        ("HEAD", "/things/7"): "Read a thing",
        ("PUT", "/things/7"): "Write a thing",
        ("PUT", "/things/all"): "Write a thing",
        ("GET", "/things/all"): "List them",
        ("DELETE", "/things/7"): None,
        ("GET", "/nothing"): None,
        ("GET", "/things/7/"): None,
    }
    async with _client(guard) as client:
        for method, path in asked:
            assert (await client.request(method, path)).status_code == 200
    assert guarded == list(asked.values())


@pytest.mark.parametrize(
    ("changes", "keeps"),
    [
        ({}, True),
        ({"method": "GET"}, False),
        ({"secret": True}, False),
        ({"body": Content(("application/x-ndjson",), lines=Definition)}, False),
        ({"body": Content(("image/png",))}, True),
    ],
)
def test_which_operations_keep_their_answers(changes: dict[str, Any], keeps: bool) -> None:
    operation = Operation("PUT", "/things/{id}", _other, "Write a thing", Scope.WRITE_FACTS)
    assert replace(operation, **changes).keeps_answer is keeps


async def test_a_method_that_is_not_there_is_refused_with_those_that_are() -> None:
    async with _client() as client:
        refused = await client.delete("/things/7")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}

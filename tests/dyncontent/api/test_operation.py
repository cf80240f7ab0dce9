"""Operations and the routes that they make."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount

from dyncontent.api.operation import Operation, Scope, router

pytestmark = pytest.mark.anyio


async def _told(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.path_params.get('id')}")


async def _other(_: Request) -> Response:
    return PlainTextResponse("other")


def _client() -> httpx.AsyncClient:
    operations = [
        Operation("GET", "/things/all", _other, "List them", Scope.READ_FACTS),
        Operation("GET", "/things/{id}", _told, "Read a thing", Scope.READ_FACTS),
        Operation("PUT", "/things/{id}", _other, "Write a thing", Scope.WRITE_FACTS),
    ]
    routes = [Mount("/", router(operations, lambda _, app: app))]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


async def test_each_method_of_a_path_has_its_operation() -> None:
    async with _client() as client:
        assert (await client.get("/things/7")).text == "GET 7"
        assert (await client.head("/things/7")).status_code == 200
        assert (await client.put("/things/7")).text == "other"
        assert (await client.get("/things/all")).text == "other"


async def test_a_method_that_is_not_there_is_refused_with_those_that_are() -> None:
    async with _client() as client:
        refused = await client.delete("/things/7")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}

"""The description of the API: valid OpenAPI, of real examples, that every client gets."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator

from dyncontent.api.openapi import document, operation_id
from dyncontent.api.operation import Operation, Scope
from tests.site import Site

pytestmark = pytest.mark.anyio

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture
async def described(site: Site) -> dict[str, Any]:
    told: dict[str, Any] = (await site.client.get("/api/v1/openapi.json")).json()
    return told


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


async def test_it_is_openapi(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(described).validate()
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in _references(described):
        here: Any = described
        for step in reference.removeprefix("#/").split("/"):
            here = here[step]


def _references(part: Any) -> Iterator[str]:
    match part:
        case dict():
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for member in part.values():
                yield from _references(member)
        case list():
            for member in part:
                yield from _references(member)


async def test_names_are_short_and_no_two_alike(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(described)]
    assert len(names) == len(set(names))
    assert {"get_blocks", "get_block", "put_product", "post_links_bulk"} <= set(names)
    assert all(name.isidentifier() for name in names)
    assert all(name.isalnum() for name in described["components"]["schemas"])


async def test_every_operation_says_all_of_itself(described: dict[str, Any]) -> None:
    for method, path, operation in _operations(described):
        assert method in METHODS
        assert operation["summary"][0].isupper(), path
        assert operation["tags"], path
        statuses = set(operation["responses"])
        assert any(status.startswith("2") for status in statuses), path
        assert {"500", "503"} <= statuses, path
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        if operation["security"]:
            [[scope]] = operation["security"][0].values()
            assert scope in set(Scope)
            assert {"401", "403", "429"} <= statuses


async def test_every_body_has_an_example_that_is_accepted(described: dict[str, Any]) -> None:
    for _, path, operation in _operations(described):
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
            if "schema" not in media or media_type != "application/json":
                continue
            first = next(iter(operation["requestBody"]["content"].values()))
            schema = media["schema"] | {"components": described["components"]}
            Draft202012Validator(schema).validate(first["example"])
            assert first["example"], path


async def test_the_examples_are_done(site: Site, described: dict[str, Any]) -> None:
    """In an order in which what an example asks for is there."""
    order = ("put", "patch", "post")
    asked = sorted(_operations(described), key=lambda one: [*order, one[0]].index(one[0]))
    for method, path, operation in asked:
        content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
        media_type, media = next(iter(content.items()), ("", dict[str, Any]()))
        if "example" not in media:
            continue
        example = media["example"]
        body = example.encode() if isinstance(example, str) else example
        named = path.removeprefix("/api/v1/").replace("{id}", _sample(path))
        answered = await site.api(method.upper(), named, body, content_type=media_type)
        assert answered.is_success, (path, answered.text)


def _sample(path: str) -> str:
    names = {
        "products": "rome",
        "blocks": "trip",
        "messages": "spring",
        "recipients": "aino",
        "sources": "weather",
    }
    return names.get(path.split("/")[3], "77")


async def test_it_needs_no_token_and_is_kept(site: Site) -> None:
    first = await site.client.get("/api/v1/openapi.json")
    assert first.headers["content-type"] == "application/json"
    headers = {"if-none-match": first.headers["etag"]}
    again = await site.client.get("/api/v1/openapi.json", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_other_methods_of_it_are_refused(site: Site) -> None:
    refused = await site.client.post("/api/v1/openapi.json")
    assert refused.status_code == 405


async def test_a_patch_may_name_anything_to_remove_it(described: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/ProductPatch", "components": described["components"]}
    valid = Draft202012Validator(schema).is_valid
    assert valid({})
    assert valid({"stock": None, "attributes": {"size": None}, "nothing": None})
    assert valid({"price": {"amount": "5.00"}})
    assert not valid({"price": {"amount": "five"}})
    assert not valid({"nothing": 1})


def test_an_id_is_made_of_method_and_path() -> None:
    async def handler(_: Any) -> Any: ...

    def name(method: str, path: str) -> str:
        return operation_id(Operation(method, path, handler, "Do", None))

    assert name("GET", "/blocks") == "get_blocks"
    assert name("GET", "/blocks/{id}/versions/{number}") == "get_block_version"
    assert name("GET", "/openapi.json") == "get_openapi_json"


def test_without_a_scope_there_is_no_token() -> None:
    async def handler(_: Any) -> Any: ...

    told = document([Operation("GET", "/open", handler, "Read", None)])
    operation = told["paths"]["/api/v1/open"]["get"]
    assert operation["security"] == []
    assert set(operation["responses"]) == {"200", "500", "503"}

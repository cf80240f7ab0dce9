"""The page about the API: it says all, needs no network, and runs nothing that is not its own."""

import re
import shlex
from html.parser import HTMLParser

import pytest

from dyncontent.api.reference.page import PATH, curl
from tests.site import BASE_URL, Site

pytestmark = pytest.mark.anyio


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(given)
        self.ids += filter(None, [given.get("id")])
        for name in ("href", "src"):
            if value := given.get(name):
                (self.links if tag == "a" else self.loaded).append(value)


@pytest.fixture
async def text(site: Site) -> str:
    return (await site.client.get(PATH)).text


async def test_every_operation_and_schema_stands_on_it(site: Site, text: str) -> None:
    document = (await site.client.get("/api/v1/openapi.json")).json()
    ids = _Page(text).ids
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["operationId"] in ids
            assert path in text
    for name in document["components"]["schemas"]:
        assert f"schema-{name}" in ids
    assert len(ids) == len(set(ids))


async def test_every_link_leads_somewhere(site: Site, text: str) -> None:
    page = _Page(text)
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert (await site.client.get(link)).status_code == 200


async def test_it_loads_nothing_from_elsewhere(site: Site, text: str) -> None:
    page = _Page(text)
    loaded = [one for one in page.loaded if one != "data:,"]
    assert loaded == [f"{PATH}/page.css", f"{PATH}/page.mjs"]
    for address in loaded:
        assert (await site.client.get(address)).status_code == 200
    styles = (await site.client.get(f"{PATH}/page.css")).text
    assert not re.search(r"url\(|@import|https?:", styles)
    assert "style" not in page.tags | page.attributes
    assert not any(name.startswith("on") for name in page.attributes)


async def test_it_may_run_only_what_is_its_own(site: Site) -> None:
    policy = (await site.client.get(PATH)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_it_is_kept_and_asked_for_again(site: Site) -> None:
    for path, type_ in ((PATH, "text/html"), (f"{PATH}/page.mjs", "text/javascript")):
        first = await site.client.get(path)
        assert first.headers["content-type"] == f"{type_}; charset=utf-8"
        again = await site.client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("name", ["page.html", "page.py", "..%2fpage.py", "nothing"])
async def test_nothing_else_is_given(site: Site, name: str) -> None:
    assert (await site.client.get(f"{PATH}/{name}")).status_code == 404


async def test_the_examples_are_commands(site: Site) -> None:
    document = (await site.client.get("/api/v1/openapi.json")).json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            command = curl(method.upper(), BASE_URL + path, operation)
            words = shlex.split(command.partition("<<")[0].replace("\\\n", " "))
            assert words[0] == "curl"
            assert not set("{}") & set(next(word for word in words if word.startswith(BASE_URL)))


def test_quotes_in_an_example_stay_what_they_are() -> None:
    body = {"content": {"application/json": {"example": {"note": "it's"}}}}
    command = curl("PUT", "https://a.example/x", {"security": [], "requestBody": body})
    assert shlex.split(command.replace("\\\n", " "))[-1] == '{\n  "note": "it\'s"\n}'

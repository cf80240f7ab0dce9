"""URLs for a whole send, beside a signer in JavaScript that was written from the docs alone."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.api import links as links_module
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.store.roundtrip import StoreError
from tests.samples import BLOCK
from tests.site import BASE_URL, Site

HERE = Path(__file__).parent
VECTORS = orjson.loads((HERE.parents[1] / "cases" / "signing.json").read_bytes())
NODE = shutil.which("node")
SEND = 20_000

needs_node = pytest.mark.skipif(NODE is None, reason="there is no node on the PATH")


def _signed(asked: list[dict[str, Any]]) -> list[str]:
    lines = b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in asked)
    command = (str(NODE), str(HERE / "signing.mjs"))
    done = subprocess.run(command, input=lines, capture_output=True, check=True)
    return done.stdout.decode().splitlines()


async def _made(site: Site, *lines: Any) -> list[Any]:
    raw = [line if isinstance(line, bytes) else orjson.dumps(line) for line in lines]
    response = await site.api("POST", "links/bulk", b"\n".join(raw))
    assert response.headers["content-type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in response.content.splitlines()]


def _asked(recipient: str, **more: Any) -> dict[str, Any]:
    return {"block": BLOCK, "recipient": recipient, "message": "spring"} | more


@needs_node
def test_the_signer_agrees_with_the_vectors() -> None:
    for kind, made in (("cases", "url"), ("tagged", "url"), ("handles", "handle")):
        assert _signed(VECTORS[kind]) == [case[made] for case in VECTORS[kind]]


@needs_node
@pytest.mark.anyio
async def test_the_links_of_a_send_are_those_of_the_signer(site: Site) -> None:
    people = [f"r{number}" for number in range(SEND)]
    made = await _made(site, *map(_asked, people))
    assert [links["recipient"] for links in made] == people
    secret = site.settings.url_keys[0]
    names = {"image": "i", "click": "c", "html": "h"}
    expected = _signed(
        [_asked(name, secret=secret, purpose=names[kind]) for name in people for kind in names]
    )
    assert [links[kind] for links in made for kind in names] == [BASE_URL + url for url in expected]


@pytest.mark.anyio
async def test_links_in_bulk_are_those_of_single_calls(site: Site) -> None:
    made = await _made(site, _asked("aino"), _asked("aino", type="gif"))
    single = [await site.links(), await site.links(type="gif")]
    assert made == [{"recipient": "aino"} | links for links in single]


@pytest.mark.anyio
async def test_what_is_wrong_with_a_line_is_told_in_its_place(site: Site) -> None:
    made = await _made(
        site, _asked("a"), b"{", b"", _asked("b", block="none"), _asked("c d"), _asked("e")
    )
    assert [each.get("line", each.get("recipient")) for each in made] == ["a", 2, 4, 5, "e"]
    _, broken, none, blank, _ = made
    assert broken["error"]["code"] == "NOT_JSON"
    assert (none["error"]["status"], none["error"]["code"]) == (404, "NOT_FOUND")
    assert blank["error"]["fields"][0]["path"] == "recipient"


@pytest.mark.anyio
async def test_a_block_is_looked_up_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    draft = Catalogue.draft

    async def counted(catalogue: Any, block: str) -> Any:
        asked.append(block)
        return await draft(catalogue, block)

    monkeypatch.setattr(Catalogue, "draft", counted)
    await _made(
        site, *(_asked(f"r{number}") for number in range(5)), *[_asked("x", block="no")] * 3
    )
    assert asked == [BLOCK, "no"]
    asked.clear()
    monkeypatch.setattr(links_module, "MOST_BLOCKS", 1)
    await _made(site, _asked("a"), _asked("b", block="no"), _asked("c"))
    assert asked == [BLOCK, "no", BLOCK]


@pytest.mark.anyio
async def test_a_store_that_is_down_is_told_and_asked_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = Catalogue.draft
    downs = iter([True, False])

    async def down_first(catalogue: Any, block: str) -> Any:
        if next(downs):
            raise StoreError("down")
        return await draft(catalogue, block)

    monkeypatch.setattr(Catalogue, "draft", down_first)
    first, second = await _made(site, _asked("a"), _asked("b"))
    assert (first["line"], first["error"]["code"]) == (1, "STORE_DOWN")
    assert second["recipient"] == "b"

"""Drafts and versions."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from tests import samples
from tests.samples import BLOCK, BLUE, HOST
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio


def _plain(title: str) -> dict[str, Any]:
    return samples.block(samples.variant("v", BLUE, f"https://{HOST}/"), title=title)


async def test_a_draft_is_kept_and_a_version_stays(site: Site) -> None:
    before = await site.do("GET", f"blocks/{BLOCK}")
    assert (before["published_version"], before["changed_since"]) == (1, False)
    edited = await site.do("PUT", f"blocks/{BLOCK}", _plain("New"))
    assert (edited["published_version"], edited["changed_since"]) == (1, True)
    assert edited["block"]["title"] == "New"
    first = await site.do("GET", f"blocks/{BLOCK}/versions/1")
    assert (first["version"], first["block"]) == (1, before["block"])
    await site.do("POST", f"blocks/{BLOCK}/publish")
    assert (await site.do("GET", f"blocks/{BLOCK}/versions/2"))["block"] == edited["block"]
    assert await site.do("GET", f"blocks/{BLOCK}/versions/1") == first


async def test_publishing_twice_makes_one_version(site: Site) -> None:
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 1
    await site.do("PUT", f"blocks/{BLOCK}", samples.block())
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 1


async def test_publishing_at_once_numbers_each_version_once(site: Site) -> None:
    async def change(number: int) -> int:
        await site.do("PUT", "blocks/b", _plain(str(number)))
        return int((await site.do("POST", "blocks/b/publish"))["published_version"])

    numbers = await asyncio.gather(*(change(number) for number in range(10)))
    last = max(numbers)
    titles = [
        (await site.do("GET", f"blocks/b/versions/{number}"))["block"]["title"]
        for number in range(1, last + 1)
    ]
    assert len(set(titles)) == len(titles) == last


async def test_a_block_with_a_picture_that_is_not_there_is_refused(site: Site) -> None:
    layer = {"kind": "picture", "picture": "0" * 32, "x": 0, "y": 0, "width": 9, "height": 9}
    shown = samples.variant("v", BLUE, f"https://{HOST}/", samples.text("a"), layer)
    response = await site.api("PUT", "blocks/b", samples.block(shown))
    assert response.json()["fields"] == [
        {
            "path": "variants.0.creative.canvas.layers.1.picture",
            "value": "0" * 32,
            "expected": "the id of an uploaded picture (POST /api/v1/assets)",
        }
    ]


async def test_pictures_of_different_sizes_are_refused(site: Site) -> None:
    wide = samples.variant("v", BLUE, f"https://{HOST}/")
    wide["creative"]["canvas"]["width"] = 80
    problem = (await site.api("PUT", "blocks/b", samples.block(wide))).json()
    assert "60x40, that of v 80x40" in problem["fields"][0]["expected"]


async def test_two_variants_of_one_name_are_refused(site: Site) -> None:
    twice = [samples.variant("v", BLUE, f"https://{HOST}/")] * 2
    problem = (await site.api("PUT", "blocks/b", samples.block(*twice))).json()
    assert "same id" in problem["fields"][0]["expected"]


@pytest.mark.parametrize(
    "change",
    [
        {"alt": "{{ recipient.first_name }}"},
        {"alt": "{{ recipient.first_name | default('you') }}"},
        {"link": "{{ offer.link }}"},
        {"creative": samples.canvas(BLUE, samples.text("{{ product['rome'].stock }}"))},
        {
            "creative": samples.canvas(
                BLUE,
                {"kind": "picture", "picture": "{{offer.picture}}", "x": 0, "y": 0, "width": 9,
                 "height": 9},
            )
        },
    ],
)  # fmt: skip
async def test_a_fallback_needs_no_facts(site: Site, change: dict[str, Any]) -> None:
    fallback = samples.block()["fallback"] | change
    problem = (await site.api("PUT", "blocks/b", samples.block(fallback=fallback))).json()
    assert [bad["path"] for bad in problem["fields"]] == ["fallback"]


@pytest.mark.parametrize(
    "change",
    [{"link": "{{ offer.link }}"}, {"alt": "{{ offer.title }}"}],
)
async def test_without_an_offer_there_is_none_to_show(site: Site, change: dict[str, Any]) -> None:
    shown = samples.variant("v", BLUE, f"https://{HOST}/") | change
    problem = (await site.api("PUT", "blocks/b", samples.block(shown))).json()
    assert "without an offer" in problem["fields"][0]["expected"]


async def test_a_draft_whose_host_is_no_longer_allowed_is_not_published(
    site: Site, store_url: str
) -> None:
    await site.do("PUT", "blocks/b", _plain("b"))
    stricter = site.settings.model_copy(update={"allowed_hosts": ("other.example",)})
    async with running_site(stricter, store_url) as other:
        response = await other.api("POST", "blocks/b/publish")
        assert response.status_code == 422
        paths = {bad["path"] for bad in response.json()["fields"]}
        assert paths == {"variants.0.link.any", "fallback.link.any"}
    assert (await site.do("GET", "blocks/b"))["published_version"] is None


@pytest.mark.parametrize("number", ["0", "9", "-1", "x", "9" * 5000])
async def test_a_version_that_is_not_there_is_said(site: Site, number: str) -> None:
    response = await site.api("GET", f"blocks/{BLOCK}/versions/{number}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


async def test_a_product_with_a_picture_that_is_not_there_is_refused(site: Site) -> None:
    for method in ("PUT", "PATCH"):
        response = await site.api(method, "products/rome", {"picture": "0" * 32})
        assert [bad["path"] for bad in response.json()["fields"]] == ["picture"]
    stored = await site.do("POST", "assets", samples.a_picture())
    assert (await site.do("PATCH", "products/rome", {"picture": stored["id"]}))["picture"]


async def _etag(site: Site, path: str = f"blocks/{BLOCK}") -> str:
    return (await site.api("GET", path)).headers["etag"]


async def test_blocks_are_listed_page_by_page_while_others_are_made(site: Site) -> None:
    names = [f"b-{number}" for number in range(5)]
    for name in names:
        await site.do("PUT", f"blocks/{name}", _plain(name))
    first = await site.do("GET", "blocks?limit=2")
    assert first["blocks"][0] == {
        "id": "b-0",
        "title": "b-0",
        "class": "marketing",
        "published_version": None,
        "changed_since": True,
        "archived": False,
    }
    for name in ("a", "b-0-1", "z"):
        await site.do("PUT", f"blocks/{name}", _plain(name))
    found, page = [*first["blocks"]], first
    while page["next_cursor"]:
        page = await site.do("GET", f"blocks?limit=2&cursor={page['next_cursor']}")
        found += page["blocks"]
    assert [block["id"] for block in found] == [*names, BLOCK, "z"]
    everything = await site.do("GET", "blocks")
    assert [block["id"] for block in everything["blocks"]] == [
        "a", "b-0", "b-0-1", *names[1:], BLOCK, "z"
    ]  # fmt: skip
    assert everything["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "cursor=!", "cursor=w6Q"])
@pytest.mark.parametrize("path", ["blocks", f"blocks/{BLOCK}/versions"])
async def test_a_page_that_there_is_none_of_is_refused(site: Site, path: str, query: str) -> None:
    response = await site.api("GET", f"{path}?{query}")
    assert response.status_code == 422
    assert [field["path"] for field in response.json()["fields"]] == [query.partition("=")[0]]


async def test_versions_are_listed_newest_first(site: Site) -> None:
    await site.do("PUT", f"blocks/{BLOCK}", _plain("2"))
    await site.do("POST", f"blocks/{BLOCK}/publish", {"note": "Blue for autumn"})
    await site.do("PUT", f"blocks/{BLOCK}", _plain("3"))
    await site.do("POST", f"blocks/{BLOCK}/publish", {})
    listed = await site.do("GET", f"blocks/{BLOCK}/versions")
    assert (listed["id"], listed["next_cursor"]) == (BLOCK, None)
    assert [(one["version"], one["note"]) for one in listed["versions"]] == [
        (3, None), (2, "Blue for autumn"), (1, None)
    ]  # fmt: skip
    times = [datetime.fromisoformat(one["published_at"]) for one in listed["versions"]]
    assert times == sorted(times, reverse=True)
    second = await site.do("GET", f"blocks/{BLOCK}/versions/2")
    assert second.items() >= listed["versions"][1].items()
    page = await site.do("GET", f"blocks/{BLOCK}/versions?limit=2")
    assert page["versions"] == listed["versions"][:2]
    await site.do("PUT", f"blocks/{BLOCK}", _plain("4"))
    await site.do("POST", f"blocks/{BLOCK}/publish")
    rest = await site.do("GET", f"blocks/{BLOCK}/versions?limit=2&cursor={page['next_cursor']}")
    assert (rest["versions"], rest["next_cursor"]) == (listed["versions"][2:], None)
    assert (await site.api("GET", "blocks/none/versions")).status_code == 404


@pytest.mark.parametrize("body", [{"note": ""}, {"note": "x" * 501}, {"note": 1}, {"text": "a"}])
async def test_a_note_that_is_none_publishes_nothing(site: Site, body: dict[str, Any]) -> None:
    await site.do("PUT", f"blocks/{BLOCK}", _plain("2"))
    assert (await site.api("POST", f"blocks/{BLOCK}/publish", body)).status_code == 422
    assert (await site.do("GET", f"blocks/{BLOCK}"))["published_version"] == 1


async def test_a_version_is_restored_and_then_published(site: Site) -> None:
    first = (await site.do("GET", f"blocks/{BLOCK}"))["block"]
    await site.publish(_plain("second"))
    restored = await site.do("POST", f"blocks/{BLOCK}/restore", {"version": 1})
    assert (restored["block"], restored["published_version"]) == (first, 2)
    assert restored["changed_since"]
    assert await site.colour() == BLUE
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 3
    assert await site.colour() == samples.RED


@pytest.mark.parametrize(
    ("body", "status"),
    [({"version": 2}, 404), ({"version": 0}, 422), ({"version": "1"}, 422), ({}, 422),
     ({"version": 10**12}, 422)],
)  # fmt: skip
async def test_what_cannot_be_restored_changes_nothing(
    site: Site, body: dict[str, Any], status: int
) -> None:
    before = await _etag(site)
    assert (await site.api("POST", f"blocks/{BLOCK}/restore", body)).status_code == status
    assert await _etag(site) == before


async def test_a_diff_tells_what_changed_and_where(site: Site) -> None:
    assert (await site.do("GET", f"blocks/{BLOCK}/diff"))["changes"] == []
    edited = samples.block(title="Autumn")
    edited["variants"] = edited["variants"][:1]
    edited["variants"][0]["alt"] = "Rome"
    await site.do("PUT", f"blocks/{BLOCK}", edited)
    told = await site.do("GET", f"blocks/{BLOCK}/diff?from=1&to=draft")
    assert (told["id"], told["from"], told["to"]) == (BLOCK, 1, "draft")
    gone = (await site.do("GET", f"blocks/{BLOCK}/versions/1"))["block"]["variants"][1]
    assert told["changes"] == [
        {"op": "replace", "path": "/title", "before": "Trip", "after": "Autumn"},
        {"op": "remove", "path": "/variants/1", "before": gone, "after": None},
        {"op": "replace", "path": "/variants/0/alt/any", "before": "rome", "after": "Rome"},
    ]
    assert await site.do("GET", f"blocks/{BLOCK}/diff") == told
    await site.do("POST", f"blocks/{BLOCK}/publish")
    assert (await site.do("GET", f"blocks/{BLOCK}/diff?from=1&to=2"))["changes"] == told["changes"]
    [_, back, _] = (await site.do("GET", f"blocks/{BLOCK}/diff?from=draft&to=1"))["changes"]
    assert back["op"] == "replace"
    await site.do("PUT", "blocks/new", _plain("new"))
    never = await site.do("GET", "blocks/new/diff")
    assert (never["from"], never["changes"]) == ("draft", [])


@pytest.mark.parametrize(
    ("path", "status"),
    [("none/diff", 404), (f"{BLOCK}/diff?from=2", 404), (f"{BLOCK}/diff?to={'9' * 5000}", 404),
     (f"{BLOCK}/diff?from=x", 422), (f"{BLOCK}/diff?to=-1", 422)],
)  # fmt: skip
async def test_a_diff_of_what_there_is_not_is_refused(site: Site, path: str, status: int) -> None:
    assert (await site.api("GET", f"blocks/{path}")).status_code == status


async def test_an_archived_block_says_to_unarchive_it_first(site: Site) -> None:
    assert (await site.do("POST", f"blocks/{BLOCK}/archive"))["archived"]
    await site.do("PUT", f"blocks/{BLOCK}", _plain("second"))
    refused = await site.api("POST", f"blocks/{BLOCK}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "ARCHIVED")
    assert "unarchive it first" in refused.json()["message"]
    [listed] = (await site.do("GET", "blocks"))["blocks"]
    assert listed["archived"]
    assert not (await site.do("POST", f"blocks/{BLOCK}/unarchive"))["archived"]
    assert (await site.do("POST", f"blocks/{BLOCK}/publish"))["published_version"] == 2
    assert (await site.api("POST", "blocks/none/archive")).status_code == 404


@pytest.mark.parametrize(
    ("method", "call", "body"),
    [
        ("PUT", "", _plain("mine")),
        ("POST", "/publish", None),
        ("POST", "/restore", {"version": 1}),
        ("POST", "/archive", None),
        ("POST", "/unarchive", None),
    ],
)
async def test_whoever_was_slower_is_told_so_and_changes_nothing(
    site: Site, method: str, call: str, body: Any
) -> None:
    path = f"blocks/{BLOCK}"
    seen = await _etag(site)
    theirs = (await site.api("PUT", path, _plain("theirs"), if_match=seen)).headers["etag"]
    assert theirs == await _etag(site) != seen
    refused = await site.api(method, path + call, body, if_match=seen)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (412, "PRECONDITION_FAILED")
    assert problem["message"].startswith(
        f"Another editor was faster: block {BLOCK} is {theirs} now"
    )
    assert problem["fields"] == [{"path": "If-Match", "value": seen, "expected": theirs}]
    assert refused.headers["etag"] == theirs == await _etag(site)
    accepted = await site.api(method, path + call, body, if_match=theirs)
    assert accepted.is_success, accepted.text
    assert accepted.headers["etag"] == await _etag(site)


async def test_a_block_is_made_only_if_there_is_none(site: Site) -> None:
    made = await site.api("PUT", "blocks/new", _plain("a"), if_none_match="*")
    assert made.is_success
    refused = await site.api("PUT", "blocks/new", _plain("b"), if_none_match="*")
    assert refused.status_code == 412
    etag = made.headers["etag"]
    assert refused.json()["fields"] == [
        {"path": "If-None-Match", "value": "*", "expected": f"another than {etag}"}
    ]
    absent = await site.api("PUT", "blocks/other", _plain("b"), if_match=etag)
    assert absent.status_code == 412
    assert "etag" not in absent.headers
    assert (await site.api("PUT", "blocks/new", _plain("b"), if_match="x")).status_code == 400
    assert (await site.do("GET", "blocks/new"))["block"]["title"] == "a"


async def test_of_many_editors_at_once_each_change_counts_on_all_before(
    site: Site, store_url: str
) -> None:
    """Each adds its own variant to what it read, on two servers; nobody's is lost."""
    await site.do("PUT", "blocks/b", _plain("b"))
    refusals: list[str] = []

    async def add(at: Site, name: str) -> None:
        while True:
            read = await at.api("GET", "blocks/b")
            block = read.json()["block"]
            block["variants"].append(samples.variant(name, BLUE, f"https://{HOST}/"))
            written = await at.api("PUT", "blocks/b", block, if_match=read.headers["etag"])
            if written.is_success:
                return
            assert written.status_code == 412, written.text
            refusals.append(name)

    async with running_site(site.settings, store_url) as other:
        sites = (site, other)
        await asyncio.gather(*(add(sites[number % 2], f"n{number}") for number in range(16)))
    variants = (await site.do("GET", "blocks/b"))["block"]["variants"]
    assert {one["id"] for one in variants} == {"v", *(f"n{number}" for number in range(16))}
    assert refusals


async def test_of_many_who_make_a_block_one_does(site: Site) -> None:
    async def make(number: int) -> int:
        made = await site.api("PUT", "blocks/b", _plain(str(number)), if_none_match="*")
        return made.status_code

    statuses = await asyncio.gather(*map(make, range(12)))
    assert sorted(statuses) == [200] + [412] * 11
    title = (await site.do("GET", "blocks/b"))["block"]["title"]
    assert title == str(statuses.index(200))


async def test_a_version_that_is_no_longer_allowed_is_restored_but_not_published(
    site: Site, store_url: str
) -> None:
    await site.publish(_plain("second"))
    stricter = site.settings.model_copy(update={"allowed_hosts": ("other.example",)})
    async with running_site(stricter, store_url) as other:
        restored = await other.do("POST", f"blocks/{BLOCK}/restore", {"version": 1})
        assert restored["block"]["title"] == "Trip"
        refused = await other.api("POST", f"blocks/{BLOCK}/publish")
        assert refused.status_code == 422
        assert "fallback.link.any" in {field["path"] for field in refused.json()["fields"]}
    assert (await site.do("GET", f"blocks/{BLOCK}"))["published_version"] == 2

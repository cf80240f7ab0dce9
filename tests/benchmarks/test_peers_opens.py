"""The peers of an open do what our server does, so that what it costs can be compared."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from benchmarks.peers import MissingError
from benchmarks.peers.opens import Peer, block
from benchmarks.peers.opens.alike import AGENTS, Person, Stage, differences, stage
from benchmarks.peers.opens.nginx import LUA
from benchmarks.peers.opens.usual import NAME
from dyncontent.store.keys import Keys

A_PERSON = AGENTS["a person"]


@pytest.fixture(scope="module")
def all_of_them() -> Iterator[Stage]:
    with ExitStack() as running:
        try:
            found = running.enter_context(stage())
        except MissingError as missing:
            pytest.skip(str(missing))
        yield found


@pytest.fixture(params=[LUA, NAME])
def peer(all_of_them: Stage, request: pytest.FixtureRequest) -> Peer:
    [found] = [peer for peer in all_of_them.peers if peer.name == request.param]
    return found


def _with(all_of_them: Stage, detail: str, offer: str | None) -> Person:
    """Somebody to whom our server shows an offer, and who is tracked, or nothing, and why."""
    for person in all_of_them.people:
        [event] = all_of_them.ask(all_of_them.ours, person, person.image).events
        if (event["detail"], event["offer"]) == (detail, offer) and "recipient" in event:
            return person
    raise AssertionError((detail, offer))


@pytest.fixture
def buyer(all_of_them: Stage) -> Person:
    return _with(all_of_them, "VARIANT_HOLDS", "rome")


def test_every_answer_event_and_trace(all_of_them: Stage, peer: Peer) -> None:
    assert differences(all_of_them, peer) == []


def test_lua_writes_our_bytes(all_of_them: Stage) -> None:
    [lua] = [peer for peer in all_of_them.peers if peer.name == LUA]
    keys = Keys(all_of_them.given.prefix)
    for person in all_of_them.people:
        for path in (person.image, person.click):
            ours, other = (
                _written(all_of_them, base_url, keys, person, path)
                for base_url in (all_of_them.ours, lua.base_url)
            )
            assert ours == other


def _written(
    all_of_them: Stage, base_url: str, keys: Keys, person: Person, path: str
) -> tuple[bytes, dict[bytes, bytes]]:
    """The event, without its instant, and what is kept for the click."""
    all_of_them.ask(base_url, person, path)
    store: Any = all_of_them.store
    [(_, entry)] = store.xrange(keys.events)
    kept = store.hgetall(keys.shown(person.id, person.message))
    return re.sub(rb'"at":\d+', b'"at":0', entry[b"event"]), kept


def test_the_people_see_all_that_there_is(all_of_them: Stage) -> None:
    seen = {
        (event["detail"], event["offer"], event["swap"], "recipient" in event)
        for person in all_of_them.people
        for event in all_of_them.ask(all_of_them.ours, person, person.image).events
    }
    assert seen == {
        ("VARIANT_HOLDS", "rome", False, True),
        ("VARIANT_HOLDS", "rome", False, False),
        ("VARIANT_HOLDS", "oslo", True, True),
        ("VARIANT_HOLDS", "oslo", True, False),
        ("NO_VARIANT_HOLDS", None, True, True),
        ("CONSENT_MISSING", None, False, True),
        ("MESSAGE_CLASS", None, False, True),
        ("FACT_MISSING", None, False, True),
    }


def test_the_mail_programs_are_of_each_verdict(all_of_them: Stage, buyer: Person) -> None:
    verdicts = {
        event["verdict"]
        for headers in AGENTS.values()
        for event in all_of_them.ask(all_of_them.ours, buyer, buyer.image, headers).events
    }
    assert verdicts == {"human", "proxy", "prefetch"}


@pytest.mark.parametrize("path", ["image", "click"])
def test_a_head_request_leaves_nothing(
    all_of_them: Stage, peer: Peer, buyer: Person, path: str
) -> None:
    asked = getattr(buyer, path)
    assert all_of_them.differences(peer, buyer, asked, A_PERSON, "HEAD") == []
    assert all_of_them.ask(peer.base_url, buyer, asked, A_PERSON, "HEAD").events == []


def test_a_picture_that_the_client_has(all_of_them: Stage, peer: Peer, buyer: Person) -> None:
    etag = all_of_them.ask(all_of_them.ours, buyer, buyer.image).headers["etag"]
    headers = {**A_PERSON, "if-none-match": etag}
    assert all_of_them.differences(peer, buyer, buyer.image, headers) == []
    assert all_of_them.ask(peer.base_url, buyer, buyer.image, headers).status == 304


@pytest.mark.parametrize("headers", AGENTS.values(), ids=AGENTS)
def test_a_click_without_an_open(
    all_of_them: Stage, peer: Peer, buyer: Person, headers: Mapping[str, str]
) -> None:
    all_of_them.remember(buyer, None)
    assert all_of_them.differences(peer, buyer, buyer.click, headers) == []
    assert all_of_them.ask(peer.base_url, buyer, buyer.click).headers["location"].endswith("/rome")


def test_what_sells_out(all_of_them: Stage, peer: Peer, buyer: Person) -> None:
    before = all_of_them.ask(peer.base_url, buyer, buyer.image)
    _set_stock(all_of_them, 0)
    try:
        all_of_them.settle(peer, buyer)
        assert all_of_them.differences(peer, buyer, buyer.image) == []
        after = all_of_them.ask(peer.base_url, buyer, buyer.image)
        all_of_them.remember(buyer, [1, "rome", "rome"])
        assert all_of_them.differences(peer, buyer, buyer.click) == []
        click = all_of_them.ask(peer.base_url, buyer, buyer.click)
    finally:
        _set_stock(all_of_them, 30)
        all_of_them.settle(peer, buyer)
    assert (before.events[0]["offer"], after.events[0]["offer"]) == ("rome", "oslo")
    assert after.body != before.body
    assert click.headers["location"] == f"{block.HOME}oslo?dyncontent=offer-ended"


def _set_stock(all_of_them: Stage, stock: int) -> None:
    block.accepted(all_of_them.api.patch("products/rome", json={"stock": stock}))


@pytest.mark.parametrize("path", ["image", "click"])
def test_a_signature_that_is_not_ours(
    all_of_them: Stage, peer: Peer, buyer: Person, path: str
) -> None:
    """We answer with the fallback; the peers refuse. Neither keeps anything."""
    asked = getattr(buyer, path)
    forged = asked.replace(f"r={buyer.id}&", "r=somebody-else&")
    assert forged != asked
    ours, other = (
        all_of_them.ask(base_url, buyer, forged) for base_url in (all_of_them.ours, peer.base_url)
    )
    assert (ours.status, other.status) == ({"image": 200, "click": 302}[path], 403)
    assert not ours.events
    assert not other.events
    if path == "image":
        assert ours.body == all_of_them.given.fallback.data


def test_the_file_is_the_picture(all_of_them: Stage, buyer: Person) -> None:
    ours, file = (
        all_of_them.ask(base_url, buyer, buyer.image)
        for base_url in (all_of_them.ours, all_of_them.limit.base_url)
    )
    assert (file.status, file.headers, file.body) == (ours.status, ours.headers, ours.body)
    assert not file.events


def test_a_picture_is_of_some_20_kilobytes(all_of_them: Stage) -> None:
    for variant in all_of_them.given.variants:
        for picture in variant.pictures.values():
            assert 15_000 < len(picture.data) < 25_000

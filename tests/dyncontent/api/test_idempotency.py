"""A request that is sent again under its key is answered again, and not done again."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from dyncontent.access.answers import Answers
from dyncontent.access.tokens import Caller
from dyncontent.api import idempotency
from dyncontent.api.idempotency import Once
from dyncontent.api.operation import Operation
from dyncontent.api.operation import Scope as TokenScope
from dyncontent.errors import ProblemError
from dyncontent.settings import Settings
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from tests import samples
from tests.site import Site, running_site

pytestmark = pytest.mark.anyio
SOLD = {"change": -1}


async def _stock(site: Site) -> int:
    return int((await site.do("GET", "products/rome"))["stock"])


async def _sell(site: Site, key: str, body: Any = SOLD, **more: str) -> httpx.Response:
    return await site.api("POST", "products/rome/stock", body, idempotency_key=key, **more)


# The same again


async def test_it_is_done_once_and_answered_alike(
    site: Site, settings: Settings, store_url: str
) -> None:
    first = await _sell(site, '"a-1"')
    assert "idempotent-replayed" not in first.headers
    async with running_site(settings, store_url) as other:
        for again in (await _sell(site, '"a-1"'), await _sell(other, "a-1")):
            assert (again.status_code, again.content) == (200, first.content)
            assert again.headers["idempotent-replayed"] == "true"
            assert again.headers["content-type"] == "application/json"
    assert await _stock(site) == 29
    assert (await _sell(site, '"a-2"')).json()["stock"] == 28


async def test_of_sixteen_at_once_one_is_done(
    site: Site, settings: Settings, store_url: str
) -> None:
    async with running_site(settings, store_url) as other:
        answers = await asyncio.gather(*(_sell((site, other)[n % 2], "race") for n in range(16)))
    assert await _stock(site) == 29
    done = [one for one in answers if one.status_code == 200]
    assert len({one.content for one in done}) == 1
    assert sum("idempotent-replayed" not in one.headers for one in done) == 1
    for refused in answers:
        if refused.status_code != 200:
            assert (refused.status_code, refused.json()["code"]) == (409, "STILL_RUNNING")
            assert refused.headers["retry-after"] == "1"


async def test_a_refusal_is_kept_too(site: Site) -> None:
    first = await _sell(site, "k", {"change": -31})
    assert first.status_code == 409
    await site.do("POST", "products/rome/stock", {"set": 100})
    again = await _sell(site, "k", {"change": -31})
    assert (again.status_code, again.content) == (409, first.content)
    assert await _stock(site) == 100


async def test_etags_and_empty_answers_are_kept(site: Site) -> None:
    block = samples.block()
    made = await site.api("PUT", "blocks/other", block, idempotency_key="k")
    again = await site.api("PUT", "blocks/other", block, idempotency_key="k")
    assert again.headers["etag"] == made.headers["etag"]
    token = await site.do("POST", "tokens", {"name": "x", "scopes": ["links"]})
    for _ in range(2):
        gone = await site.api("DELETE", f"tokens/{token['id']}", idempotency_key="d")
        assert (gone.status_code, gone.content) == (204, b"")


async def test_each_token_has_its_own_keys(site: Site) -> None:
    made = await site.do("POST", "tokens", {"name": "x", "scopes": ["facts:write"]})
    await _sell(site, "k")
    other = await _sell(site, "k", authorization=f"Bearer {made['token']}")
    assert "idempotent-replayed" not in other.headers
    assert await _stock(site) == 28


async def test_what_only_reads_needs_no_key(site: Site) -> None:
    for _ in range(2):
        answer = await site.api("GET", "products/rome", idempotency_key="k")
        assert "idempotent-replayed" not in answer.headers


# Another request


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "products/rome/stock", {"change": -2}),
        ("POST", "products/rome/stock", None),
        ("POST", "products/oslo/stock", SOLD),
        ("PUT", "products/rome", SOLD),
        ("POST", "products/rome/stock?x=1", SOLD),
    ],
)
async def test_a_key_is_for_one_request(site: Site, method: str, path: str, body: Any) -> None:
    await _sell(site, "k")
    refused = await site.api(method, path, body, idempotency_key="k")
    assert (refused.status_code, refused.json()["code"]) == (422, "KEY_REUSED")
    assert refused.json()["fields"][0]["path"] == "Idempotency-Key"
    assert await _stock(site) == 29


# Keys


@pytest.mark.parametrize("key", ["x", "x" * 255, '"a b"', r'"\"\\"', "8e03978e-40d5-43dd-bc93"])
async def test_what_is_a_key(site: Site, key: str) -> None:
    assert (await _sell(site, key)).status_code == 200
    assert (await _sell(site, key)).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "key", ["", '""', "x" * 256, f'"{"x" * 256}"', "a b", '"a', 'a"b"', '"a";p=1', "ä", r'"\a"']
)
async def test_what_is_none_is_refused(site: Site, key: str) -> None:
    headers = [
        (b"authorization", b"Bearer a-token-for-the-tests"),
        (b"idempotency-key", key.encode("latin-1")),
    ]
    refused = await site.client.post(
        "/api/v1/products/rome/stock", content=b'{"change": -1}', headers=headers
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_HEADER")
    assert refused.json()["fields"][0]["path"] == "Idempotency-Key"
    assert await _stock(site) == 30


async def test_two_keys_are_none(site: Site) -> None:
    headers = [(b"authorization", b"Bearer a-token-for-the-tests")]
    headers += [(b"idempotency-key", key) for key in (b"a", b"b")]
    refused = await site.client.post(
        "/api/v1/products/rome/stock", content=b'{"change": -1}', headers=headers
    )
    assert refused.status_code == 400


@pytest.mark.parametrize("path", ["products/bulk", "links/bulk", "handles/bulk"])
async def test_lines_have_none(site: Site, path: str) -> None:
    refused = await site.api("POST", path, b"", idempotency_key="k")
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_HEADER")
    assert "is not kept" in refused.json()["message"]


# What goes wrong


ASKED = Operation("POST", "/things", lambda _: None, "x", TokenScope.LINKS)  # type: ignore[arg-type,return-value]
CALLER = Caller("one", frozenset())


async def _run(store: Store, app: Any, *pieces: bytes, key: str = "k") -> list[Message]:
    """What is sent where an application answers a request of these pieces."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/things",
        "query_string": b"",
        "headers": [(b"idempotency-key", key.encode())],
    }
    left = list(pieces or (b"",))
    sent: list[Message] = []

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        more = bool(left)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(message: Message) -> None:
        sent.append(message)

    await Once(Answers(store), ASKED, app)(CALLER, scope, receive, send)
    return sent


class _App:
    """Answers with a status and pieces of a body, and counts how often."""

    def __init__(self, status: int = 200, *pieces: bytes, reads: int = 0) -> None:
        self.status = status
        self.pieces = pieces or (b"done",)
        self.reads = reads
        self.times = 0

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        self.times += 1
        for _piece in range(self.reads):
            await receive()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        *begun, last = self.pieces
        for piece in begun:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": last})


def _body(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize("reads", [0, 1, 3])
async def test_all_of_the_body_counts_whether_it_was_read_or_not(store: Store, reads: int) -> None:
    app = _App(reads=reads)
    await _run(store, app, b"a", b"b", b"c")
    assert _body(await _run(store, app, b"ab", b"c")) == b"done"
    with pytest.raises(ProblemError, match="another request"):
        await _run(store, app, b"a", b"b", b"d")
    assert app.times == 1


async def test_a_fault_of_the_server_is_not_kept(store: Store) -> None:
    app = _App(503)
    for times in (1, 2):
        await _run(store, app)
        assert app.times == times


async def test_a_crash_leaves_the_key_free(store: Store) -> None:
    async def crash(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await _run(store, crash)
    assert _body(await _run(store, _App())) == b"done"


async def test_who_is_cancelled_holds_the_key_for_no_longer_than_it_lasts(store: Store) -> None:
    """Whether it was done is not known: nobody may do it at once."""
    begun = asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(_run(store, hang))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(ProblemError, match="still running"):
        await _run(store, _App())
    [key] = await store.find(f"{store.keys.prefix}:answer:")
    [lasts] = await store.ask(("PTTL", key))
    assert 0 < lasts <= 30_000
    await store.ask(("DEL", key))  # as time does
    assert _body(await _run(store, _App())) == b"done"


async def test_a_request_that_was_cut_off_is_not_kept(store: Store) -> None:
    app = _App()
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/things"}
    scope |= {"query_string": b"", "headers": [(b"idempotency-key", b"k")]}

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        """Nobody is there."""

    for times in (1, 2):
        await Once(Answers(store), ASKED, app)(CALLER, scope, gone, send)
        assert app.times == times


async def test_what_is_too_long_is_not_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MOST_ANSWER", 10)
    monkeypatch.setattr(idempotency, "MOST_UNREAD", 10)
    long = _App(200, b"123456", b"78901", b"2")
    for times in (1, 2):
        assert _body(await _run(store, long)) == b"123456789012"
        assert long.times == times
    unread = _App()
    for times in (1, 2):
        assert _body(await _run(store, unread, b"12345678901", b"2", key="other")) == b"done"
        assert unread.times == times
    read = _App(reads=2)
    for _ in range(2):
        assert _body(await _run(store, read, b"12345678901", b"2", key="third")) == b"done"
    assert read.times == 1


async def test_a_store_that_fails_meanwhile_keeps_no_answer_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any) -> None:
        raise StoreError("gone")

    monkeypatch.setattr("dyncontent.access.answers.Hold._replace", lost)
    assert _body(await _run(store, _App())) == b"done"
    await _run(store, _App(500), key="other")

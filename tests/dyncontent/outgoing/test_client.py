"""The guarded client: what it asks for, whom, and what it takes in."""

import asyncio
import gzip
import os
import ssl
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import brotli
import pytest
from httpcore import SOCKET_OPTION, AsyncMockBackend, AsyncMockStream, AsyncNetworkStream

from dyncontent.outgoing.client import (
    MOST_REDIRECTS,
    AnsweredError,
    Fetched,
    Outgoing,
    Wanted,
    check_header,
)
from dyncontent.outgoing.reach import OutgoingError, Reach, RefusedError
from tests.answering import Answering, Conversation, answering

pytestmark = pytest.mark.anyio

JSON = "application/json"
SECRET = "Bearer hunter2"
Handle = Callable[[Conversation], Awaitable[None]]


def _wanted(url: str, **changes: Any) -> Wanted:
    return replace(Wanted(url, (JSON,), most_bytes=10_000, seconds=5), **changes)


async def _fetch(handle: Handle, **changes: Any) -> Fetched:
    async with answering(handle) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        return await outgoing.fetch(_wanted(server.url(), **changes))


async def _refusal(handle: Handle, **changes: Any) -> OutgoingError:
    with pytest.raises(OutgoingError) as refusal:
        await _fetch(handle, **changes)
    return refusal.value


def _send(body: bytes, **headers: str) -> Handle:
    async def handle(asked: Conversation) -> None:
        await asked.answer("200 OK", body, **({"content_type": JSON} | headers))

    return handle


async def test_what_was_sent_is_fetched() -> None:
    handle = _send(b"{}", content_type="Application/JSON; charset=utf-8", etag='"1"')
    fetched = await _fetch(handle)
    assert fetched.body == b"{}"
    assert (fetched.media_type, fetched.etag, fetched.modified) == (JSON, '"1"', "")
    assert not fetched.unchanged


async def test_nothing_is_sent_that_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", os.devnull)
    async with answering(_send(b"{}", set_cookie="a=1")) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        for _ in range(2):
            await outgoing.fetch(_wanted(server.url("/a?b=c"), headers={"X-Key": "k"}))
    for asked in server.asked:
        assert asked.target == "/a?b=c"
        assert asked.headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "x-key"}
        assert asked.headers["accept-encoding"] == "gzip"
        assert asked.headers["user-agent"].startswith("dyncontent/")
        assert asked.headers["host"] == server.place


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/"]
)
async def test_this_machine_is_not_asked(url: str) -> None:
    async with answering(_send(b"{}")) as server:
        outgoing = Outgoing(Reach(http=True))
        with pytest.raises(RefusedError):
            await outgoing.fetch(_wanted(url.format(port=server.port)))
        outgoing = Outgoing(Reach.of([f"other.example:{server.port}"], http=True))
        with pytest.raises(RefusedError):
            await outgoing.fetch(_wanted(url.format(port=server.port)))
    assert server.asked == []


# Redirects


async def _redirected(location: str, status: str = "302 Found", **changes: Any) -> Answering:
    """From one server to another, which both are allowed; `{other}` is the other's place."""
    async with answering(_send(b"{}")) as other:

        async def handle(asked: Conversation) -> None:
            if asked.target == "/":
                await asked.answer(status, location=location.format(other=other.place))
            else:
                await asked.answer("200 OK", b"{}", content_type=JSON)

        async with answering(handle) as server:
            outgoing = Outgoing(Reach.of([server.place, other.place]))
            fetched = await outgoing.fetch(_wanted(server.url(), **changes))
    assert fetched.body == b"{}"
    return other if other.asked else server


@pytest.mark.parametrize("status", ["301 a", "302 b", "303 c", "307 d", "308 e"])
async def test_a_redirect_is_followed(status: str) -> None:
    server = await _redirected("/there?a=b", status, headers={"Authorization": SECRET})
    assert [asked.target for asked in server.asked] == ["/", "/there?a=b"]
    assert [asked.headers["authorization"] for asked in server.asked] == [SECRET] * 2


async def test_credentials_stay_with_their_origin() -> None:
    headers = {"Authorization": SECRET, "X-Api-Key": SECRET}
    other = await _redirected("http://{other}/there", headers=headers, etag='"1"')
    [asked] = other.asked
    assert SECRET not in asked.headers.values()
    assert asked.headers["if-none-match"] == '"1"'


async def test_credentials_do_not_come_back_with_a_redirect_back() -> None:
    async def send_back(asked: Conversation) -> None:
        await asked.answer("302 Found", location=f"{first.url('/back')}")

    async def handle(asked: Conversation) -> None:
        if asked.target == "/":
            await asked.answer("302 Found", location=second.url())
        else:
            await asked.answer("200 OK", b"{}", content_type=JSON)

    async with answering(handle) as first, answering(send_back) as second:
        outgoing = Outgoing(Reach.of([first.place, second.place]))
        await outgoing.fetch(_wanted(first.url(), headers={"Authorization": SECRET}))
    assert "authorization" in first.asked[0].headers
    assert "authorization" not in first.asked[1].headers


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("http://127.0.0.1/", "redirects, and 127.0.0.1 is asked by http://"),
        ("https://127.0.0.1/", "127.0.0.1 is a loopback address"),
        ("https://[::ffff:127.0.0.1]/", "is an IPv4 address inside of IPv6"),
        ("//169.254.169.254/latest/meta-data/", "redirects, and 169.254.169.254 is asked by"),
        ("https://169.254.169.254/latest/meta-data/", "169.254.169.254 is cloud metadata"),
        ("https://0x7f000001/", "leads to 127.0.0.1, a loopback address"),
        ("https://user:pass@shop.example/", "no name and password"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://shop.example:22/", "port 22"),
        ("", "redirects to nowhere"),
    ],
)
async def test_a_redirect_is_checked_like_an_address(location: str, told: str) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("302 Found", location=location)

    assert told in str(await _refusal(handle))


async def test_redirects_come_to_an_end() -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("302 Found", location=asked.target + "a")

    async with answering(handle) as server:
        with pytest.raises(RefusedError, match="redirects more than 5 times"):
            await Outgoing(Reach.of([server.place])).fetch(_wanted(server.url()))
    assert len(server.asked) == MOST_REDIRECTS + 1


# Encryption


class _Encrypted(AsyncMockStream):
    def __init__(self, answer: bytes, names: list[str | None]) -> None:
        super().__init__([answer])
        self._names = names

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncNetworkStream:
        assert ssl_context.verify_mode is ssl.CERT_REQUIRED
        assert ssl_context.check_hostname
        self._names.append(server_hostname)
        return self


class Wires(AsyncMockBackend):
    """A network in which every server gives the same answer."""

    def __init__(self, answer: bytes) -> None:
        super().__init__([])
        self._answer = answer
        self.connected: list[str] = []
        self.names: list[str | None] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        self.connected.append(host)
        return _Encrypted(self._answer, self.names)


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


async def test_a_name_is_kept_for_encryption_while_its_address_is_connected_to() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    wires = Wires(answer)
    fetched = await Outgoing(Reach(), _public, wires).fetch(_wanted("https://shop.example/feed"))
    assert fetched.body == b"{}"
    assert wires.connected == ["93.184.215.14"]
    assert wires.names == ["shop.example"]


async def test_encryption_is_never_left() -> None:
    wires = Wires(b"HTTP/1.1 302 Found\r\nlocation: http://shop.example/\r\n\r\n")
    with pytest.raises(RefusedError, match="redirects from https:// to http://"):
        await Outgoing(Reach(http=True), _public, wires).fetch(_wanted("https://shop.example/"))
    assert len(wires.connected) == 1


async def test_a_name_that_is_bound_anew_between_redirects_is_refused() -> None:
    answers = [["93.184.215.14"], ["10.0.0.1"]]

    async def rebind(host: str, port: int) -> list[str]:
        return answers.pop(0)

    wires = Wires(b"HTTP/1.1 302 Found\r\nlocation: /again\r\n\r\n")
    with pytest.raises(RefusedError, match=r"shop\.example leads to 10\.0\.0\.1, a private"):
        await Outgoing(Reach(), rebind, wires).fetch(_wanted("https://shop.example/"))
    assert wires.connected == ["93.184.215.14"]


# Limits


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
async def test_what_is_packed_is_unpacked(coding: str) -> None:
    body = os.urandom(4000) + bytes(5000)
    packed = gzip.compress(body[:3000]) + gzip.compress(body[3000:])
    fetched = await _fetch(_send(packed, content_encoding=coding))
    assert fetched.body == body


@pytest.mark.parametrize("size", [256 * 1024, 512 * 1024, 256 * 1024 + 1, 64])
async def test_pieces_of_any_size_are_unpacked(size: int) -> None:
    handle = _send(gzip.compress(bytes(size)), content_encoding="gzip")
    assert len((await _fetch(handle, most_bytes=size)).body) == size


async def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    handle = _send(bomb, content_encoding="gzip")
    async with answering(handle) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        tracemalloc.start()
        with pytest.raises(RefusedError, match="sends more than 1000000 bytes"):
            await outgoing.fetch(_wanted(server.url(), most_bytes=1_000_000))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip"])
async def test_no_other_packing_is_unpacked(coding: str) -> None:
    packed = brotli.compress(b"{}") if coding == "br" else zlib.compress(b"{}")
    told = str(await _refusal(_send(packed, content_encoding=coding)))
    assert f"packs what it sends as {coding}, not as gzip" in told


async def test_what_is_no_gzip_is_told() -> None:
    assert "what is no gzip" in str(await _refusal(_send(b"{}", content_encoding="gzip")))


async def test_gzip_that_is_broken_off_is_told() -> None:
    packed = gzip.compress(os.urandom(1000))[:-20]
    assert "broke off" in str(await _refusal(_send(packed, content_encoding="gzip")))


async def test_an_endless_body_is_broken_off() -> None:
    async def handle(asked: Conversation) -> None:
        await asked.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            await asked.send(bytes(5000))

    assert "sends more than 10000 bytes" in str(await _refusal(handle))


async def test_an_endless_body_that_unpacks_to_nothing_is_broken_off() -> None:
    empty = zlib.compressobj(wbits=31)
    begun = empty.compress(b"") + empty.flush(zlib.Z_FULL_FLUSH)
    nothing = empty.compress(b"") + empty.flush(zlib.Z_FULL_FLUSH)

    async def handle(asked: Conversation) -> None:
        head = "content-type: application/json\r\ncontent-encoding: gzip\r\n\r\n"
        await asked.send(f"HTTP/1.1 200 OK\r\n{head}".encode() + begun)
        while True:
            await asked.send((nothing or b"\x00\x00\x00\xff\xff") * 500)

    assert "sends more than 10000 bytes" in str(await _refusal(handle))


async def test_a_length_that_is_too_great_is_refused_before_it_comes() -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("200 OK", b"", content_type=JSON, content_length="10001")

    assert "sends more than 10000 bytes" in str(await _refusal(handle))


@pytest.mark.parametrize(
    ("begun", "drip"),
    [
        ("", ""),
        ("HTTP/1.1 200 OK\r\na: ", "a"),
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n", " "),
    ],
)
async def test_a_slow_drip_is_broken_off(begun: str, drip: str) -> None:
    """Each byte comes in good time, all of them never would."""

    async def handle(asked: Conversation) -> None:
        await asked.send(begun.encode())
        while True:
            await asked.send(drip.encode())
            await asyncio.sleep(0.02)

    assert str(await _refusal(handle, seconds=0.3)) == "127.0.0.1 took more than 0.3 s"


async def test_redirects_share_the_time() -> None:
    async def handle(asked: Conversation) -> None:
        await asyncio.sleep(0.15)
        await asked.answer("302 Found", location=asked.target + "a")

    assert "took more than 0.3 s" in str(await _refusal(handle, seconds=0.3))


async def test_a_time_limit_of_the_reader_is_its_own() -> None:
    async with answering(_send(b"{}")) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        with pytest.raises(TimeoutError):
            async with outgoing.open(_wanted(server.url())):
                raise TimeoutError


@pytest.mark.parametrize(
    ("sent", "types", "good"),
    [
        ("application/json", (JSON,), True),
        ("application/geo+json", (JSON, "+json"), True),
        ("application/geo+json", (JSON,), False),
        ("text/html; charset=utf-8", (JSON, "+json"), False),
        ("", (JSON,), False),
        ("", ("application/octet-stream",), True),
    ],
)
async def test_the_type_must_be_one_that_is_wanted(
    sent: str, types: tuple[str, ...], good: bool
) -> None:
    async with answering(_send(b"{}", content_type=sent)) as server:
        fetched = Outgoing(Reach.of([server.place])).fetch(_wanted(server.url(), types=types))
        if good:
            assert (await fetched).body == b"{}"
        else:
            with pytest.raises(OutgoingError, match=r"127\.0\.0\.1 sends .*, not application/json"):
                await fetched


# Answers without what was asked for


async def test_what_has_not_changed_is_not_sent_again() -> None:
    async def handle(asked: Conversation) -> None:
        assert asked.headers["if-none-match"] == 'W/"1"'
        assert asked.headers["if-modified-since"] == "Mon, 05 Jan 2026 10:00:00 GMT"
        await asked.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    known = {"etag": 'W/"1"', "modified": "Mon, 05 Jan 2026 10:00:00 GMT"}
    fetched = await _fetch(handle, **known)
    assert fetched.unchanged
    assert fetched.body == b""
    assert {"etag": fetched.etag, "modified": fetched.modified} == known


@pytest.mark.parametrize(
    ("status", "told"),
    [("503 Busy", "503 Service Unavailable"), ("404 a", "404 Not Found"), ("299 b", "299")],
)
async def test_another_status_is_told(status: str, told: str) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer(status, b"{}", content_type=JSON, retry_after="120")

    refusal = await _refusal(handle)
    assert str(refusal) == f"127.0.0.1 answers {told}"
    assert isinstance(refusal, AnsweredError)
    assert refusal.status == int(status[:3])
    assert refusal.retry_after == 120


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("soon", None),
        ("-1", None),
        ("99999999999", None),
        ("Mon, 05 Jan 2026 10:00:00 GMT", 0),
        ("Mon, 05 Jan 2026 10:00:00 -0000", 0),
    ],
)
async def test_when_to_ask_again_is_read(text: str, seconds: float | None) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.answer("503 Busy", retry_after=text)

    refusal = await _refusal(handle)
    assert isinstance(refusal, AnsweredError)
    assert refusal.retry_after == seconds


async def test_a_304_that_nobody_asked_for_is_an_error() -> None:
    async def handle(asked: Conversation) -> None:
        await asked.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    assert "answers 304 Not Modified" in str(await _refusal(handle))


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", "does not speak HTTP as it should"),
        (b"220 mail.example ESMTP\r\n\r\n", "does not speak HTTP as it should"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}",
            "does not speak HTTP as it should",
        ),
        (b"HTTP/1.1 200 OK\r\na: " + b"a" * 200_000, "does not speak HTTP as it should"),
    ],
)
async def test_a_server_that_breaks_off_is_told(sent: bytes, told: str) -> None:
    async def handle(asked: Conversation) -> None:
        await asked.send(sent)

    assert told in str(await _refusal(handle))


async def test_a_port_that_nobody_listens_on_is_told() -> None:
    async with answering(_send(b"{}")) as server:
        pass
    with pytest.raises(OutgoingError, match=r"127\.0\.0\.1 cannot be connected to"):
        await Outgoing(Reach.of([server.place])).fetch(_wanted(server.url()))


async def test_what_is_long_is_read_in_pieces() -> None:
    async with answering(_send(bytes(300_000))) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        async with outgoing.open(_wanted(server.url(), most_bytes=300_000)) as answer:
            pieces = [len(chunk) async for chunk in answer.chunks]
    assert sum(pieces) == 300_000
    assert len(pieces) > 1


async def test_what_is_not_read_to_its_end_is_let_go() -> None:
    async with answering(_send(bytes(300_000))) as server:
        outgoing = Outgoing(Reach.of([server.place]))
        async with outgoing.open(_wanted(server.url(), most_bytes=300_000)) as answer:
            await anext(answer.chunks)


# Headers


@pytest.mark.parametrize(("name", "value"), [("X-Key", "a b"), ("authorization", "Basic abc=")])
def test_a_header_may_be_given(name: str, value: str) -> None:
    check_header(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "internal"),
        ("transfer-encoding", "chunked"),
        ("Cookie", "a=1"),
        ("Accept-Encoding", "br"),
        ("X Key", "a"),
        ("", "a"),
        ("X-Key:", "a"),
        ("X-Key", ""),
        ("X-Key", "a\r\nHost: b"),
        ("X-Key", "a\n"),
        ("X-Key", " a"),
        ("X-Key", "ä"),
        ("X-Key", "a" * 4001),
    ],
)
async def test_another_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"header|set by"):
        check_header(name, value)
    with pytest.raises(RefusedError):
        await Outgoing(Reach()).fetch(_wanted("https://a.example/", headers={name: value}))


@pytest.mark.parametrize("host", ["xn--", "xn--i-7iq.invalid", "xn--a.invalid"])
async def test_a_name_that_has_no_other_letters_is_asked_as_it_is(host: str) -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(OutgoingError, match=f"there is no host {host}"):
        await Outgoing(Reach(), nowhere).fetch(_wanted(f"https://{host}/"))

"""Requests sent, answers read and checked."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable

import pytest

from dyncontent.load.sender import LOST, MALFORMED, Origin, Request, Sender
from tests.dyncontent.load.servers import (
    ANSWER,
    BODY,
    HEAD,
    RIGHT,
    Speak,
    answering,
    asked,
    speaking,
)


def _run(
    speak: Speak,
    requests: int = 3,
    connections: int = 1,
    seconds_for_one: float = 5,
    due: float | None = None,
) -> Sender:
    """What has sent so many requests; without `due` each is due when it is sent."""

    async def run() -> Sender:
        async with speaking(speak) as url:
            origin, request = asked(url)
            async with Sender(origin, connections, seconds_for_one) as sender:
                for _ in range(requests):
                    sender.send(request, time.perf_counter() if due is None else due)
                await sender.finished()
                return sender

    return asyncio.run(run())


CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        (ANSWER,),
        (HEAD + b"\r\n", BODY),
        (HEAD + b"\r\n" + BODY[:10], BODY[10:100], BODY[100:]),
        (HEAD[:5], HEAD[5:], b"\r", b"\n" + BODY[:1], BODY[1:]),
        (CHUNKED + b"%x\r\n" % len(BODY) + BODY[:7], BODY[7:] + b"\r\n", b"0\r\n\r\n"),
    ],
)
def test_an_answer_is_read_however_it_arrives(pieces: tuple[bytes, ...]) -> None:
    tally = _run(answering(*pieces)).tally
    assert tally.ok
    assert tally.count == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ANSWER[:-1] + b".", "another body"),
        (ANSWER.replace(b"image/png", b"image/gif"), "type image/gif"),
        (ANSWER.replace(b"200 OK", b"500 Oh"), "status 500"),
    ],
)
def test_an_answer_that_is_wrong_is_counted_as_such(answer: bytes, said: str) -> None:
    tally = _run(answering(answer)).tally
    assert dict(tally.wrong) == {said: 3}
    assert not tally.ok
    assert not tally.times.count


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER + b"more",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 xxx OK\r\ncontent-length: 0\r\n\r\n",
        CHUNKED + b"zz\r\n",
        b"x" * 100_000,
    ],
)
def test_what_is_no_answer_is_told(answer: bytes) -> None:
    assert dict(_run(answering(answer), requests=1).tally.unanswered) == {MALFORMED: 1}


def test_more_after_the_length_of_an_answer_is_told() -> None:
    pieces = (HEAD + b"\r\n" + BODY[:10], BODY[10:] + b"more")
    assert dict(_run(answering(*pieces), requests=1).tally.unanswered) == {MALFORMED: 1}


@pytest.mark.parametrize("says_so", [True, False])
def test_a_connection_that_is_closed_after_an_answer_is_made_again(says_so: bool) -> None:
    extra = b"connection: close\r\n" if says_so else b""
    speak = answering(HEAD + extra + b"\r\n" + BODY, closes=True)

    async def run() -> Sender:
        async with speaking(speak) as url:
            origin, request = asked(url)
            async with Sender(origin, 1) as sender:
                for _ in range(3):
                    sender.send(request, time.perf_counter())
                    await sender.finished()
                    await _until(lambda: not sender._open)
                return sender

    assert asyncio.run(run()).tally.times.count == 3


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.001)


def test_a_connection_that_is_lost_before_the_answer_is_told() -> None:
    tally = _run(answering(ANSWER[:100], closes=True)).tally
    assert dict(tally.unanswered) == {LOST: 3}


def test_what_is_not_answered_in_time_is_given_up_and_what_waits_for_it_too() -> None:
    tally = _run(answering(), requests=3, seconds_for_one=0.05).tally
    assert tally.unanswered.total() == 3
    assert tally.unanswered["no answer within 0.05 s"] >= 1


def test_nobody_there_is_told_for_each_request() -> None:
    async def run() -> Sender:
        origin, request = asked("http://127.0.0.1:1/")
        async with Sender(origin, 2) as sender:
            for _ in range(3):
                sender.send(request, time.perf_counter())
            await sender.finished()
            return sender

    assert dict(asyncio.run(run()).tally.unanswered) == {"ConnectionRefusedError": 3}


def test_a_secure_server_is_asked_once_it_has_shown_who_it_is(
    identity: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*identity)

    async def run() -> Sender:
        async with speaking(answering(ANSWER), context) as url:
            origin, request = asked(url)
            async with Sender(origin, 1) as sender:
                sender.send(request, time.perf_counter())
                await sender.finished()
                return sender

    assert dict(asyncio.run(run()).tally.unanswered) == {"SSLCertVerificationError": 1}
    monkeypatch.setenv("SSL_CERT_FILE", identity[0])
    assert asyncio.run(run()).tally.ok


def test_without_a_free_connection_requests_wait_and_their_waiting_counts() -> None:
    together = most = 0
    begun: list[float] = []

    def counted(inner: Callable[..., Awaitable[None]]) -> Speak:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal together, most
            together += 1
            most = max(most, together)
            await inner(reader, writer)

        return speak

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            begun.append(time.perf_counter())
            writer.write(ANSWER)

    due = time.perf_counter()
    sender = _run(counted(read), requests=9, connections=3, due=due)
    assert sender.tally.times.count == len(begun) == 9
    assert most == 3
    assert sender.tally.times.max >= max(begun) - due


def test_the_request_is_what_http_wants() -> None:
    request = Request.get("https://img.example:8443?a=b", RIGHT, "agent")
    assert request.payload == (
        b"GET /?a=b HTTP/1.1\r\nhost: img.example:8443\r\nuser-agent: agent\r\naccept: */*\r\n\r\n"
    )
    assert Origin.of("https://img.example/x") == ("img.example", 443, True)
    assert Origin.of("http://img.example:81/x") == ("img.example", 81, False)


@pytest.mark.parametrize("url", ["http://a.example/i\r\nx: y", "http://a.example/ü", "http://a/ b"])
def test_what_http_cannot_carry_is_not_sent(url: str) -> None:
    with pytest.raises(ValueError, match="no URL"):
        Request.get(url, RIGHT, "agent")


@pytest.mark.parametrize("url", ["", "ftp://a.example/", "http:///i", "http://a.example:x/"])
def test_only_web_servers_are_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Origin.of(url)

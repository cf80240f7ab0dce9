"""What is opened, and what is told of it."""

import asyncio
import time

import pytest

from dyncontent.commands.opening import MIXED, BenchError, Measured, measure, opens
from dyncontent.commands.progress import unseen
from dyncontent.load.agents import SHARES
from dyncontent.load.strain import Strain
from dyncontent.load.tally import Tally
from tests.dyncontent.load.servers import ANSWER, answering, speaking


@pytest.mark.parametrize(
    "urls",
    [
        [],
        ["ftp://a/i/b.png"],
        ["https://a/c/trip"],
        [""],
        ["https://a/i/b .png"],
        ["https://a/i/b.png", "https://b/i/b.png"],
        ["https://a/i/b.png", "http://a/i/b.png"],
    ],
)
def test_what_is_no_picture_of_one_server_is_not_opened(urls: list[str]) -> None:
    with pytest.raises(BenchError):
        opens(urls)


def test_each_url_is_opened_by_all_mail_programs_in_their_shares() -> None:
    urls = ["https://a/i/b.png", "https://a/i/c.png"]
    _, requests = opens(urls, MIXED)
    for path in ("b", "c"):
        of_one = [one for one in requests if one.payload.startswith(b"GET /i/%s" % path.encode())]
        for agent, share in SHARES.items():
            named = sum(b"user-agent: %s\r\n" % agent.encode() in one.payload for one in of_one)
            assert abs(named / len(of_one) - share / 100) < 0.1
    _, [request] = opens(urls[:1], "a program")
    assert b"\r\nuser-agent: a program\r\n" in request.payload


@pytest.mark.parametrize("agent", ["a\r\nb: c", "Väinö"])
def test_what_names_no_program_is_refused(agent: str) -> None:
    with pytest.raises(BenchError, match="user agent"):
        opens(["https://a/i/b.png"], agent)


def test_without_a_right_answer_no_time_is_told() -> None:
    told = Measured("closed", 1, Tally(), Strain()).told()
    assert set(told["milliseconds"].values()) == {None}
    assert told["opens"] == told["sender_busy"] == 0


def test_what_is_told_are_milliseconds_and_the_sender_s_own_part() -> None:
    tally = Tally()
    tally.times.add(0.002)
    tally.wrong["status 500"] += 1
    told = Measured("closed", 0.5, tally, Strain(seconds=0.5, cpu=0.25)).told()
    assert told["milliseconds"]["p50"] == told["milliseconds"]["max"] == 2
    assert told["failures"] == {"status 500": 1}
    assert (told["opens"], told["per_second"], told["sender_busy"]) == (2, 4, 0.5)


def test_a_server_that_gives_up_is_told_before_anything_is_measured() -> None:
    async def run() -> None:
        async with speaking(answering(ANSWER[:50], closes=True)) as url:
            await measure([url], 60, together=2, rate=None, moved=unseen)

    began = time.perf_counter()
    with pytest.raises(BenchError, match="does not answer: connection lost"):
        asyncio.run(run())
    assert time.perf_counter() - began < 30


def test_how_far_it_is_is_told() -> None:
    seen: list[tuple[int, int | None]] = []

    async def run() -> Measured:
        async with speaking(answering(ANSWER)) as url:
            return await measure(
                [url], 0.3, together=2, rate=None, moved=lambda *one: seen.append(one)
            )

    assert asyncio.run(run()).ok
    assert seen
    assert set(seen) == {(0, 0)}

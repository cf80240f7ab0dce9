"""When requests are sent."""

import asyncio
from itertools import repeat

from dyncontent.load.arrivals import closed, open_, steady
from dyncontent.load.sender import Sender
from tests.dyncontent.load.servers import ANSWER, answering, asked, speaking


def test_in_a_closed_loop_each_answer_brings_the_next_until_the_time_is_over() -> None:
    async def run() -> tuple[Sender, float]:
        async with speaking(answering(ANSWER)) as url:
            origin, request = asked(url)
            async with Sender(origin, 2) as sender:
                return sender, await closed(sender, repeat(request), 2, 0.2)

    sender, elapsed = asyncio.run(run())
    assert sender.tally.ok
    assert sender.tally.count > 4
    assert elapsed >= 0.2
    assert not sender.under_way


def test_a_closed_loop_ends_when_there_is_nothing_more_to_send() -> None:
    async def run() -> Sender:
        async with speaking(answering(ANSWER)) as url:
            origin, request = asked(url)
            async with Sender(origin, 2) as sender:
                await closed(sender, repeat(request, 5), 2, 60)
                return sender

    assert asyncio.run(run()).tally.times.count == 5


def test_in_an_open_loop_a_slow_server_is_asked_no_less_and_its_pauses_show() -> None:
    """Four are due within 40 ms, on one connection, and each takes some 50 ms."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.05)
            writer.write(ANSWER)

    async def run() -> Sender:
        async with speaking(speak) as url:
            origin, request = asked(url)
            async with Sender(origin, 1) as sender:
                await open_(sender, repeat(request), steady(100, 0.04))
                return sender

    sender = asyncio.run(run())
    assert sender.tally.times.count == 4
    assert sender.tally.times.max >= 0.2 - 0.03


def test_so_many_are_due_a_second() -> None:
    dues = list(steady(40, 0.5))
    assert len(dues) == 20
    assert dues[:3] == [0, 0.025, 0.05]

"""Nobody sees another's content: a request that is cancelled at any await leaves no reply behind
for the next one. redis-py's CVE-2023-28858 is what this would catch."""

import asyncio
import random
from pathlib import Path

import pytest

from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from tests import samples
from tests.proxy import proxy
from tests.site import running_site, site_settings

pytestmark = pytest.mark.anyio

PEOPLE = 40
REQUESTS = 8000
TOGETHER = 50
SLOWEST = 0.004


async def _some_turns(chance: random.Random) -> None:
    """Let the event loop turn a few times, so that a task is at any of its awaits."""
    for _ in range(chance.randrange(1, 8)):
        await asyncio.sleep(0)


async def test_a_cancelled_read_hands_its_reply_to_nobody(store_url: str, prefix: str) -> None:
    chance = random.Random(2)
    async with proxy(store_url) as slow:
        store = Store(connect(slow.url), Keys(prefix))
        names = [f"{prefix}:{number}" for number in range(PEOPLE)]
        await asyncio.gather(*(store.ask(("SET", name, name)) for name in names))
        slow.slowest = SLOWEST
        cancelled = 0

        async def read(name: str) -> None:
            assert await store.ask(("GET", name), ("ECHO", name)) == [name.encode()] * 2

        for _ in range(REQUESTS // TOGETHER):
            tasks = [asyncio.create_task(read(chance.choice(names))) for _ in range(TOGETHER)]
            for task in tasks[::2]:
                await _some_turns(chance)
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            unexpected = [
                outcome
                for outcome in outcomes
                if outcome is not None and not isinstance(outcome, asyncio.CancelledError)
            ]
            assert unexpected == []
            cancelled += sum(isinstance(one, asyncio.CancelledError) for one in outcomes)
        assert cancelled > REQUESTS / 4
        await store.aclose()


async def test_a_cancelled_open_shows_its_picture_to_nobody(
    tmp_path: Path, store_url: str, prefix: str
) -> None:
    chance = random.Random(3)
    settings = site_settings(tmp_path, prefix)
    people = [f"person-{number}" for number in range(PEOPLE)]
    async with proxy(store_url) as slow, running_site(settings, slow.url) as site:
        await site.fill()
        for person in people:
            profile = {"first_name": person, "consents": samples.CONSENTS}
            await site.do("PUT", f"recipients/{person}", profile)
        urls = {person: (await site.links(recipient=person))["image"] for person in people}
        own = {person: (await site.client.get(urls[person])).headers["etag"] for person in people}
        assert len(set(own.values())) == PEOPLE
        slow.slowest = SLOWEST
        cancelled = 0

        async def open_own(person: str) -> None:
            assert (await site.client.get(urls[person])).headers["etag"] == own[person]

        for _ in range(REQUESTS // TOGETHER):
            tasks = [asyncio.create_task(open_own(chance.choice(people))) for _ in range(TOGETHER)]
            for task in tasks[::2]:
                await _some_turns(chance)
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert [o for o in outcomes if isinstance(o, AssertionError)] == []
            cancelled += sum(isinstance(one, asyncio.CancelledError) for one in outcomes)
        assert cancelled > REQUESTS / 4
        assert set(await site.counted()) == {"VARIANT_HOLDS"}

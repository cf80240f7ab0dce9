"""What is promised holds by whichever way a request comes: uvicorn through ASGI, uvicorn ahead of
it, granian by RSGI."""

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.rsgi.server import Server as Granian
from dyncontent.store.connection import connect
from dyncontent.store.embedded import embedded_store
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from renderers.encode import MEDIA_TYPES, ImageType
from tests import samples
from tests.adapters import (
    PATIENCE,
    Line,
    Make,
    asked,
    every_adapter,
    every_process,
    lines_to,
    served_site,
)
from tests.processes import START_SECONDS, command
from tests.proxy import proxy
from tests.samples import GREEN, GREY, RED
from tests.site import TOKEN, Site, site_settings

anyio = pytest.mark.anyio

BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}
PEOPLE = 20
REQUESTS = 600


async def _picture(line: Line, path: str, kind: str = "png", *headers: str) -> bytes:
    """What is answered, which must be a picture of the kind."""
    line.send(asked(path, *headers))
    status, told, body = await line.answer()
    assert status == b"HTTP/1.1 200 OK", path
    media_type = MEDIA_TYPES[ImageType(kind)]
    assert told[b"content-type"].decode() == media_type
    assert told[b"cache-control"].startswith(b"no-store")
    assert body.startswith(BEGINNINGS[media_type])
    return body


async def _shown(line: Line, path: str) -> str:
    return samples.colour(await _picture(line, path))


async def _events(store: Store) -> list[dict[str, Any]]:
    [entries] = await store.ask(("XRANGE", store.keys.events, "-", "+"))
    return [orjson.loads(fields[b"event"]) for _, fields in entries]


WRONG: Mapping[str, Callable[[str], str]] = {
    "nothing said": lambda path: path.partition("?")[0],
    "another person": lambda path: path.replace("r=aino", "r=mart"),
    "bad signature": lambda path: path + "x",
    "unknown key": lambda path: path.replace("v=k1", "v=k2"),
    "twice": lambda path: path + "&r=aino",
    "control characters": lambda path: path.replace("r=aino", "r=%00%FF"),
    "unknown block": lambda path: path.replace("/trip.", "/no-such."),
    "no block": lambda path: path.replace("/trip.", "/."),
    "deeper": lambda path: path.replace("/trip.", "/trip/trip."),
    "up": lambda path: path.replace("/trip.", "/../trip."),
    "twice the slash": lambda path: path.replace("/trip.", "//trip."),
    "not UTF-8": lambda path: path.replace("/trip.", "/%FF%FEtrip."),
    "stray percents": lambda path: path.replace("/trip.", "/%tr%ip%."),
    "tag of Mailchimp": lambda path: path.replace("r=aino", "r=*|UNIQID|*"),
    "tag of Liquid": lambda path: path.replace("r=aino", "r={{contact.id}}"),
    "tag of Salesforce": lambda path: path.replace("r=aino", "r=%%_subscriberkey%%"),
    "tag of ERB, as browsers send it": lambda path: path.replace("r=aino", "r=%3C%=%20id%20%%3E"),
    "not encoded": lambda path: path + "&x=[]^|\\{}~'()*!$;:@,",
    "long": lambda path: path + "&x=" + "x" * 50_000,
    "fragment": lambda path: path + "#trip",
    "plus and equals": lambda path: path + "&&&==&+",
}


@anyio
@every_adapter
async def test_an_address_that_is_wrong_is_answered_with_a_picture(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    async with served_site(make, site_settings(tmp_path, prefix), store_url) as served:
        await served.site.fill()
        line = await served.line()
        for kind in ("png", "jpg", "gif"):
            path = await served.path(type=kind)
            for change in WRONG.values():
                await _picture(line, change(path), kind)
        click = await served.path("click")
        for change in WRONG.values():
            line.send(asked(change(click)))
            status, told, _ = await line.answer()
            assert status == b"HTTP/1.1 302 Found", change(click)
            assert told[b"location"].startswith(f"https://{samples.HOST}/".encode())


@anyio
@every_adapter
async def test_an_address_that_is_written_otherwise_is_the_same(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    async with served_site(make, site_settings(tmp_path, prefix), store_url) as served:
        await served.site.fill()
        line = await served.line()
        path = await served.path()
        right = await _picture(line, path)
        assert samples.colour(right) == RED
        for other in (
            path.replace("/trip", "/%74rip"),
            f"http://img.example{path}",
        ):
            assert await _picture(line, other) == right


@anyio
@every_adapter
async def test_what_is_no_address_is_refused_and_stops_nobody(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    """HTTP does not allow these, browsers encode them; granian refuses some that uvicorn takes."""
    async with served_site(make, site_settings(tmp_path, prefix), store_url) as served:
        await served.site.fill()
        path = await served.path()
        expected = {
            " ": b"400",
            "\x7f": b"400",
            "<": b"400" if make is Granian else b"200",
            '"': b"400" if make is Granian else b"200",
        }
        for character, status in expected.items():
            line = await served.line()
            line.send(asked(f"{path}&x=a{character}b"))
            assert (await line.answer())[0].split()[1] == status
            assert (status == b"200") or await line.is_over()
        assert await _shown(await served.line(), path) == RED


@anyio
@every_adapter
async def test_head_and_what_the_client_has_already(
    make: Make, tmp_path: Path, store_url: str, store: Store, prefix: str
) -> None:
    async with served_site(make, site_settings(tmp_path, prefix), store_url) as served:
        await served.site.fill()
        line = await served.line()
        path = await served.path()
        line.send(asked(path, method="HEAD"))
        _, told, _ = await line.answer(is_head=True)
        picture = await _picture(line, path)
        assert int(told[b"content-length"]) == len(picture)
        etag = told[b"etag"].decode()
        line.send(asked(path, f"If-None-Match: {etag}"))
        status, again, body = await line.answer(is_head=True)
        assert (status, body) == (b"HTTP/1.1 304 Not Modified", b"")
        assert again[b"etag"] == told[b"etag"]
        line.send(asked(path, "Content-Length: 3", method="POST"), b"abc")
        status, told, _ = await line.answer()
        assert status == b"HTTP/1.1 405 Method Not Allowed"
        assert told[b"allow"] == b"GET, HEAD"
        assert await _picture(line, path) == picture
    assert [event["kind"] for event in await _events(store)] == ["open"] * 3


@anyio
@every_adapter
async def test_the_store_that_is_slow_or_silent_costs_the_variant_and_not_the_picture(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    settings = site_settings(tmp_path, prefix)
    async with proxy(store_url) as slow:
        async with served_site(make, settings, slow.url) as served:
            await served.site.fill()
            path = await served.path()
            assert await _shown(await served.line(), path) == RED
        hasty = settings.model_copy(update={"budget_ms": 100})
        async with served_site(make, hasty, slow.url) as served:
            line = await served.line()
            assert await _shown(line, path) in (RED, GREY)
            slow.silent = True
            began = time.monotonic()
            assert await _shown(line, path) == GREY
            assert time.monotonic() - began < 5
            await slow.aclose()  # else the end waits for replies


@anyio
@every_adapter
async def test_the_next_open_sees_what_was_written(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    async with served_site(make, site_settings(tmp_path, prefix), store_url) as served:
        await served.site.fill()
        line = await served.line()
        path = await served.path()
        for stock, colour in ((0, GREEN), (9, RED)) * 5:
            await served.site.do("POST", "products/rome/stock", {"set": stock})
            assert await _shown(line, path) == colour
        await served.site.do(
            "POST", f"recipients/{samples.RECIPIENT}/purchases", {"product": "rome"}
        )
        assert await _shown(line, path) == GREEN
        answer = await served.site.api("DELETE", f"recipients/{samples.RECIPIENT}")
        assert answer.is_success, answer.text
        assert await _shown(line, path) == GREY


@anyio
@every_adapter
async def test_who_goes_away_is_recorded_all_the_same(
    make: Make, tmp_path: Path, store_url: str, store: Store, prefix: str
) -> None:
    async with (
        proxy(store_url) as slow,
        served_site(make, site_settings(tmp_path, prefix), slow.url) as served,
    ):
        await served.site.fill()
        people = [f"gone-{number}" for number in range(20)]
        paths = {}
        for person in people:
            await served.site.do("PUT", f"recipients/{person}", {"consents": samples.CONSENTS})
            paths[person] = await served.path(recipient=person)
        slow.slowest = 0.05
        async with asyncio.timeout(PATIENCE):
            for person, path in paths.items():
                slow.heard.clear()
                line = await served.line()
                line.send(asked(path))
                while person.encode() not in slow.heard:
                    await asyncio.sleep(0)
                line.go_away()
            while len(events := await _events(store)) < len(people):
                await asyncio.sleep(0.005)
        assert sorted(event["recipient"] for event in events) == sorted(people)
        assert {event["variant"] for event in events} == {"rome"}


@anyio
@every_adapter
async def test_who_goes_away_leaves_his_picture_to_nobody(
    make: Make, tmp_path: Path, store_url: str, prefix: str
) -> None:
    chance = random.Random(4)
    people = [f"person-{number}" for number in range(PEOPLE)]
    async with (
        proxy(store_url) as slow,
        served_site(make, site_settings(tmp_path, prefix), slow.url) as served,
    ):
        await served.site.fill()
        own: dict[str, bytes] = {}
        paths = {}
        line = await served.line()
        for person in people:
            profile = {"first_name": person, "consents": samples.CONSENTS}
            await served.site.do("PUT", f"recipients/{person}", profile)
            paths[person] = await served.path(recipient=person)
            own[person] = await _picture(line, paths[person])
        assert len(set(own.values())) == PEOPLE
        slow.slowest = 0.004
        left = 0

        async def open_own() -> None:
            nonlocal left
            line = await served.line()
            for _ in range(REQUESTS // 30):
                person = chance.choice(people)
                if chance.random() < 0.3:
                    line.send(asked(paths[person]))
                    for _ in range(chance.randrange(1, 8)):
                        await asyncio.sleep(0)
                    line.go_away()
                    left += 1
                    line = await served.line()
                else:
                    assert await _picture(line, paths[person]) == own[person]

        await asyncio.gather(*(open_own() for _ in range(30)))
        assert left > REQUESTS / 10
        assert set(await served.site.counted()) == {"VARIANT_HOLDS"}


@contextmanager
def _process(
    folder: Path, module: str, server: str, store_url: str, **settings: str
) -> Iterator[tuple[Any, str]]:
    """A server as users start it, and its address."""
    log = folder / f"log-{server}"
    given = {
        "DYNCONTENT_API_TOKENS": TOKEN,
        "DYNCONTENT_ALLOWED_HOSTS": samples.HOST,
        "DYNCONTENT_STORE_URL": store_url,
        **settings,
    }
    asked = ("serve", "--server", server)
    with command(*asked, module=module, data_dir=folder / "var", log=log, **given) as process:
        deadline = time.monotonic() + START_SECONDS
        while not (told := re.search("serves on (http://.*)\n", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield process, told[1]


async def _filled(base_url: str, settings: Any) -> Mapping[str, str]:
    """The URLs of the sample block."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=PATIENCE) as client:
        site = Site(None, client, settings)  # type: ignore[arg-type]
        await site.fill()
        return await site.links()


@anyio
@every_process
async def test_a_process_outlives_its_store_and_its_store_what_it_answered(
    module_and_server: tuple[str, str], tmp_path: Path, prefix: str
) -> None:
    module, server = module_and_server
    settings = site_settings(tmp_path, prefix)
    running = embedded_store(tmp_path / "data")
    url = running.__enter__()
    with _process(tmp_path, module, server, url, DYNCONTENT_STORE_PREFIX=prefix) as (
        process,
        base_url,
    ):
        links = await _filled(base_url, settings)
        path = links["image"].removeprefix(base_url)
        async with asyncio.timeout(PATIENCE), lines_to(int(base_url.rpartition(":")[2])) as new:
            line = await new()
            assert await _shown(line, path) == RED
            running.__exit__(None, None, None)
            for kind in ("png", "jpg", "gif"):
                await _picture(line, path.replace(".png", f".{kind}"), kind)
            assert await _shown(line, path) == GREY
            with embedded_store(tmp_path / "data"):
                assert await _shown(line, path) == RED
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                assert await line.is_over()
                store = Store(connect(url), Keys(prefix))
                assert [event["variant"] for event in await _events(store)] == ["rome", "rome"]
                await store.aclose()

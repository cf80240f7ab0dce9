"""What is opened: a store, a server of ours, blocks, and people with ten attributes and five
purchases each."""

import asyncio
import itertools
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import uvloop
from PIL import Image
from redis import Redis

from benchmarks import cards, drawings
from benchmarks.cards import CRUISE
from benchmarks.cores import SENDER, SERVER, hold
from benchmarks.peers.opens import Given, block
from benchmarks.served import Served, control_plane, served, settings_of
from dyncontent.keyring import Secret, new_secret, parse_secret
from dyncontent.load.answer import Answer
from dyncontent.load.sender import Origin, Request, Sender
from dyncontent.store.embedded import embedded_store
from dyncontent.store.keys import Keys

PREFIX = "dyncontent"
PURCHASES = 5
CARD, CLOCK = "card", "clock"
SIZE = (600, 300)
TRIES = 5
_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Links:
    """Paths of one person's picture and click."""

    image: str
    click: str


@dataclass(frozen=True, slots=True)
class Site:
    """`names` are the people's last names, `links` by block, in the order of the people;
    `store_pid` is the process of Valkey."""

    settings: Mapping[str, str]
    server: Served
    api: httpx.Client
    store: Redis
    store_pid: int
    given: Given
    names: Sequence[str]
    links: Mapping[str, Sequence[Links]]

    def wanted(self, variant: int) -> bytes:
        """The picture that everybody gets of a variant of the block that peers serve."""
        return self.given.variants[variant].pictures[block.NAMES[0]].data

    def forget_events(self) -> None:
        self.store.delete(Keys(PREFIX).events)

    def forget_pictures(self) -> None:
        """Those that are drawn; uploads stay."""
        for name in list(self.store.scan_iter(match=Keys(PREFIX).rendered("*"), count=1000)):
            self.store.delete(name)

    @contextmanager
    def another(self, core: int, **settings: str) -> Iterator[Served]:
        """A server that has only just begun, on the same store, with some settings of its own."""
        with served({**self.settings, **settings}) as server:
            hold(server.pid, core)
            yield server


@contextmanager
def site(people: int) -> Iterator[Site]:
    """The server has a core for itself, this process and Valkey share another."""
    hold(0, SENDER)
    token, secret = secrets.token_urlsafe(32), new_secret("k1")
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        store_url = running.enter_context(embedded_store(folder / "store"))
        store = running.enter_context(Redis.from_url(store_url))
        # It would take the core that Valkey and the sender share, for seconds at a time.
        store.config_set("auto-aof-rewrite-percentage", 0)
        settings = settings_of(folder, store_url, token, secret, block.HOST) | {
            "DYNCONTENT_STORE_PREFIX": PREFIX,
            "DYNCONTENT_REQUESTS_PER_MINUTE": "0",
            "DYNCONTENT_BUDGET_MS": "5000",  # a pause of the machine is in the times, and no fault
        }
        server = running.enter_context(served(settings))
        hold(server.pid, SERVER)
        api = running.enter_context(control_plane(server.base_url, token))
        block.fill(api)
        _fill(api)
        ids = [f"r{number:07}" for number in range(people)]
        names = list(itertools.islice(drawings.people(), people))
        _people(api, ids, names)
        _buy(server.base_url, token, ids)
        given = _given(api, store_url, parse_secret(secret))
        yield Site(
            settings=settings,
            server=server,
            api=api,
            store=store,
            store_pid=int(store.info("server")["process_id"]),
            given=given,
            names=names,
            links={name: _links(api, name, ids) for name in (block.BLOCK, CARD, CLOCK)},
        )


def _people(api: httpx.Client, ids: Sequence[str], names: Sequence[str]) -> None:
    lines = b"".join(
        orjson.dumps(
            {
                "id": id,
                **block.person(number, first_name=block.NAMES[0], last_name=name),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for number, (id, name) in enumerate(zip(ids, names, strict=True))
    )
    written = block.accepted(api.post("recipients/bulk", content=lines))["written"]
    if written != len(ids):
        raise SystemExit(f"only {written} of {len(ids)} people were written")


def _buy(base_url: str, token: str, ids: Sequence[str]) -> None:
    """Five things for each, which the block does not sell."""

    def bought(id: str, product: str) -> Request:
        body = orjson.dumps({"product": product})
        head = (
            f"POST /api/v1/recipients/{id}/purchases HTTP/1.1\r\nhost: {urlsplit(base_url).netloc}"
            f"\r\nauthorization: Bearer {token}\r\ncontent-type: application/json"
            f"\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return Request(head.encode() + body, _is_success)

    async def buy() -> None:
        async with Sender(Origin.of(base_url), _TOGETHER, seconds_for_one=600) as sender:
            for number, id in enumerate(ids):
                for place in range(PURCHASES):
                    sender.send(bought(id, f"p{(7 * number + place) % 997}"), time.perf_counter())
            await sender.finished()
        if not sender.tally.ok:
            raise SystemExit(f"not all was bought: {dict(sender.tally.failures)}")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(buy())


def _is_success(answer: Answer) -> str | None:
    return None if 200 <= answer.status < 300 else f"status {answer.status}: {answer.body[:200]!r}"


def _links(api: httpx.Client, name: str, ids: Sequence[str]) -> Sequence[Links]:
    asked = b"".join(
        orjson.dumps(
            {"block": name, "recipient": id, "message": block.MARKETING},
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for id in ids
    )
    answer = api.post("links/bulk", content=asked).raise_for_status()
    made = [orjson.loads(line) for line in answer.content.splitlines()]
    return [Links(_path(one["image"]), _path(one["click"])) for one in made]


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _given(api: httpx.Client, store_url: str, secret: Secret) -> Given:
    """A picture that is drawn for the first time may come too late on a busy machine, so that the
    fallback is shown; a picture must tell what was decided, so they are then opened again."""
    for _ in range(TRIES):
        given = block.given(api, store_url, PREFIX, secret)
        pictures = [one.data for variant in given.variants for one in variant.pictures.values()]
        pictures.append(given.fallback.data)
        if len(set(pictures)) == len(pictures):
            break
    else:
        raise SystemExit("two variants, or two names, look the same")
    for one in pictures:
        with Image.open(BytesIO(one)) as image:
            if (image.format, image.size) != ("PNG", SIZE):
                raise SystemExit(f"a picture is {image.format} of {image.size}")
    return given


def _fill(api: httpx.Client) -> None:
    """The blocks that nobody else serves: a card with each person's own name, and a countdown."""
    photo = block.accepted(api.post("assets", content=drawings.photo()))["id"]
    clock = orjson.loads(drawings.countdown().model_dump_json(exclude_defaults=True))
    still = {"width": 600, "height": 200, "background": drawings.CREAM}
    deadline = time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + drawings.DAYS * drawings.DAY)
    )
    block.accepted(api.put(f"products/{CRUISE}", json={"title": "a cruise", "stock": 9}))
    block.accepted(
        api.put(f"messages/{block.MARKETING}", json={"class": "marketing", "deadline": deadline})
    )
    countdown = {"kind": "countdown", "until": "message.deadline", "clock": clock, "still": still}
    _publish(api, CARD, "png", {"kind": "canvas", "canvas": cards.spec(photo)}, SIZE)
    _publish(api, CLOCK, "gif", countdown, (600, 200))


def _publish(
    api: httpx.Client, name: str, kind: str, creative: Mapping[str, Any], size: tuple[int, int]
) -> None:
    width, height = size
    grey = {"width": width, "height": height, "background": "#808080"}
    shown = {"creative": creative, "link": f"{block.HOME}{name}", "alt": name}
    document = {
        "title": name,
        "class": "marketing",
        "type": kind,
        "variants": [{"id": name, **shown}],
        "fallback": {
            "creative": {"kind": "canvas", "canvas": grey},
            "link": block.HOME,
            "alt": name,
        },
    }
    block.accepted(api.put(f"blocks/{name}", json=document))
    block.accepted(api.post(f"blocks/{name}/publish"))

"""What makes a server's caches fill and turn over: many people, messages, products, blocks and
languages, and addresses that nobody made."""

import itertools
import random
import string
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson

from benchmarks import crowd
from benchmarks.peers.opens import block
from benchmarks.peers.opens.alike import AGENTS
from dyncontent.delivery.urls import Purpose, make
from dyncontent.keyring import Keyring
from dyncontent.load.answer import Answer, Check, picture
from dyncontent.load.sender import Request
from renderers.encode import ImageType

BLOCKS, PRODUCTS, MESSAGES = 12, 600, 300
OFFERS = 12
"""Of a block, one after the other, each shown to SHARE percent of those who come to it."""
SHARE = 25
DEADLINE = "2030-01-01T00:00:00Z"
COLOURS = ("#C81E1E", "#1E3CC8", "#14213D", "#1F8A70", "#7A3E9D")
CARD, CLOCK = "card", "clock"
CARDS = 4000
"""People whose name is drawn: each picture is kept for a day in Valkey, so that there is an end."""
MADE = 150_000
"""Requests that come again and again, in another order each time; damaged ones are new."""
DAMAGED = 0.02
_SHARES = {"block": 84, CARD: 2, CLOCK: 4, "click": 10}
_WORDS = {
    "en": "{{ offer.title }} for {{ recipient.attributes.loyalty_tier | default('you') }}",
    "fi": "{{ offer.title }}, taso {{ recipient.attributes.loyalty_tier | default('sinulle') }}",
    "et": "{{ offer.title }}, tase {{ recipient.attributes.loyalty_tier | default('sulle') }}",
    "sv": "{{ offer.title }} för {{ recipient.attributes.loyalty_tier | default('dig') }}",
    "de": "{{ offer.title }} für {{ recipient.attributes.loyalty_tier | default('Sie') }}",
}


def fill(api: httpx.Client, people: int) -> None:
    """Write all that is opened, and so many people."""
    lines = (
        {"id": crowd.product_id(number), "title": f"Trip {number}", "stock": 1 + number % 9,
         "link": f"{block.HOME}{number}", "price": {"amount": str(number), "currency": "EUR"}}
        for number in range(PRODUCTS)
    )  # fmt: skip
    _bulk(api, "products", lines)
    _bulk(
        api,
        "messages",
        (
            {"id": f"send-{number}", "class": "marketing", "deadline": DEADLINE}
            for number in range(MESSAGES)
        ),
    )
    for start in range(0, people, 10_000):
        numbers = range(start, min(start + 10_000, people))
        _bulk(
            api,
            "recipients",
            ({"id": crowd.recipient_id(number)} | crowd.person(number) for number in numbers),
        )
    for number in range(BLOCKS):
        _publish(api, f"many-{number}", number)


def requests(base_url: str, keyring: Keyring, people: int) -> Iterator[Request]:
    """Without end."""
    chance = random.Random(3)  # noqa: S311
    made = [_request(base_url, keyring, people, chance) for _ in range(MADE)]
    while True:
        chance.shuffle(made)
        for request in made:
            if chance.random() < DAMAGED:
                yield _damaged(base_url, chance)
            yield request


def opens_of(base_url: str, keyring: Keyring, numbers: range) -> Iterator[Request]:
    """Opens of one block by these people in turn, without end."""
    made = [
        Request.get(
            base_url
            + make(keyring, Purpose.PICTURE, "many-0", crowd.recipient_id(number), "send-0"),
            _PNG,
            AGENTS["a person"]["user-agent"],
        )
        for number in numbers
    ]
    return itertools.cycle(made)


def _request(base_url: str, keyring: Keyring, people: int, chance: random.Random) -> Request:
    recipient = crowd.recipient_id(chance.randrange(people))
    message = f"send-{chance.randrange(MESSAGES)}"
    agent = AGENTS[chance.choice(("a person", "Gmail's proxy", "Apple's relay"))]["user-agent"]
    (kind,) = chance.choices(tuple(_SHARES), tuple(_SHARES.values()))
    name, type_ = f"many-{chance.randrange(BLOCKS)}", ImageType.PNG
    purpose = Purpose.CLICK if kind == "click" else Purpose.PICTURE
    check = _leads_somewhere if kind == "click" else _PNG
    match kind:
        case "card":
            name, recipient = CARD, crowd.recipient_id(chance.randrange(min(people, CARDS)))
            message = block.MARKETING
        case "clock":
            name, type_, check = CLOCK, ImageType.GIF, _GIF
            message = block.MARKETING
    path = make(keyring, purpose, name, recipient, message, type_)
    return Request.get(base_url + path, check, agent)


def _damaged(base_url: str, chance: random.Random) -> Request:
    """An address that nobody made: no two are the same."""
    unique = "".join(chance.choices(string.ascii_lowercase, k=16))
    known = f"many-{chance.randrange(BLOCKS)}"
    target, check = chance.choice(
        (
            (f"/i/{known}.png?r={unique}&m=send-1&v=k1&k={unique}abcdef", _PNG),
            (f"/i/{unique}.png?r=x&m={unique}&v=k1&k=abc", _PNG),
            (f"/i/{known}.png?r=*|{unique}|*&m=send-1&v=k1&t=abc", _PNG),
            (f"/i/{known}.png?{unique}={unique}", _PNG),
            (f"/c/{unique}?r={unique}&m={unique}&v={unique[:4]}&k={unique}", _leads_somewhere),
            (f"/{unique}/{unique}", _nothing_there),
        )
    )
    agent = f"Mozilla/5.0 ({unique}) {unique}"
    return Request.get(base_url + target, check, agent)


def _leads_somewhere(answer: Answer) -> str | None:
    return None if answer.status == 302 else f"status {answer.status}"


def _nothing_there(answer: Answer) -> str | None:
    return None if answer.status == 404 else f"status {answer.status}"


_PNG: Check = picture("png")
_GIF: Check = picture("gif")


def _bulk(api: httpx.Client, kind: str, documents: Iterator[dict[str, Any]]) -> None:
    lines = [orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents]
    written = block.accepted(api.post(f"{kind}/bulk", content=b"".join(lines)))
    if written["written"] != len(lines):
        raise SystemExit(f"not all {kind} were written: {written}")


def _publish(api: httpx.Client, name: str, number: int) -> None:
    chance = random.Random(number)  # noqa: S311
    shades = itertools.cycle(COLOURS)
    offers: Sequence[int] = chance.sample(range(PRODUCTS), OFFERS)
    document = {
        "title": name,
        "class": "marketing",
        "type": "png",
        "variants": [
            {
                "id": f"v{offer}",
                "offer": {"product": crowd.product_id(offer)},
                "condition": {"op": "share", "percent": SHARE, "salt": f"{name}-{offer}"},
                "creative": _creative(next(shades), _WORDS),
                "link": "{{ offer.link }}",
                "alt": name,
            }
            for offer in offers
        ],
        "fallback": {"creative": _creative("#808080", "Trips"), "link": block.HOME, "alt": name},
    }
    block.accepted(api.put(f"blocks/{name}", json=document))
    block.accepted(api.post(f"blocks/{name}/publish"))


def _creative(colour: str, words: Any) -> dict[str, Any]:
    text = {"kind": "text", "text": words, "x": 20, "y": 40, "width": 360, "height": 60}
    layers = [text | {"size": 28, "smallest": 10, "colour": "#FFFFFF"}]
    canvas = {"width": 400, "height": 140, "background": colour, "layers": layers}
    return {"kind": "canvas", "canvas": canvas}

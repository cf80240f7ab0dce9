"""Who is asked what in each scenario, and what a right answer is."""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from benchmarks.cards import Cards
from benchmarks.peers.opens import Peer, block
from benchmarks.peers.opens.thumbor import Thumbor
from benchmarks.site import CARD, CLOCK, SIZE, Site
from benchmarks.trial import Contestant
from dyncontent.load.agents import PERSON
from dyncontent.load.agents import mixed as mixed_agents
from dyncontent.load.answer import Answer, Check, exactly, leads_to, picture
from dyncontent.load.sender import Request

OURS = "dyncontent"
GRANIAN = "dyncontent on granian"
NO_RECEIPTS = "dyncontent without receipts"
PNG, GIF = "image/png", "image/gif"
PERSONAL_TOGETHER = 4
"""So many drawings of one block may wait; in a longer queue the fallback would be shown."""

_SPREAD = 1.0
_BEGIN = 0.25
"""Half of all opens come within this part of the time; the logarithm of the delay has the standard
deviation `_SPREAD`."""


def ours(site: Site) -> Peer:
    return Peer(OURS, site.server.base_url, (site.server.pid,))


def cached(site: Site, who: Peer) -> Contestant:
    """Everybody's own open of one picture."""
    check = _shown(site)
    return _endless(who, [one.image for one in site.links[block.BLOCK]], check)


def click(site: Site, who: Peer) -> Contestant:
    """Everybody's own click on it."""
    check = leads_to(str(block.PRODUCTS["rome"]["link"]))
    return _endless(who, [one.click for one in site.links[block.BLOCK]], check)


def countdown(site: Site, who: Peer) -> Contestant:
    return _endless(who, [one.image for one in site.links[CLOCK]], _counts_down)


def personal(site: Site, who: Peer, cards: Cards, title: str) -> Contestant:
    """Each person's own picture once, while the cruise has this title: byte by byte what the card
    is when it is drawn here, without a server."""
    links = site.links[CARD]
    fallback = site.api.get(who.base_url + _damaged(links[0].image)).raise_for_status().content
    drawn = [cards.of(name, title) for name in site.names]
    everybody = frozenset(drawn)

    def whose(own: bytes) -> Check:
        right = exactly(PNG, own)

        def check(answer: Answer) -> str | None:
            failure = right(answer)
            if failure and answer.body == fallback:
                return "the fallback"
            return "somebody else's picture" if failure and answer.body in everybody else failure

        return check

    requests = [
        Request.get(who.base_url + one.image, whose(own), PERSON)
        for one, own in zip(links, drawn, strict=True)
    ]
    return _a_few(who, requests)


def composed(who: Thumbor) -> Contestant:
    """As `personal`, by one who puts words that were drawn before on a picture: of the type and
    the size, and nobody else's."""
    seen: set[bytes] = set()
    is_picture = picture("png")

    def check(answer: Answer) -> str | None:
        body = answer.body
        if failure := is_picture(answer):
            return failure
        if (_number(body[16:20]), _number(body[20:24])) != SIZE:
            return "another size"
        if body in seen:
            return "somebody else's picture"
        seen.add(body)
        return None

    requests = [Request.get(who.base_url + path, check, PERSON) for path in who.paths]

    def each_once() -> Iterator[Request]:
        seen.clear()
        return iter(requests)

    return replace(_a_few(who, requests), requests=each_once)


def _a_few(who: Peer, requests: Sequence[Request]) -> Contestant:
    """Each once, few at a time."""
    return Contestant(
        who.name,
        who.base_url,
        who.pids,
        lambda: iter(requests),
        PERSONAL_TOGETHER,
        PERSONAL_TOGETHER,
    )


def once(site: Site, who: Peer) -> Contestant:
    """As `cached`, each person once."""
    check = _shown(site)
    requests = [
        Request.get(who.base_url + one.image, check, PERSON) for one in site.links[block.BLOCK]
    ]
    return Contestant(who.name, who.base_url, who.pids, lambda: iter(requests))


def mixed(site: Site, who: Peer) -> Contestant:
    """Of a hundred one is a URL that was damaged; of the others one in eight is a click."""
    chance = random.Random(1)  # noqa: S311
    right, fallback = _shown(site), exactly(PNG, site.given.fallback.data)
    follows = leads_to(str(block.PRODUCTS["rome"]["link"]))
    agents = mixed_agents()

    def request(image: str, click: str) -> Request:
        agent = next(agents)
        kind = chance.random()
        if kind < 0.01:
            return Request.get(who.base_url + _damaged(image), fallback, agent)
        if kind < 0.01 + 0.99 / 8:
            return Request.get(who.base_url + click, follows, PERSON)
        return Request.get(who.base_url + image, right, agent)

    requests = [request(one.image, one.click) for _ in range(10) for one in site.links[block.BLOCK]]
    return Contestant(who.name, who.base_url, who.pids, lambda: itertools.cycle(requests))


def after_delivery(peak: float, seconds: float) -> Sequence[float]:
    """When opens are due: log-normal after the delivery, `peak` of them a second where they are
    densest."""
    mean = math.log(seconds * _BEGIN)
    densest = math.exp(_SPREAD**2 / 2 - mean) / (_SPREAD * math.sqrt(2 * math.pi))
    chance = random.Random(2)  # noqa: S311
    dues = (chance.lognormvariate(mean, _SPREAD) for _ in range(round(peak / densest)))
    return sorted(due for due in dues if due < seconds)


def _endless(who: Peer, paths: Sequence[str], check: Check) -> Contestant:
    requests = [Request.get(who.base_url + path, check, PERSON) for path in paths]
    turning = itertools.cycle(requests)
    return Contestant(who.name, who.base_url, who.pids, lambda: turning)


def _shown(site: Site) -> Check:
    """The picture of the first variant, byte by byte."""
    right, fallback = exactly(PNG, site.wanted(0)), site.given.fallback.data

    def check(answer: Answer) -> str | None:
        failure = right(answer)
        return "the fallback" if failure and answer.body == fallback else failure

    return check


def _counts_down(answer: Answer) -> str | None:
    """A GIF of the clock's size, whole, with more than one frame: the fallback has one."""
    if failure := picture("gif")(answer):
        return failure
    body = answer.body
    size = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
    if size != (600, 200) or body[-1:] != b";":
        return "another size, or not whole"
    return None if body.count(b"\x21\xf9\x04") > 1 else "it does not move"


def _damaged(path: str) -> str:
    """With another first letter of the signature."""
    (signature,) = parse_qs(urlsplit(path).query)["k"]
    other = ("B" if signature[0] == "A" else "A") + signature[1:]
    return path.replace(f"k={signature}", f"k={other}")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")

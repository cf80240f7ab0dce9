"""Whether the peers of an open do what our server does: the same answer, the same event, the same
kept for the click.

    python -m benchmarks.peers.opens.alike

Starts all of them on one store and asks each for the same URLs, as several mail programs do.
"""

import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
from redis import Redis

from benchmarks import report
from benchmarks.peers.opens import Given, Peer, block
from benchmarks.peers.opens.nginx import doing_it_in_lua, serving_the_file
from benchmarks.peers.opens.usual import usual
from benchmarks.served import control_plane, served, settings_of
from dyncontent.keyring import new_secret, parse_secret
from dyncontent.load import agents
from dyncontent.store.embedded import embedded_store
from dyncontent.store.keys import Keys

PREFIX = "dyncontent"
PEOPLE = 50
SETTLED_SECONDS = 10.0
"""By when a peer has seen a change: its copies are a second old at most."""

AGENTS: Mapping[str, Mapping[str, str]] = {
    "a person": {"user-agent": agents.PERSON},
    "Gmail's proxy": {"user-agent": agents.GMAIL},
    "Gmail ahead": {"user-agent": agents.GMAIL_AHEAD},
    "Yahoo's proxy": {"user-agent": "YahooMailProxy; https://help.yahoo.com/kb/SLN28749.html"},
    "Apple's relay": {"user-agent": agents.APPLE},
    "a browser ahead": {"user-agent": "Mozilla/5.0 Firefox/128.0", "sec-purpose": "prefetch"},
    "nobody": {"user-agent": ""},
}
_HEADERS = (
    *("content-type", "content-length", "cache-control", "etag", "location"),
    *("x-content-type-options", "cross-origin-resource-policy"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and the paths of their picture and click."""

    id: str
    message: str
    image: str
    click: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: the answer, and the traces in the store. Events are without their
    instant; it is in `in_time` whether that was between question and answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    events: Sequence[Mapping[str, Any]]
    shown: Any
    in_time: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """Our server and those who answer beside it, on one store. `api` is our control plane."""

    given: Given
    ours: str
    api: httpx.Client
    store: Redis
    client: httpx.Client
    people: Sequence[Person]
    limit: Peer
    peers: Sequence[Peer]

    def ask(
        self,
        base_url: str,
        person: Person,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> Done:
        """Ask for a person's picture or click; a click follows what is shown, an open overwrites
        it."""
        events_key, shown = Keys(self.given.prefix).events, self._shown(person)
        if path == person.image:
            self.store.delete(shown)
        self.store.delete(events_key)
        before = int(time.time() * 1000)
        answer = self.client.request(method, base_url + path, headers=headers)
        after = time.time() * 1000 + 1
        entries = cast("list[Any]", self.store.xrange(events_key))
        events = [orjson.loads(entry[b"event"]) for _, entry in entries]
        instants = [event.pop("at") for event in events]
        kept = cast("bytes | None", self.store.hget(shown, self.given.block))
        return Done(
            status=answer.status_code,
            headers={name: answer.headers.get(name, "") for name in _HEADERS},
            body=answer.content,
            events=events,
            shown=kept and orjson.loads(kept),
            in_time=all(before <= at <= after for at in instants),
        )

    def remember(self, person: Person, shown: Sequence[Any] | None) -> None:
        """Let it be this that a person was shown last: version, variant and offer, or nothing."""
        self.store.delete(self._shown(person))
        if shown is not None:
            self.store.hset(self._shown(person), self.given.block, orjson.dumps(shown))

    def _shown(self, person: Person) -> str:
        return Keys(self.given.prefix).shown(person.id, person.message)

    def differences(
        self,
        peer: Peer,
        person: Person,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> list[str]:
        """In which parts a peer does otherwise than our server."""
        ours = self.ask(self.ours, person, path, headers, method)
        other = self.ask(peer.base_url, person, path, headers, method)
        told = f"{peer.name}, {method} {path} with {headers}"
        return [
            f"{told}: {name} is {theirs!r:.200}, ours is {own!r:.200}"
            for name in (field.name for field in fields(Done))
            if (theirs := getattr(other, name)) != (own := getattr(ours, name))
        ]

    def settle(self, peer: Peer, person: Person) -> None:
        """Wait until a peer shows a person what our server shows."""
        deadline = time.monotonic() + SETTLED_SECONDS
        wanted = self.ask(self.ours, person, person.image).body
        while self.ask(peer.base_url, person, person.image).body != wanted:
            if time.monotonic() > deadline:
                raise SystemExit(f"{peer.name} does not see a change")


@contextmanager
def stage(people: int = PEOPLE) -> Iterator[Stage]:
    """All of them, and people to whom the block shows this or that. Raises MissingError."""
    token, secret = secrets.token_urlsafe(32), new_secret("k1")
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        store_url = running.enter_context(embedded_store(folder / "store"))
        settings = settings_of(folder, store_url, token, secret, block.HOST) | {
            "DYNCONTENT_STORE_PREFIX": PREFIX,
            "DYNCONTENT_BUDGET_MS": "5000",  # what is late on a busy machine is no difference
        }
        ours = running.enter_context(served(settings)).base_url
        api = running.enter_context(control_plane(ours, token))
        block.fill(api)
        given = block.given(api, store_url, PREFIX, parse_secret(secret))
        yield Stage(
            given=given,
            ours=ours,
            api=api,
            store=running.enter_context(Redis.from_url(store_url)),
            client=running.enter_context(httpx.Client(trust_env=False)),
            people=[_person(api, number) for number in range(people)],
            limit=running.enter_context(serving_the_file(given)),
            peers=[
                running.enter_context(doing_it_in_lua(given)),
                running.enter_context(usual(given)),
            ],
        )


_KINDS: Sequence[tuple[Mapping[str, Any], Sequence[str], str]] = (
    ({}, (), block.MARKETING),
    ({}, ("rome",), block.MARKETING),
    ({"consents": {"marketing": True}}, (), block.MARKETING),
    ({"consents": {"marketing": True}}, ("rome",), block.MARKETING),
    ({}, ("rome", "oslo"), block.MARKETING),
    ({"consents": {"tracking": True}}, (), block.MARKETING),
    ({}, (), block.OTHER),
    ({}, (), "never-sent"),
)
"""What is said of people besides, what they bought, and the message that they got."""


def _person(api: httpx.Client, number: int) -> Person:
    said, bought, message = _KINDS[number % len(_KINDS)]
    id = f"r{number}"
    block.accepted(api.put(f"recipients/{id}", json=block.person(number, **said)))
    block.buy(api, id, *bought)
    return Person(id, message, *block.link(api, id, message))


def differences(stage: Stage, peer: Peer) -> list[str]:
    """Between a peer and our server, over all people, mail programs, opens and clicks."""
    found = []
    for person in stage.people:
        for headers in AGENTS.values():
            for path in (person.image, person.click):
                found += stage.differences(peer, person, path, headers)
    return found


def main() -> None:
    with stage() as all_of_them:
        for peer in all_of_them.peers:
            found = differences(all_of_them, peer)
            for told in found[:20]:
                report.say(told)
            if found:
                raise SystemExit(f"{peer.name} differs in {len(found)} places")
            report.say(f"{peer.name}: no difference")


if __name__ == "__main__":
    main()

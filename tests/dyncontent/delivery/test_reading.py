"""Reads of one request, in as few rounds as possible."""

import pytest

from dyncontent.delivery.reading import Reading
from dyncontent.store.command import Command
from dyncontent.store.copies import MISSING
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio


class Asked:
    """Watches what a store is asked, round by round."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rounds: list[set[str]] = []
        real = store.ask

        def watched(*commands: Command) -> object:
            self.rounds.append({str(command[1]) for command in commands})
            return real(*commands)

        monkeypatch.setattr(store, "ask", watched)


@pytest.fixture
async def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> Asked:
    await store.ask(("SET", "{x}:a", "1"), ("SET", "{x}:b", "{x}:c"), ("SET", "{x}:c", "3"))
    store.copies.prove(float("inf"))
    return Asked(store, monkeypatch)


async def test_what_is_missing_is_fetched_together(store: Store, asked: Asked) -> None:
    def needs(reading: Reading) -> tuple[object, ...]:
        next_key = reading.get("{x}:b", bytes.decode)
        return reading.get("{x}:a", int), reading.get(next_key, int) if next_key else None

    assert await Reading(store).run(needs) == (1, 3)
    assert asked.rounds == [{"{x}:a", "{x}:b"}, {"{x}:c"}]


async def test_copies_spare_the_round(store: Store, asked: Asked) -> None:
    for _ in range(2):
        assert await Reading(store).run(lambda reading: reading.get("{x}:a", int)) == 1
    assert len(asked.rounds) == 1


async def test_what_is_wanted_now_is_asked_every_time(store: Store, asked: Asked) -> None:
    for _ in range(2):
        assert await Reading(store).run(lambda reading: reading.get_now("{x}:a", int)) == 1
    assert len(asked.rounds) == 2


async def test_what_is_absent_is_none_and_takes_no_room(store: Store, asked: Asked) -> None:
    for _ in range(2):
        assert await Reading(store).run(lambda reading: reading.get("{x}:none", int)) is None
    assert len(asked.rounds) == 2
    assert store.copies.last("{x}:none") is MISSING


async def test_the_same_bytes_are_decoded_once(store: Store, asked: Asked) -> None:
    decoded = []

    def decode(raw: bytes) -> int:
        decoded.append(raw)
        return int(raw)

    for _ in range(3):
        await Reading(store).run(lambda reading: reading.get("{x}:a", decode))
        store.copies.forget("{x}:a")
    assert decoded == [b"1"]
    assert len(asked.rounds) == 3


async def test_needs_that_never_end_are_a_fault(store: Store) -> None:
    def endless(reading: Reading, seen: list[int] = []) -> None:  # noqa: B006
        seen.append(1)
        reading.get(f"{{x}}:{len(seen)}", int)

    with pytest.raises(RuntimeError, match="still missing"):
        await Reading(store).run(endless)

"""Answers under a key, and who may give them."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.access import answers
from dyncontent.access.answers import Answer, Answers, HeldError, Hold
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio
ANSWER = Answer("f00", 201, (("content-type", "application/json"),), b'{"line":\n1}')


async def _held(store: Store, caller: str = "one", key: str = "k") -> Hold:
    hold = await Answers(store).claim(caller, key)
    assert isinstance(hold, Hold)
    return hold


async def test_the_first_answers_for_all(store: Store) -> None:
    hold = await _held(store)
    with pytest.raises(HeldError):
        await Answers(store).claim("one", "k")
    await hold.keep(ANSWER)
    for _ in range(2):
        assert await Answers(store).claim("one", "k") == ANSWER
    assert isinstance(await Answers(store).claim("other", "k"), Hold)
    assert isinstance(await Answers(store).claim("one", "other"), Hold)


async def test_of_many_at_once_one_is_the_first(store: Store) -> None:
    claimed = await asyncio.gather(
        *(Answers(store).claim("one", "k") for _ in range(16)), return_exceptions=True
    )
    assert [type(one) for one in claimed].count(Hold) == 1
    assert [type(one) for one in claimed].count(HeldError) == 15


async def test_what_is_released_is_free(store: Store) -> None:
    await (await _held(store)).release()
    await _held(store)


async def _lasts(store: Store) -> int:
    [keys] = await store.ask(("KEYS", f"{store.keys.prefix}:answer:*"))
    [lasts] = await store.ask(("PTTL", keys[0]))
    return int(lasts)


async def test_a_hold_lasts_for_seconds_and_an_answer_for_a_day(store: Store) -> None:
    hold = await _held(store)
    assert 0 < await _lasts(store) <= answers.HELD_SECONDS * 1000
    await hold.keep(ANSWER)
    day = answers.KEPT_SECONDS * 1000
    assert day - 60_000 < await _lasts(store) <= day


async def test_who_lost_the_hold_does_not_answer_for_the_next(store: Store) -> None:
    late = await _held(store)
    [keys] = await store.ask(("KEYS", f"{store.keys.prefix}:answer:*"))
    await store.ask(("DEL", keys[0]))  # as time does when a process has died
    await _held(store)
    await late.keep(ANSWER)
    await late.release()
    with pytest.raises(HeldError):
        await Answers(store).claim("one", "k")


async def test_a_hold_is_renewed_while_it_is_needed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "RENEWED_SECONDS", 0)
    hold = await _held(store)
    [keys] = await store.ask(("KEYS", f"{store.keys.prefix}:answer:*"))
    await store.ask(("PEXPIRE", keys[0], 5000))
    async with asyncio.timeout(10), hold.renewed():
        while await _lasts(store) <= 5000:
            pass
    assert not [task for task in asyncio.all_tasks() if "renew" in repr(task.get_coro())]


@given(
    st.text("0123456789abcdef"),
    st.integers(100, 599),
    st.lists(st.tuples(st.text(), st.text())),
    st.binary(),
)
def test_an_answer_is_kept_as_it_was(
    request: str, status: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    answer = Answer(request, status, tuple(headers), body)
    assert Answer.decode(answer.encode()) == answer

"""Single reads that travel as one command."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dyncontent.store.command import Command, Reply
from dyncontent.store.joining import apart, dealt, gathered, joined

COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("GET"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(["TTL", "INCR"]), st.sampled_from("abc")),
    )
)


def test_runs_of_reads_are_joined() -> None:
    commands: list[Command] = [("GET", "a"), ("GET", "b"), ("INCR", "a"), ("GET", "a")]
    batch = [("MGET", "a", "b"), ("INCR", "a"), ("MGET", "a")]
    assert joined(commands, [1] * 4) == (batch, {0: 2, 2: 1})
    assert joined([("INCR", "a")], [1]) == ([("INCR", "a")], {})
    assert joined([], []) == ([], {})


def test_reads_of_two_slots_are_not() -> None:
    commands: list[Command] = [("GET", "a"), ("GET", "a"), ("GET", "b"), ("TTL", "b"), ("GET", "b")]
    batch, counts = joined(commands, [1, 1, 2, 2, 2])
    assert batch == [("MGET", "a", "a"), ("MGET", "b"), ("TTL", "b"), ("MGET", "b")]
    assert counts == {0: 2, 1: 1, 3: 1}


def _answered(batch: Sequence[Command]) -> list[Reply]:
    return [
        [f"GET {key!s}" for key in command[1:]]
        if command[0] == "MGET"
        else f"{command[0]!s} {command[1]!s}"
        for command in batch
    ]


def _wanted(commands: Sequence[Command]) -> list[Reply]:
    return [f"{name!s} {key!s}" for name, key in commands]


@given(COMMANDS, st.booleans())
def test_each_command_gets_its_own_reply(commands: list[Command], by_slot: bool) -> None:
    slots = [ord(str(key)) if by_slot else 0 for _, key in commands]
    batch, counts = joined(commands, slots)
    assert list(apart(_answered(batch), counts)) == _wanted(commands)
    if by_slot:
        assert all(len(set(command[1:])) == 1 for command in batch if command[0] == "MGET")


def test_a_refusal_of_joined_reads_is_one_of_each() -> None:
    refusal = ValueError()
    assert list(apart([b"1", refusal, b"2"], {1: 2})) == [b"1", refusal, refusal, b"2"]


@given(COMMANDS)
def test_where_the_order_does_not_matter_single_reads_are_one(commands: list[Command]) -> None:
    batch = gathered(commands)
    assert list(dealt(commands, _answered(batch))) == _wanted(commands)
    assert [command[0] for command in batch].count("MGET") == any(
        command[0] == "GET" for command in commands
    )
    assert "GET" not in [command[0] for command in batch]


def test_a_refusal_of_gathered_reads_is_one_of_each() -> None:
    refusal = ValueError()
    commands: list[Command] = [("GET", "a"), ("TTL", "a"), ("GET", "b")]
    assert list(dealt(commands, [refusal, 1])) == [refusal, 1, refusal]

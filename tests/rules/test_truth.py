from collections.abc import Callable, Iterable, Iterator
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.truth import Truth, conjunction, disjunction, negation
from tests.rules.support import TRUTHS, law, truths

Combination = Callable[[Iterable[Truth]], Truth]

some_truths = st.lists(truths, max_size=6)
both = pytest.mark.parametrize("combine", [conjunction, disjunction])


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, None)])
def test_negation_keeps_unknown(value: Truth, expected: Truth) -> None:
    assert negation(value) is expected


@pytest.mark.parametrize(
    ("one", "other", "both_hold", "either_holds"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, True, False, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, True, None, True),
        (None, False, False, None),
        (None, None, None, None),
    ],
)
def test_strong_tables(one: Truth, other: Truth, both_hold: Truth, either_holds: Truth) -> None:
    assert conjunction((one, other)) is both_hold
    assert disjunction((one, other)) is either_holds


def test_of_nothing_all_hold_and_none_does() -> None:
    assert conjunction(()) is True
    assert disjunction(()) is False


@pytest.mark.parametrize(("combine", "decisive"), [(conjunction, False), (disjunction, True)])
def test_nothing_is_read_after_the_decisive_value(combine: Combination, decisive: bool) -> None:
    def values() -> Iterator[Truth]:
        yield None
        yield decisive
        pytest.fail("read on")

    assert combine(values()) is decisive


@law
@given(truths)
def test_double_negation(value: Truth) -> None:
    assert negation(negation(value)) is value


@law
@given(some_truths)
def test_de_morgan(values: list[Truth]) -> None:
    negated = [negation(value) for value in values]
    assert negation(conjunction(values)) is disjunction(negated)
    assert negation(disjunction(values)) is conjunction(negated)


@both
def test_the_sequence_does_not_matter(combine: Combination) -> None:
    answers = {values: combine(values) for values in permutations(TRUTHS)}
    assert len(answers) == 6
    assert set(answers.values()) == {combine(TRUTHS)}


@both
@law
@given(some_truths, some_truths, some_truths)
def test_groups_nest(
    combine: Combination, one: list[Truth], two: list[Truth], three: list[Truth]
) -> None:
    assert combine([*one, combine(two), *three]) is combine([*one, *two, *three])


@both
@law
@given(st.lists(st.tuples(truths, truths), max_size=6))
def test_what_becomes_known_never_changes_an_answer(
    combine: Combination, steps: list[tuple[Truth, Truth]]
) -> None:
    before = [value for value, _ in steps]
    after = [later if value is None else value for value, later in steps]
    assert combine(before) in (None, combine(after))

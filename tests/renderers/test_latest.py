"""What was made last is kept, as much as there is room for."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from renderers.latest import Latest


def _making(text: str, made: list[str]) -> Callable[[], str]:
    def make() -> str:
        made.append(text)
        return text

    return make


def test_what_is_kept_is_not_made_again_and_what_was_used_least_lately_goes() -> None:
    kept, made = Latest[str](6, len), list[str]()
    for text in ("aaa", "bbb", "aaa", "ccc", "aaa", "bbb"):
        assert kept.of(text, _making(text, made)) == text
    assert made == ["aaa", "bbb", "ccc", "bbb"]


def test_the_last_is_kept_though_it_is_too_large() -> None:
    kept, made = Latest[str](2, len), list[str]()
    for text in ("aaa", "aaa", "b", "b"):
        kept.of(text, _making(text, made))
    assert made == ["aaa", "b"]


def test_two_who_make_the_same_take_its_room_once() -> None:
    kept, made = Latest[str](6, len), list[str]()

    def slowly() -> str:
        return kept.of("a", _making("aaa", made))

    kept.of("a", slowly)
    kept.of("b", _making("bbb", made))
    kept.of("a", _making("aaa", made))
    assert made == ["aaa", "bbb"]


@given(st.lists(st.text("ab", min_size=1, max_size=4)))
def test_never_is_more_kept_than_there_is_room_for(texts: list[str]) -> None:
    kept = Latest[str](5, len)
    for text in texts:
        kept.of(text, _making(text, []))
        held = [one for one in set(texts) if _is_kept(kept, one)]
        assert sum(map(len, held)) <= 5


def _is_kept(kept: Latest[str], text: str) -> bool:
    return text in kept._kept

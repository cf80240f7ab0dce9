"""What tokens look like, and when they open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dyncontent.access.scope import ALL, Scope
from dyncontent.access.token import TokenAsked, digest, id_in, make

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ASKED = TokenAsked(name="Shop", scopes=(Scope.LINKS,))


def test_a_token_opens_by_its_text_alone() -> None:
    token_id, text, token = make(ASKED, NOW)
    _, other, _ = make(ASKED, NOW)
    assert text.startswith(f"dct_{token_id}_")
    assert id_in(text) == token_id
    assert token.opens(text, NOW)
    assert not token.opens(other, NOW)
    assert not token.opens(text[:-1], NOW)


def test_what_is_kept_does_not_hold_the_secret() -> None:
    token_id, text, token = make(ASKED, NOW)
    kept = token.encoded().decode()
    assert text.removeprefix(f"dct_{token_id}_") not in kept
    assert digest(text) in kept


def test_no_two_are_the_same_and_secrets_use_all_letters() -> None:
    texts = [make(ASKED, NOW)[1] for _ in range(200)]
    assert len({id_in(text) for text in texts}) == 200
    assert len(set("".join(text[17:] for text in texts))) == 62


@pytest.mark.parametrize(
    ("after", "opens"),
    [(timedelta(hours=1) - timedelta.resolution, True), (timedelta(hours=1), False)],
)
def test_a_token_is_good_until_it_is_over(after: timedelta, opens: bool) -> None:
    begin = datetime.now(UTC)
    asked = TokenAsked(name="x", scopes=(Scope.LINKS,), expires=begin + timedelta(hours=1))
    _, text, token = make(asked, begin)
    assert token.opens(text, begin + after) is opens


@given(st.lists(st.sampled_from(ALL), min_size=1))
def test_scopes_stand_once_in_their_order(scopes: list[Scope]) -> None:
    asked = TokenAsked(name="x", scopes=tuple(scopes))
    assert list(asked.scopes) == [scope for scope in Scope if scope in scopes]


@given(st.text())
def test_what_is_no_token_has_no_id(text: str) -> None:
    assert id_in(text) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " "},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires": "2020-01-01T00:00:00Z"},
        {"expires": "2200-01-01T00:00:00"},
        {"digest": "x"},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TokenAsked.model_validate({"name": "x", "scopes": ["links"]} | wrong, strict=False)

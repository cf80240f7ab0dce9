"""Handles: only the server makes them, and it knows of whom they are."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.catalog.model import id_matches
from dyncontent.delivery.handles import MARK, is_handle, make_handle, read_handle
from dyncontent.keyring import Keyring, new_secret, parse_secret
from rules.facts import ID

VECTORS = orjson.loads((Path(__file__).parents[2] / "cases" / "signing.json").read_bytes())
KEYRING = Keyring((parse_secret(new_secret("new")), parse_secret(new_secret("old"))))
ids = st.from_regex(rf"\A{ID}\Z")


@pytest.mark.parametrize("case", VECTORS["handles"], ids=lambda case: case["handle"])
def test_handles_are_as_the_vectors_say(case: dict[str, Any]) -> None:
    keyring = Keyring((parse_secret(case["secret"]),))
    assert make_handle(keyring, case["recipient"]) == case["handle"]
    assert read_handle(keyring, case["handle"]) == case["recipient"]


@given(ids)
def test_a_handle_is_read_again_and_is_no_id(recipient: str) -> None:
    handle = make_handle(KEYRING, recipient)
    assert is_handle(handle)
    assert id_matches(handle) is None
    assert read_handle(KEYRING, handle) == recipient


@given(ids, st.data())
def test_any_changed_character_is_refused(recipient: str, data: st.DataObject) -> None:
    handle = make_handle(KEYRING, recipient)
    place = data.draw(st.integers(1, len(handle) - 1))
    other = data.draw(st.characters(max_codepoint=255).filter(lambda one: one != handle[place]))
    assert read_handle(KEYRING, handle[:place] + other + handle[place + 1 :]) is None


@given(st.text(max_size=60))
def test_nothing_is_too_odd(text: str) -> None:
    assert read_handle(KEYRING, f"{MARK}{text}") is None


def test_a_handle_outlives_the_newest_secret_and_not_its_own() -> None:
    old = make_handle(Keyring(KEYRING.secrets[1:]), "aino")
    assert read_handle(KEYRING, old) == "aino"
    assert read_handle(Keyring(KEYRING.secrets[:1]), old) is None

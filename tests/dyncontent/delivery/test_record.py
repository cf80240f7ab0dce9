"""What is written of an open and a click."""

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.compiled import compile_block
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.history import Shown, decode_shown
from dyncontent.delivery.record import Outcome, clicked, opened
from dyncontent.delivery.urls import Address, Purpose
from dyncontent.store.keys import Keys
from renderers.encode import ImageType
from tests import samples

KEYS = Keys("p")
ADDRESS = Address(Purpose.PICTURE, "trip", ImageType.GIF, "aino", "spring")
BLOCK = compile_block("trip", 3, Block.model_validate_json(orjson.dumps(samples.block())), {})
OUTCOME = Outcome(3, "rome", "rome", "TARGETING_MATCH", "VARIANT_HOLDS")


@pytest.mark.parametrize("outcome", [OUTCOME, Outcome(1, None, None, "DEFAULT", "FACT_MISSING")])
def test_what_was_shown_is_read_again(outcome: Outcome) -> None:
    shown, _ = opened(KEYS, BLOCK, ADDRESS, outcome, 1.5, Verdict.HUMAN, known=True, tracked=True)
    assert shown[:3] == ("HSET", KEYS.shown("aino", "spring"), "trip")
    assert isinstance(shown[3], bytes)
    assert decode_shown(shown[3]) == Shown(outcome.version, outcome.variant, outcome.offer)


def test_what_was_shown_holds_no_time_and_no_trace() -> None:
    one, _ = opened(KEYS, BLOCK, ADDRESS, OUTCOME, 1.5, Verdict.HUMAN, known=True, tracked=False)
    other, _ = opened(
        KEYS, BLOCK, ADDRESS, OUTCOME, 99.0, Verdict.PREFETCH, known=True, tracked=True
    )
    assert one == other


@pytest.mark.parametrize("tracked", [True, False])
def test_only_who_agreed_is_named(tracked: bool) -> None:
    _, event = opened(
        KEYS, BLOCK, ADDRESS, OUTCOME, 1.5, Verdict.HUMAN, known=True, tracked=tracked
    )
    click = clicked(KEYS, ADDRESS, OUTCOME, None, 1.5, Verdict.HUMAN, tracked=tracked, ended=False)
    for command in (event, click):
        assert command[:4] == ("XADD", KEYS.events, "*", "event")
        written = orjson.loads(command[4])  # type: ignore[arg-type]
        assert (written.get("recipient"), written.get("message")) == (
            ("aino", "spring") if tracked else (None, None)
        )
        assert written["at"] == 1500


def test_of_whom_nothing_is_known_nothing_is_kept() -> None:
    [event] = opened(KEYS, BLOCK, ADDRESS, OUTCOME, 1.5, Verdict.HUMAN, known=False, tracked=False)
    assert event[0] == "XADD"

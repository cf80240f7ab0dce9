"""Drafts and versions."""

from typing import Any

import orjson
import pytest

from dyncontent.catalog.block import Block
from dyncontent.catalog.model import encode_whole
from dyncontent.catalog.published import (
    Draft,
    Listed,
    Live,
    Version,
    decode_live,
    decode_version,
)
from tests import samples
from tests.samples import HOST, RED


def _block(value: Any = "gold") -> Block:
    condition = {"op": "equals", "fact": "recipient.attributes.tier", "value": value}
    shown = samples.variant("v", RED, f"https://{HOST}/", condition=condition)
    return Block.model_validate_json(orjson.dumps(samples.block(shown)))


def test_a_new_draft_waits_to_be_published() -> None:
    draft = Draft(block=_block())
    assert (draft.versions, draft.changed) == (0, True)
    assert (draft.published().versions, draft.published().changed) == (1, False)


def test_an_edit_counts_until_it_is_published() -> None:
    published = Draft(block=_block()).published()
    edited = published.edited(_block("silver"))
    assert (edited.versions, edited.changed, edited.block) == (1, True, _block("silver"))
    assert edited.edited(_block("silver")).changed
    assert (edited.published().versions, edited.published().changed) == (2, False)


def test_a_version_that_is_restored_waits_to_be_published_unless_it_was_the_last() -> None:
    twice = Draft(block=_block()).published().edited(_block("silver")).published()
    edited = twice.edited(_block("bronze"))
    first = edited.restored(Version(number=1, block=_block()))
    assert (first.versions, first.changed, first.block) == (2, True, _block())
    assert edited.restored(Version(number=2, block=_block("silver"))) == twice


def test_what_is_put_away_stays_so_through_all_else() -> None:
    away = Draft(block=_block()).put_away(archived=True)
    assert away.edited(_block("silver")).restored(Version(number=1, block=_block())).archived
    assert not away.put_away(archived=False).archived


def test_a_block_in_a_list_is_as_its_draft() -> None:
    draft = Draft(block=_block())
    assert Listed.read("b", draft.encoded()) == Listed("b", "Trip", "marketing", 0, True, False)
    away = draft.published().put_away(archived=True)
    assert Listed.read("b", away.encoded()) == Listed("b", "Trip", "marketing", 1, False, True)


def test_the_same_block_again_is_no_edit() -> None:
    published = Draft(block=_block()).published()
    assert published.edited(_block()) == published


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), (True, 1), (1, "1")])
def test_values_that_are_alike_but_not_the_same_are_an_edit(before: Any, after: Any) -> None:
    assert Draft(block=_block(before)).published().edited(_block(after)).changed


@pytest.mark.parametrize(
    "draft",
    [Draft(block=_block()), Draft(block=_block()).published(),
     Draft(block=_block()).published().edited(_block(2))],
)  # fmt: skip
def test_a_draft_comes_back_as_stored(draft: Draft) -> None:
    assert Draft.model_validate_json(draft.encoded()) == draft


@pytest.mark.parametrize("archived", [True, False])
def test_what_is_live_says_whether_it_is_archived(archived: bool) -> None:
    version = Version(number=3, block=_block())
    live = decode_live("trip", encode_whole(Live.of(version, archived=archived)))
    assert (live.id, live.version, live.block) == ("trip", 3, version.block)
    assert live.is_archived is archived
    assert not decode_live("trip", encode_whole(version)).is_archived


def test_a_version_is_read_ready_to_be_served() -> None:
    version = Version(number=3, block=_block())
    assert Version.model_validate_json(version.encoded()) == version
    compiled = decode_version("trip", version.encoded())
    assert (compiled.id, compiled.version, compiled.block) == ("trip", 3, version.block)


def test_a_version_keeps_the_types_of_all_attributes_that_it_uses() -> None:
    texts = "{{ offer.attributes.dates }} {{ message.parameters.until | date }}"
    clock = {
        "kind": "countdown",
        "until": "recipient.attributes.ends",
        "clock": {
            "face": {"width": 60, "height": 40},
            "expired": {"width": 60, "height": 40},
            "units": [{"unit": "minutes", "x": 0, "y": 0, "width": 50, "height": 30, "size": 12}],
        },
        "still": {"width": 60, "height": 40},
    }
    shown = samples.variant(
        "v",
        RED,
        f"https://{HOST}/",
        samples.text(texts),
        offer={"product": "rome"},
        condition={"op": "is_set", "fact": "recipient.attributes.tier"},
        alt="{{ order.attributes.gift | default('') }}",
    )
    ticking = samples.variant("w", RED, f"https://{HOST}/") | {"creative": clock}
    block = Block.model_validate_json(orjson.dumps(samples.block(shown, ticking)))
    assert block.attributes == {
        "product.attributes.dates",
        "message.parameters.until",
        "recipient.attributes.ends",
        "recipient.attributes.tier",
        "order.attributes.gift",
    }

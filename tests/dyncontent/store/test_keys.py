"""The names of everything in the store."""

import inspect
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from dyncontent.store.keys import Keys
from tests.strategies import block_ids, close_ids, ids

names = ids | close_ids
blocks = block_ids | close_ids.filter(lambda name: not set(".~") & set(name))
categories = st.text("a:{}.", max_size=4) | st.text(max_size=20)
currencies = st.sampled_from(["EUR", "SEK"])
pictures = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
prefixes = st.text("a{}_-", min_size=1, max_size=2).filter(str.isascii) | ids
prefixes = prefixes.filter(lambda prefix: not set("{}.~") & set(prefix))

CATALOGUE: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "draft": (blocks,),
    "live": (blocks,),
    "version": (blocks, st.integers(1, 20)),
    "product": (names,),
    "category": (categories, currencies),
    "message": (names,),
    "feed": (blocks,),
    "feed_state": (blocks,),
    "feed_products": (blocks,),
    "feed_runs": (blocks,),
    "feed_lock": (blocks,),
}
PEOPLE: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "order": (names,),
    "recipient": (names,),
    "shown": (names, names),
    "claimed": (names, names),
    "seen": (names, blocks),
    "consents": (names,),
    "erasure": (pictures,),
    "asset": (pictures,),
    "quota": (pictures,),
    "answer": (pictures, pictures),
    "rendered": (pictures.map("{}.png".format),),
}
Thing = tuple[str, tuple[Any, ...]]


def _things(kinds: dict[str, tuple[st.SearchStrategy[Any], ...]]) -> st.SearchStrategy[Thing]:
    return st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.tuples(*kinds[kind]))
    )


anything = _things(CATALOGUE | PEOPLE)


def _key(keys: Keys, thing: Thing) -> str:
    kind, parts = thing
    key: str = getattr(keys, kind)(*parts)
    return key


@given(prefixes, _things(CATALOGUE))
def test_the_catalogue_and_its_change_log_share_one_slot(prefix: str, thing: Thing) -> None:
    keys = Keys(prefix)
    assert key_slot(_key(keys, thing).encode()) == key_slot(keys.changes.encode())
    assert key_slot(keys.changes.encode()) == key_slot(prefix.encode())


def test_people_are_spread_over_the_slots() -> None:
    keys = Keys("dyncontent")
    slots = {key_slot(keys.recipient(f"p{number}").encode()) for number in range(1000)}
    assert len(slots) > 900


OF_PERSONS = sorted(
    name
    for name, member in inspect.getmembers(Keys, inspect.isfunction)
    if "recipient" in inspect.signature(member).parameters and name not in ("of_person", "erased")
)


@given(st.sampled_from(OF_PERSONS), names, names)
def test_what_is_of_a_person_begins_as_their_keys_do_and_lies_beside_the_profile(
    kind: str, person: str, other: str
) -> None:
    keys = Keys("p")
    rest = ("x",) * (len(inspect.signature(getattr(keys, kind)).parameters) - 1)
    key = getattr(keys, kind)(person, *rest)
    assert key == keys.recipient(person) or key.startswith(keys.of_person(person))
    assert key.startswith(keys.of_person(other)) is (person == other and kind != "recipient")
    assert key_slot(key.encode()) == key_slot(keys.recipient(person).encode())


def test_who_was_erased_is_told_by_no_name() -> None:
    keys = Keys("p")
    assert "aino" not in keys.erased(b"pepper", "aino")
    assert (
        len(
            {
                keys.erased(b"pepper", "aino"),
                keys.erased(b"salt", "aino"),
                keys.erased(b"pepper", "emma"),
            }
        )
        == 3
    )


@given(anything, anything)
def test_different_things_never_share_a_key(one: Thing, other: Thing) -> None:
    keys = Keys("p")
    assert (_key(keys, one) == _key(keys, other)) is (one == other)


@given(anything)
def test_nothing_shares_a_key_with_what_is_one_of_a_kind(thing: Thing) -> None:
    keys = Keys("p")
    alone = (keys.changes, keys.events, keys.fonts, keys.hosts, keys.tokens, keys.tokens_used)
    assert len({_key(keys, thing), *alone, keys.users}) == 8


@given(prefixes, prefixes, anything, anything)
def test_keys_of_two_prefixes_never_collide(
    prefix: str, other_prefix: str, one: Thing, other: Thing
) -> None:
    keys, others = Keys(prefix), Keys(other_prefix)
    mine = {_key(keys, one), _key(keys, other), keys.changes, keys.events, keys.fonts}
    theirs = {_key(others, one), _key(others, other), others.changes, others.events, others.fonts}
    assert mine.isdisjoint(theirs) is (prefix != other_prefix)

"""The tokens of a store and of the settings."""

from datetime import UTC, datetime, timedelta

import pytest

from dyncontent.access.scope import ALL, Scope
from dyncontent.access.token import TokenAsked, digest, make
from dyncontent.access.tokens import Caller, Tokens
from dyncontent.catalog.catalogue import NotFoundError
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio
ASKED = TokenAsked(name="Shop", scopes=(Scope.LINKS, Scope.READ_FACTS))
OF_SETTINGS = ("the-first-token-of-two", "the-second-token-of-two")


async def test_a_stored_token_opens_with_its_scopes(store: Store) -> None:
    tokens = Tokens(store, OF_SETTINGS)
    made, text = await tokens.create(ASKED)
    assert await tokens.caller(text) == Caller(made.id, frozenset(ASKED.scopes))
    assert await tokens.caller(text[:-1] + ("a" if text[-1] != "a" else "b")) is None
    assert await tokens.caller(text.replace(made.id, "0" * 12)) is None


@pytest.mark.parametrize("text", OF_SETTINGS)
async def test_those_of_the_settings_may_do_everything(store: Store, text: str) -> None:
    caller = await Tokens(store, OF_SETTINGS).caller(text)
    assert caller is not None
    assert caller.scopes == set(ALL)
    assert text not in caller.id
    assert await Tokens(store).caller(text) is None


@pytest.mark.parametrize("text", ["", "x", "dct_", f"dct_{'0' * 12}_{'a' * 43}"])
async def test_others_open_nothing(store: Store, text: str) -> None:
    assert await Tokens(store, OF_SETTINGS).caller(text) is None


async def test_what_is_revoked_ends_at_once_elsewhere_too(store: Store) -> None:
    here, there = Tokens(store), Tokens(store)
    made, text = await here.create(ASKED)
    assert await there.caller(text) is not None
    await here.revoke(made.id)
    assert await there.caller(text) is None
    assert await here.all() == []
    for missing in (here.revoke, here.get):
        with pytest.raises(NotFoundError, match=made.id):
            await missing(made.id)


async def test_what_is_over_opens_nothing(store: Store) -> None:
    now = datetime.now(UTC)
    asked = TokenAsked(name="x", scopes=(Scope.LINKS,), expires=now + timedelta(days=1))
    token_id, text, token = make(asked, now)
    for expires, opens in ((now + timedelta(hours=1), True), (now, False)):
        kept = token.model_copy(update={"expires": expires})
        await store.ask(("HSET", store.keys.tokens, token_id, kept.encoded()))
        assert (await Tokens(store).caller(text) is not None) is opens


async def test_they_are_listed_in_the_order_of_their_making(store: Store) -> None:
    tokens = Tokens(store)
    made = [(await tokens.create(ASKED))[0].id for _ in range(5)]
    listed = await tokens.all()
    assert [one.id for one in listed] == made
    assert {one.token.name for one in listed} == {"Shop"}
    assert await tokens.get(made[2]) == listed[2]


async def test_when_it_was_used_is_noted_once_in_a_while(store: Store) -> None:
    tokens = Tokens(store)
    made, text = await tokens.create(ASKED)
    assert (await tokens.get(made.id)).used is None
    before = datetime.now(UTC).replace(microsecond=0)
    await tokens.caller(text)
    used = (await tokens.get(made.id)).used
    assert used is not None
    assert before <= used <= datetime.now(UTC)
    await store.ask(("HSET", store.keys.tokens_used, made.id, 1))
    await tokens.caller(text)
    assert (await tokens.get(made.id)).used == datetime.fromtimestamp(1, UTC)
    [listed] = await tokens.all()
    assert listed.used == datetime.fromtimestamp(1, UTC)


async def test_the_store_knows_hashes_alone(store: Store) -> None:
    made, text = await Tokens(store).create(ASKED)
    [kept] = await store.ask(("HGET", store.keys.tokens, made.id))
    assert text.encode() not in kept
    assert digest(text).encode() in kept

"""The users in the store."""

import asyncio

import pytest

from dyncontent.access.directory import Directory
from dyncontent.access.password import WeakPasswordError, matches
from dyncontent.access.user import Role, UserError
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio
GOOD, OTHER = "four words are enough", "another four words here"


async def test_users_are_kept(store: Store) -> None:
    directory = Directory(store)
    assert (await directory.all()).users == {}
    assert await directory.create("Aino@Example.com", Role.ADMIN, GOOD) == "aino@example.com"
    await directory.create("juhan", Role.VIEW, GOOD)
    await directory.set_role("JUHAN", Role.PUBLISH)
    await directory.set_password("juhan", OTHER)
    users = (await directory.all()).users
    assert {name: user.role for name, user in users.items()} == {
        "aino@example.com": Role.ADMIN,
        "juhan": Role.PUBLISH,
    }
    assert matches(users["juhan"].password, OTHER)
    await directory.delete("juhan")
    assert set((await directory.all()).users) == {"aino@example.com"}


async def test_what_is_refused_changes_nothing(store: Store) -> None:
    directory = Directory(store)
    await directory.create("aino", Role.ADMIN, GOOD)
    before = await directory.all()
    with pytest.raises(WeakPasswordError):
        await directory.set_password("aino", "short")
    with pytest.raises(WeakPasswordError):
        await directory.create("juhan", Role.VIEW, "short")
    with pytest.raises(UserError):
        await directory.create("aino", Role.VIEW, GOOD)
    with pytest.raises(UserError):
        await directory.delete("aino")
    assert await directory.all() == before


async def test_of_two_admins_that_go_at_once_one_stays(store: Store) -> None:
    directory = Directory(store)
    for name in ("aino", "juhan"):
        await directory.create(name, Role.ADMIN, GOOD)
    gone = await asyncio.gather(
        directory.delete("aino"), directory.set_role("juhan", Role.VIEW), return_exceptions=True
    )
    assert sum(isinstance(one, UserError) for one in gone) == 1
    assert (await directory.all()).admins == 1


async def test_the_store_knows_no_password(store: Store) -> None:
    await Directory(store).create("aino", Role.ADMIN, GOOD)
    [kept] = await store.ask(("GET", store.keys.users))
    assert GOOD.encode() not in kept

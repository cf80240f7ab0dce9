"""Tokens, users and hosts, as the doctor sees them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dyncontent.access.directory import Directory
from dyncontent.access.scope import Scope
from dyncontent.access.token import TokenAsked, make
from dyncontent.access.tokens import Listed, Tokens
from dyncontent.access.user import Role
from dyncontent.catalog.hosts import Hosts, StoredHosts
from dyncontent.doctor.access import examine_access, examine_tokens
from dyncontent.doctor.finding import Finding
from dyncontent.settings import Settings
from dyncontent.store.store import Store
from tests.samples import HOST

pytestmark = pytest.mark.anyio


async def _found(url: str, settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in await examine_access(url, settings)}


async def test_links_that_lead_nowhere_else_are_a_warning(
    store_url: str, settings: Settings
) -> None:
    alone = settings.model_copy(update={"allowed_hosts": ()})
    found = await _found(store_url, alone)
    assert found["allowed hosts"].severity == "warning"


async def test_stored_hosts_are_told_beside_those_of_the_settings(
    store: Store, store_url: str, settings: Settings
) -> None:
    await StoredHosts(store, settings.hosts).put(Hosts(hosts=("stored.example", HOST)))
    found = (await _found(store_url, settings))["allowed hosts"]
    assert (found.severity, found.found) == ("ok", f"{HOST}, stored.example")


async def test_tokens_and_users_are_counted(
    store: Store, store_url: str, settings: Settings
) -> None:
    for scope in (Scope.ADMIN, Scope.LINKS):
        await Tokens(store).create(TokenAsked(name="one", scopes=(scope,)))
    await Directory(store).create("aino", Role.ADMIN, "four words are enough")
    await Directory(store).create("juhan", Role.VIEW, "four words are enough")
    found = await _found(store_url, settings)
    assert found["stored tokens"].found == "2, 1 of them with the scope admin"
    assert found["users"].found == "2, 1 of them admins"
    assert {finding.severity for finding in found.values()} == {"ok"}


def test_tokens_that_are_over_are_a_warning() -> None:
    now = datetime.now(UTC)
    asked = TokenAsked(name="till", scopes=(Scope.LINKS,), expires=now + timedelta(days=1))
    token_id, _, token = make(asked, now)
    listed = [Listed(token_id, token, None)]
    assert [one.severity for one in examine_tokens(listed, now)] == ["ok"]
    _, over = examine_tokens(listed, now + timedelta(days=1))
    assert (over.severity, over.found) == ("warning", f"are over: till ({token_id})")


async def test_a_store_that_does_not_answer_is_said_elsewhere(
    tmp_path: Path, settings: Settings
) -> None:
    found = await _found(f"unix://{tmp_path}/none.sock", settings)
    assert list(found) == ["allowed hosts"]

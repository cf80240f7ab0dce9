"""Who may do what: the stored tokens and users, and where links may lead."""

from collections.abc import Iterator
from datetime import UTC, datetime

from dyncontent.access.directory import Directory
from dyncontent.access.scope import Scope
from dyncontent.access.tokens import Listed, Tokens
from dyncontent.access.user import Users
from dyncontent.catalog.hosts import StoredHosts
from dyncontent.doctor.finding import Finding, well
from dyncontent.settings import Settings
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store


async def examine_access(url: str, settings: Settings) -> list[Finding]:
    """Nothing if the store at `url` does not answer: that is said elsewhere."""
    store = Store(connect(url), Keys(settings.store_prefix))
    try:
        hosts = (await StoredHosts(store, settings.hosts).stored()).hosts
        tokens, users = await Tokens(store).all(), await Directory(store).all()
    except StoreError:
        return [examine_hosts(settings.allowed_hosts)]
    finally:
        await store.aclose()
    return [
        examine_hosts((*settings.allowed_hosts, *hosts)),
        *examine_tokens(tokens, datetime.now(UTC)),
        _users(users),
    ]


def examine_hosts(hosts: tuple[str, ...]) -> Finding:
    if not hosts:
        advice = "set DYNCONTENT_ALLOWED_HOSTS to your shop's hosts, or PUT /api/v1/hosts"
        return Finding("allowed hosts", "warning", "links may lead to this server alone", advice)
    return well("allowed hosts", ", ".join(dict.fromkeys(hosts)))


def examine_tokens(tokens: list[Listed], now: datetime) -> Iterator[Finding]:
    admins = sum(Scope.ADMIN in one.token.scopes for one in tokens)
    yield well("stored tokens", f"{len(tokens)}, {admins} of them with the scope admin")
    over = [one for one in tokens if one.token.expires and one.token.expires <= now]
    if over:
        found = f"are over: {', '.join(f'{one.token.name} ({one.id})' for one in over)}"
        yield Finding(
            "expired tokens", "warning", found, "remove each: `dyncontent token revoke ID`"
        )


def _users(users: Users) -> Finding:
    return well("users", f"{len(users.users)}, {users.admins} of them admins")

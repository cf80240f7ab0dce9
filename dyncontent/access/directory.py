"""The users, where they are stored."""

from collections.abc import Callable
from datetime import UTC, datetime

from dyncontent.access.password import hashed
from dyncontent.access.user import Role, User, Users, user_name
from dyncontent.store.store import Change, Store


class Directory:
    """What changes a user gives the name as it is stored: see `user_name`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> Users:
        [raw] = await self._store.ask(("GET", self._store.keys.users))
        return _read(raw)

    async def create(self, name: str, role: Role, password: str) -> str:
        """Raises UserError, or WeakPasswordError."""
        name = user_name(name)
        user = User(role=role, password=hashed(password, name), created=datetime.now(UTC))
        await self._change(lambda users: users.added(name, user))
        return name

    async def set_role(self, name: str, role: Role) -> str:
        """Raises UserError, also where no admin would be left."""
        name = user_name(name)
        await self._change(lambda users: users.changed(name, role=role))
        return name

    async def set_password(self, name: str, password: str) -> str:
        """Raises UserError, or WeakPasswordError."""
        name = user_name(name)
        kept = hashed(password, name)
        await self._change(lambda users: users.changed(name, password=kept))
        return name

    async def delete(self, name: str) -> str:
        """Raises UserError, also where no admin would be left."""
        name = user_name(name)
        await self._change(lambda users: users.removed(name))
        return name

    async def _change(self, change: Callable[[Users], Users]) -> None:
        key = self._store.keys.users

        def written(raw: bytes | None) -> Change:
            return Change((("SET", key, change(_read(raw)).encoded()),))

        await self._store.update(key, written)


def _read(raw: bytes | None) -> Users:
    return Users() if raw is None else Users.model_validate_json(raw)

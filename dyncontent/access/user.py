"""Users: people with a name, a role and a password."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from dyncontent.catalog.model import Definition, Instant

LONGEST_NAME = 254
MOST = 10_000


class Role(StrEnum):
    """What a user may do; each role may do what the ones before it may."""

    VIEW = "view"
    EDIT = "edit"
    PUBLISH = "publish"
    ADMIN = "admin"


class UserError(Exception):
    """What cannot be done about a user: why, in one line."""


class User(Definition):
    """`password` is its Argon2id hash, with salt and parameters."""

    role: Role
    password: str
    created: Instant


class Users(Definition):
    """All users by their names. There is an admin among them once there was one."""

    users: Annotated[dict[str, User], Field(max_length=MOST)] = Field(default_factory=dict)

    def added(self, name: str, user: User) -> "Users":
        """Raises UserError if there is one of that name."""
        if name in self.users:
            raise UserError(f"there is a user {name} already")
        return Users(users=self.users | {name: user})

    def changed(self, name: str, role: Role | None = None, password: str | None = None) -> "Users":
        """Raises UserError if there is no such user, or no admin would be left."""
        user = self._one(name)
        after = user.replace(role=role or user.role, password=password or user.password)
        return self._guarded(name, self.users | {name: after})

    def removed(self, name: str) -> "Users":
        """Raises UserError as `changed` does."""
        self._one(name)
        return self._guarded(
            name, {other: self.users[other] for other in self.users.keys() - {name}}
        )

    @property
    def admins(self) -> int:
        return sum(user.role == Role.ADMIN for user in self.users.values())

    def _one(self, name: str) -> User:
        if name not in self.users:
            raise UserError(f"there is no user {name}")
        return self.users[name]

    def _guarded(self, name: str, users: dict[str, User]) -> "Users":
        after = Users(users=users)
        if self.admins and not after.admins:
            raise UserError(f"{name} is the last admin: make another one first")
        return after


def user_name(text: str) -> str:
    """A login or an address of email, in small letters. Raises UserError."""
    name = text.strip().casefold()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or " " in name:
        raise UserError(
            f"a name is a login or an address of email without blanks, at most {LONGEST_NAME}"
            " characters"
        )
    return name

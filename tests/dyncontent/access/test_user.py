"""Users and their roles: there is always an admin, once there was one."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.access.user import Role, User, UserError, Users, user_name

names = st.sampled_from(["aino", "juhan", "olga"])
roles = st.sampled_from(Role)
steps = st.tuples(st.sampled_from(["add", "role", "remove"]), names, roles)


def _user(role: Role) -> User:
    return User(role=role, password="$argon2id$", created=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.lists(steps, max_size=30))
def test_the_last_admin_stays(taken: list[tuple[str, str, Role]]) -> None:
    users = Users()
    for step, name, role in taken:
        before = users
        with suppress(UserError):
            match step:
                case "add":
                    users = users.added(name, _user(role))
                case "role":
                    users = users.changed(name, role=role)
                case _:
                    users = users.removed(name)
        assert users.admins >= min(before.admins, 1)
        assert users.admins == sum(one.role is Role.ADMIN for one in users.users.values())


def test_what_is_not_named_stays() -> None:
    users = Users().added("aino", _user(Role.EDIT)).added("juhan", _user(Role.VIEW))
    assert users.changed("aino", password="other").users["aino"].role is Role.EDIT
    assert users.changed("aino", role=Role.ADMIN).users["aino"].password == "$argon2id$"
    assert users.changed("aino", role=Role.ADMIN).users["juhan"] == users.users["juhan"]
    assert set(users.removed("aino").users) == {"juhan"}


def test_what_cannot_be_is_said() -> None:
    users = Users().added("aino", _user(Role.ADMIN))
    with pytest.raises(UserError, match="aino already"):
        users.added("aino", _user(Role.VIEW))
    with pytest.raises(UserError, match="no user juhan"):
        users.changed("juhan")
    with pytest.raises(UserError, match="no user juhan"):
        users.removed("juhan")
    with pytest.raises(UserError, match="aino is the last admin"):
        users.changed("aino", role=Role.EDIT)
    with pytest.raises(UserError, match="aino is the last admin"):
        users.removed("aino")


@pytest.mark.parametrize("text", ["Aino", " aino@Example.com ", "äino"])
def test_names_are_in_small_letters(text: str) -> None:
    assert user_name(text) == text.strip().lower()


@pytest.mark.parametrize("text", ["", " ", "a b", "a\tb", "a\nb", "x" * 255])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="a login or an address"):
        user_name(text)

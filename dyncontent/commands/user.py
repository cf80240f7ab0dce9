"""`dyncontent user`: the people of the studio, in the store itself."""

import sys

import click

from dyncontent.access.directory import Directory
from dyncontent.access.user import Role
from dyncontent.commands.on_store import on_store
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say

ROLES = click.Choice([role.value for role in Role])
STDIN_OPTION = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, up to its end."
)


@click.group()
def user() -> None:
    """Make, list, change and delete users.

    A user has a name (a login or an address of email), a role (view, edit, publish or admin; each
    may do what the ones before it may) and a password. It is asked for twice and not shown, or read
    from standard input; it is never an argument.
    """


@user.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What the user may do.")
@STDIN_OPTION
@JSON_OPTION
def create(name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Make a user.

    Exit code: 0 made, 1 refused or failed, 2 for wrong usage.
    """
    password = _password(password_stdin)
    with plain_errors(as_json):
        stored = on_store(lambda store, _: Directory(store).create(name, Role(role), password))
        say(f"{stored} is made, with the role {role}", {"name": stored, "role": role}, as_json)


@user.command("list")
@JSON_OPTION
def list_(as_json: bool) -> None:
    """List the users with their roles.

    Exit code: 0 listed, 1 failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        users = on_store(lambda store, _: Directory(store).all()).users
        told = [
            {"name": name, "role": users[name].role, "created": users[name].created}
            for name in sorted(users)
        ]
        lines = [f"{name}  {users[name].role}" for name in sorted(users)] or ["There are no users."]
        say("\n".join(lines), {"users": told}, as_json)


@user.command()
@click.argument("name")
@click.argument("role", type=ROLES)
@JSON_OPTION
def role(name: str, role: str, as_json: bool) -> None:
    """Give the user NAME another ROLE. The last admin keeps it.

    Exit code: 0 changed, 1 refused or failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        stored = on_store(lambda store, _: Directory(store).set_role(name, Role(role)))
        say(f"{stored} has the role {role}", {"name": stored, "role": role}, as_json)


@user.command()
@click.argument("name")
@STDIN_OPTION
@JSON_OPTION
def password(name: str, password_stdin: bool, as_json: bool) -> None:
    """Give the user NAME another password.

    Exit code: 0 changed, 1 refused or failed, 2 for wrong usage.
    """
    wanted = _password(password_stdin)
    with plain_errors(as_json):
        stored = on_store(lambda store, _: Directory(store).set_password(name, wanted))
        say(f"{stored} has another password", {"name": stored}, as_json)


@user.command()
@click.argument("name")
@JSON_OPTION
def delete(name: str, as_json: bool) -> None:
    """Delete the user NAME. The last admin stays.

    Exit code: 0 deleted, 1 refused or failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        stored = on_store(lambda store, _: Directory(store).delete(name))
        say(f"{stored} is deleted", {"name": stored}, as_json)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.read().rstrip("\r\n")
    try:
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.UsageError(
            "there is no terminal to ask for the password: write it to the standard input, with"
            " --password-stdin"
        ) from None
    return asked

"""`dyncontent token`: the tokens of the control plane, in the store itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click
from pydantic import ValidationError

from dyncontent.access.scope import ALL, Scope
from dyncontent.access.token import TokenAsked
from dyncontent.access.tokens import Listed, Tokens
from dyncontent.commands.on_store import on_store
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say

EVERY = "all"


@click.group()
def token() -> None:
    """Make, list and revoke tokens of the control plane.

    They are in the store and work at once on every server that shares it. Those of
    DYNCONTENT_API_TOKENS, which may do everything, are not among them.
    """


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([*(scope.value for scope in Scope), EVERY]),
    help="What it may do; can be given several times.",
)
@click.option("--days", type=click.IntRange(1, 36500), help="How long it is good.  [default: ever]")
@JSON_OPTION
def create(name: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token for NAME, such as the program that uses it.

    It is printed this once: the store keeps its hash alone.

    Exit code: 0 made, 1 failed, 2 for wrong usage.
    """
    wanted = ALL if EVERY in scopes else tuple(map(Scope, scopes))
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    try:
        asked = TokenAsked(name=name, scopes=wanted, expires=expires)
    except ValidationError as error:
        raise click.BadParameter("a name has 1 to 100 visible characters") from error
    with plain_errors(as_json):
        made, text = on_store(lambda store, _: Tokens(store).create(asked))
        say(text, _told(made) | {"token": text}, as_json)
        if not as_json:
            click.echo(f"Its id is {made.id}. Keep it well: it is not shown again.", err=True)


@token.command("list")
@JSON_OPTION
def list_(as_json: bool) -> None:
    """List the stored tokens: id, name, scopes, and when each was made, is over, and was used.

    Exit code: 0 listed, 1 failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        found = on_store(lambda store, _: Tokens(store).all())
        lines = [_line(one) for one in found] or ["There are no stored tokens."]
        say("\n".join(lines), {"tokens": [_told(one) for one in found]}, as_json)


@token.command()
@click.argument("token_id", metavar="ID")
@JSON_OPTION
def revoke(token_id: str, as_json: bool) -> None:
    """Revoke the token with this ID: it opens nothing from now on, on no server.

    Exit code: 0 revoked, 1 there is none, or it failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        on_store(lambda store, _: Tokens(store).revoke(token_id))
        say(f"{token_id} is revoked", {"id": token_id}, as_json)


def _told(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.token.name,
        "scopes": one.token.scopes,
        "created": one.token.created,
        "expires": one.token.expires,
        "used": one.used,
    }


def _line(one: Listed) -> str:
    scopes = "all scopes" if one.token.scopes == ALL else ", ".join(one.token.scopes)
    used = f"used {one.used:%Y-%m-%d}" if one.used else "never used"
    over = f", until {one.token.expires:%Y-%m-%d}" if one.token.expires else ""
    return f"{one.id}  {one.token.name}: {scopes}; made {one.token.created:%Y-%m-%d}, {used}{over}"

"""`dyncontent preview`."""

import base64
from pathlib import Path
from typing import Any

import click
import orjson

from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.commands.server import server, server_options


def _facts(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    facts = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one} is not KEY=VALUE, such as order.status=shipped")
        facts[key] = _value(value)
    return facts


def _value(text: str) -> Any:
    """What is no JSON is a text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


@click.command()
@click.argument("block")
@click.option("--recipient", metavar="ID", help="To whom it is shown.  [default: nobody known]")
@click.option("--message", metavar="ID", help="In which.  [default: one of the block's class]")
@click.option("--at", metavar="INSTANT", help="When, such as 2026-12-24T18:00:00Z.  [default: now]")
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_facts,
    help="Take this for true. VALUE is JSON or a text, null what is absent. May be repeated.",
)
@click.option("--client", help="Who opens: human, proxy, prefetch or scanner.")
@click.option("--draft", is_flag=True, help="The block as it is edited.")
@click.option("--type", "type_", help="Of the picture: png, jpg or gif.  [default: the block's]")
@click.option("--language", help="Of the explanation: en, et, fi or ru.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the picture here.",
)
@server_options
@JSON_OPTION
def preview(
    block: str,
    recipient: str | None,
    message: str | None,
    at: str | None,
    facts: dict[str, Any],
    client: str | None,
    draft: bool,
    type_: str | None,
    language: str | None,
    output: Path | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Tell what BLOCK would show, why, and where the click would lead.

    Nothing is recorded. The server at --url (or DYNCONTENT_URL) is asked with --token (or
    DYNCONTENT_TOKEN).

    Exit code: 0 shown, 1 refused or failed, 2 for wrong usage.
    """
    given = {
        "recipient": recipient,
        "message": message,
        "at": at,
        "client": client,
        "type": type_,
        "language": language,
    }
    asked = {"block": block, "draft": draft, "facts": facts}
    asked |= {name: value for name, value in given.items() if value is not None}
    with plain_errors(as_json), server(url, token) as asking:
        told = orjson.loads(asking.ask("previews", orjson.dumps(asked)))
        if output is not None:
            output.write_bytes(base64.b64decode(told["picture"].partition(",")[2]))
    say(_written(told, output), told, as_json)


def _written(told: dict[str, Any], output: Path | None) -> str:
    decision = told["decision"]
    version = f"version {told['version']}" if told["version"] else "draft"
    why = f"{decision['reason']}, {decision['detail']}"
    lines = [
        f"{told['block']}, {version}: {decision['variant'] or 'fallback'} ({why})",
        told["why"],
        "",
        f"offer     {decision['offer'] or '-'}",
        f"click     {told['link']}",
        f"alt       {told['alt']}",
    ]
    if output is not None:
        lines.append(f"picture   {output}")
    return "\n".join(lines)

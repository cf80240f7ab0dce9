"""A template of an email, checked by a running server."""

import sys
from typing import BinaryIO

import click

from dyncontent import templates
from dyncontent.commands.plain import JSON_OPTION


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--class", "class_", help="Class of the message: transactional or marketing.")
@click.option("--sender", help="Who sends it, such as mailchimp.  [default: as its tags tell]")
@click.option("--url", envvar="DYNCONTENT_URL", help="A running server, such as https://...")
@click.option("--token", envvar="DYNCONTENT_TOKEN", help="A token of its control plane.")
@JSON_OPTION
def lint(
    file: BinaryIO,
    class_: str | None,
    sender: str | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Find what is wrong with the hosted blocks in FILE, an HTML template or a MIME message; - is
    the standard input.

    The server at --url (or DYNCONTENT_URL) is asked with --token (or DYNCONTENT_TOKEN).

    Exit codes: 0 nothing worse than warnings, 1 errors were found, 2 FILE could not be checked.
    """
    if not url or not token:
        raise click.UsageError(
            "name the server with --url and --token, or in DYNCONTENT_URL and DYNCONTENT_TOKEN"
        )
    try:
        report = templates.check(url, token, file.read(), class_, sender)
    except templates.CheckError as error:
        raise click.UsageError(str(error)) from error
    click.echo(report.json if as_json else report.lines(getattr(file, "name", "-")), nl=as_json)
    sys.exit(1 if report.failed else 0)

"""`dyncontent links`."""

import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import click
import orjson

from dyncontent.commands.people import Form, read_people, write_people
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.commands.progress import progress
from dyncontent.commands.server import problem_line, server, server_options
from dyncontent.counted import counted

BATCH = 1000
"""People in one call."""
MOST_SAID = 20
"""People who are refused, and named."""


@click.command()
@click.argument("block")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--message", metavar="ID", required=True, help="In which the block will stand.")
@click.option("--type", "type_", help="Of the picture: png, jpg or gif.  [default: the block's]")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.NDJSON.value,
    show_default=True,
    help="Of what is written.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here.  [default: the standard output]",
)
@server_options
@JSON_OPTION
def links(
    block: str,
    file: BinaryIO,
    message: str,
    type_: str | None,
    form: str,
    output: Path | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Make the URLs of BLOCK for each person in FILE.

    FILE holds recipients' ids, one a line; or NDJSON, or CSV with a first line of names, in which
    recipient (or id) is the id. Other fields are written out again beside image, click and html.
    - or nothing is the standard input.

    Exit code: 0 made, 1 somebody was refused, or it failed, 2 for wrong usage.
    """
    made = refused = 0
    size = _size(file)
    with plain_errors(as_json), server(url, token) as asking, ExitStack() as stack:
        moved = stack.enter_context(progress(f"links of {block}", quiet=as_json))
        to: TextIO = sys.stdout
        if output is not None:
            to = stack.enter_context(output.open("w", encoding="utf-8", newline=""))
        writer = write_people(to, Form(form))
        people_of = read_people(file)
        while people := list(islice(people_of, BATCH)):
            asked = [
                {"block": block, "recipient": one.id, "message": message}
                | ({"type": type_} if type_ else {})
                for one in people
            ]
            answer = asking.ask("links/bulk", b"\n".join(map(orjson.dumps, asked)))
            for one, line in zip(people, answer.splitlines(), strict=True):
                told = orjson.loads(line)
                if "error" in told:
                    refused += 1
                    if refused <= MOST_SAID:
                        said = problem_line(told["error"])
                        click.echo(f"line {one.line}: {said}", err=True)
                else:
                    made += 1
                    writer(one, told)
            moved(people[-1].end, size)
    if output is not None:
        text = f"links of {counted(made, 'person', 'people')} in {output}, {refused} refused"
        say(text, {"made": made, "refused": refused}, as_json)
    sys.exit(1 if refused else 0)


def _size(file: BinaryIO) -> int | None:
    """None of what is no file on a disk."""
    name = getattr(file, "name", None)
    return Path(name).stat().st_size if isinstance(name, str) and Path(name).is_file() else None

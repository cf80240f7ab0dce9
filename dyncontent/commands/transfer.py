"""`dyncontent export` and `dyncontent import`.

They work on the store itself, not through a running server: a new store is filled before its first
server starts, and no request limits how much there is. Servers that run see each change as one
of their own.
"""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from dyncontent.catalog.catalogue import Catalogue
from dyncontent.commands.on_store import on_store
from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.commands.progress import progress
from dyncontent.counted import counted
from dyncontent.store.store import Store
from dyncontent.transfer.exporting import Exported, export
from dyncontent.transfer.folder import Moved
from dyncontent.transfer.importing import Imported, ImportRefusedError, take_in


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@JSON_OPTION
def export_(folder: Path, as_json: bool) -> None:
    """Write all definitions as files for git.

    FOLDER is made if it is not there, or holds an earlier export.

    That is every block, its draft and what is published of it, the attribute types, the product
    feeds, the data sources without their secrets, the pictures that blocks use and all fonts. What
    the store has no more is removed from an earlier export. Facts (products, recipients, orders,
    messages) are not exported.

    Exit code: 0 written, 1 failed, 2 for wrong usage.
    """
    with plain_errors(as_json), progress("export", quiet=as_json) as moved:
        done = on_store(
            lambda store, settings: export(store, Catalogue(store, settings.hosts), folder, moved)
        )
    text = (
        f"{_held(done)} in {folder}: {counted(done.written, 'file')} written,"
        f" {done.removed} removed"
    )
    say(text, asdict(done), as_json)


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Publish what was published in the export.")
@JSON_OPTION
def import_(folder: Path, publish: bool, as_json: bool) -> None:
    """Save the definitions of an export in FOLDER.

    Everything is checked first; if anything is wrong, all of it is said and nothing is written.
    Without --publish only drafts are saved, and emails show what they did. What FOLDER does not
    hold stays as it is.

    Exit code: 0 saved, 1 refused or failed, 2 for wrong usage.
    """
    with plain_errors(as_json):
        try:
            with progress("import", quiet=as_json) as moved:
                done = on_store(
                    lambda store, settings: _take_in(
                        store,
                        Catalogue(store, settings.hosts),
                        folder,
                        publish=publish,
                        moved=moved,
                    )
                )
        except ImportRefusedError as error:
            count = len(error.problems)
            text = f"{error}\n\nNothing was written. Things that are wrong: {count}"
            say(text, {"problems": [asdict(problem) for problem in error.problems]}, as_json)
            sys.exit(1)
    text = (
        f"{_held(done)} in {folder}: {counted(len(done.drafted), 'draft')} saved,"
        f" {counted(len(done.published), 'version')} published,"
        f" {counted(len(done.saved_feeds), 'feed')} and"
        f" {counted(len(done.saved_sources), 'data source')} saved,"
        f" {_uploads(done.new_assets)} new"
    )
    say(text, asdict(done), as_json)


def _held(done: Exported | Imported) -> str:
    return (
        f"{counted(done.blocks, 'block')}, {counted(done.feeds, 'feed')},"
        f" {counted(done.sources, 'data source')} and {_uploads(done.assets)}"
    )


def _uploads(number: int) -> str:
    return counted(number, "picture or font", "pictures and fonts")


async def _take_in(
    store: Store, catalogue: Catalogue, folder: Path, *, publish: bool, moved: Moved
) -> Imported:
    hosts = await catalogue.hosts.now()
    return await take_in(store, catalogue, hosts, folder, publish=publish, moved=moved)

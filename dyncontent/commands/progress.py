"""How far something long has got: a bar for people at a terminal, nothing for anybody else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Moved = Callable[[int, int | None], None]
"""Gets how much is done, and of how much; None where that is not known."""


def unseen(_done: int, _total: int | None) -> None:
    """Nobody looks."""


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Moved]:
    """A bar on the standard error, which goes away at the end. None if `quiet`, or if that is no
    terminal."""
    if quiet or not sys.stderr.isatty():
        yield unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

"""What is said of a font that is not taken."""

from collections.abc import Iterator
from contextlib import contextmanager


class TypefaceError(ValueError):
    """Bytes that are not accepted as a font: what was found, and what would be right."""


@contextmanager
def reading(part: str) -> Iterator[None]:
    """Whatever goes wrong meanwhile is a TypefaceError that names the part of the font."""
    try:
        yield
    except TypefaceError as error:
        error.args = error.args[:1]  # fontTools adds where it was
        raise
    except MemoryError as error:
        raise TypefaceError(
            f"the font takes too much memory in {part}; leave out scripts that you do not write"
        ) from error
    except Exception as error:  # fontTools raises errors of every kind on damaged data
        raise TypefaceError(f"the font is broken in {part}; export it again") from error

"""What the server draws, whatever kind of picture it is."""

from collections.abc import Mapping
from typing import Protocol

from renderers.encode import ImageType


class Drawable(Protocol):
    """A picture with its values. `assets` are the ids of the uploaded pictures and fonts that it
    needs; `key` names the content: equal keys, equal pixels. `is_kept` tells whether its file is
    worth keeping."""

    @property
    def key(self) -> str: ...

    @property
    def assets(self) -> tuple[str, ...]: ...

    @property
    def is_kept(self) -> bool: ...

    def at_hand(self) -> bytes | None:
        """The file, if nothing of it is to be drawn."""
        ...

    def file(self, assets: Mapping[str, bytes], kind: ImageType) -> bytes:
        """The file, of a type. `assets` maps ids to stored files.

        Raises MissingAssetError if one is not among them.
        """

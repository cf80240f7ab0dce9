"""What the server draws, whatever kind of picture it is."""

from collections.abc import Mapping
from typing import Protocol

from renderers.encode import ImageType


class Drawable(Protocol):
    """A picture with its values. `pictures` are the ids of the uploaded pictures that it shows;
    `key` names the content: equal keys, equal pixels. `is_kept` tells whether its file is worth
    keeping."""

    @property
    def key(self) -> str: ...

    @property
    def pictures(self) -> tuple[str, ...]: ...

    @property
    def is_kept(self) -> bool: ...

    def file(self, pictures: Mapping[str, bytes], kind: ImageType) -> bytes:
        """The file, of a type. `pictures` maps ids to stored picture files.

        Raises MissingPictureError if one is not among them.
        """

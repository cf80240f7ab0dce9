"""What all layers have in common."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping

from pydantic import Field

from renderers.fields import Box
from renderers.pen import Pen
from renderers.reader import Content, Reader, When
from renderers.template import TemplatedNumber

MOST_CONDITIONS = 5


class Layer(Box):
    """Something on a canvas. With `when` it is shown only where all of that holds, and nothing that
    it shows is absent."""

    when: tuple[When, ...] = Field(default=(), max_length=MOST_CONDITIONS)

    @property
    def texts(self) -> Iterable[Mapping[str, str]]:
        """The texts that it shows, by language."""
        return ()

    @property
    def needed(self) -> Iterable[str | float]:
        """The values that it cannot do without, or what stands in their place."""
        return ()

    @property
    def optional(self) -> Iterable[str | float]:
        """Values that it can do without."""
        return ()

    @property
    def numbers(self) -> Iterable[str | float]:
        """Those of the values that are numbers."""
        return ()

    @property
    def pictures(self) -> Iterable[str]:
        """The pictures that it shows: ids, and values that are ids."""
        return ()

    @property
    def fonts(self) -> Iterable[str]:
        """The fonts of its texts."""
        return ()

    @abstractmethod
    def content(self, reader: Reader) -> Content:
        """What it shows. Raises MissingValueError if a value that is needed is absent."""

    @abstractmethod
    def paint(self, pen: Pen, content: Content) -> None:
        """Raises MissingAssetError if a picture or a font is not at hand."""


class NumberLayer(Layer):
    """A layer that shows one number."""

    value: TemplatedNumber

    @property
    def needed(self) -> Iterable[str | float]:
        return (self.value,)

    @property
    def numbers(self) -> Iterable[str | float]:
        return self.needed

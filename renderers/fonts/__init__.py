"""The fonts that are shipped: Latin, Cyrillic and Greek, under the SIL Open Font License."""

from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from PIL import ImageFont


class Font(StrEnum):
    REGULAR = "Inter-Regular.otf"
    SEMIBOLD = "Inter-SemiBold.otf"
    DISPLAY = "InterDisplay-Bold.otf"
    SERIF = "PlayfairDisplay-Bold.ttf"


@lru_cache(maxsize=256)
def load(font: Font, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels an em."""
    return ImageFont.truetype(str(files(__name__) / font), size)

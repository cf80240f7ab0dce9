"""Whether two pictures look the same: what another build of the font library changes at the edges
of letters is let pass; a letter that is missing, or a word that stands a pixel off, is not."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageStat

_BLUR = 1
"""In pixels: the eye sees not one pixel, but those around it too."""
LARGEST = 28
"""Of the differences of single places: edges that are smoothed otherwise reach 21, a word of small
grey letters that stands a pixel off reaches 36."""
MEAN = 1.5
"""Of the differences of all places: a palette comes to 1, another shade of a ground to 2."""
_SHOWN = 255 // LARGEST

_LAB = ImageCms.buildTransformFromOpenProfiles(
    ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
)
"""CIE L*a*b*, where equal distances look about equal: lightness in 255ths, colour in units."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two pictures are apart, place by place in `picture` (mode L)."""

    largest: float
    mean: float
    picture: Image.Image

    @property
    def is_seen(self) -> bool:
        return self.largest > LARGEST or self.mean > MEAN

    def __str__(self) -> str:
        return (
            f"largest {self.largest:.0f} (at most {LARGEST}), mean {self.mean:.2f} (at most {MEAN})"
        )

    @property
    def shown(self) -> Image.Image:
        """White where the difference is seen."""
        return self.picture.point(lambda value: min(255, value * _SHOWN))


def difference(one: Image.Image, other: Image.Image) -> Difference:
    """Of two pictures (mode RGB) of one size."""
    apart = ImageChops.difference(_seen(one), _seen(other))
    lightness, red_green, blue_yellow = apart.split()
    picture = ImageChops.lighter(lightness, ImageChops.lighter(red_green, blue_yellow))
    _, largest = picture.getextrema()
    assert isinstance(largest, int | float)
    return Difference(largest, ImageStat.Stat(picture).mean[0], picture)


def _seen(image: Image.Image) -> Image.Image:
    blurred = image.filter(ImageFilter.GaussianBlur(_BLUR))
    seen = ImageCms.applyTransform(blurred, _LAB)
    assert seen is not None
    return Image.merge("RGB", seen.split())

"""A canvas: layers drawn over each other, with a person's values in its texts.

Three steps, so that the dear one is taken only once for the same content: a spec is compiled
into a Drawing, a Drawing is filled with values, and a Filled is drawn.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from renderers.backdrop import BACKDROPS, Backdrop, is_worth_it
from renderers.encode import ImageType, encode
from renderers.layers import background, draw_layer
from renderers.localised import pick
from renderers.spec import OFFER_PICTURE, Canvas, PictureLayer, TextLayer
from renderers.template import Lookup, MissingValueError, parse

VERSION = 1
"""Part of every content key: raise it when the same spec and values come to look different."""

_OFFER_PICTURE_PATH = "offer.picture"


@dataclass(frozen=True, slots=True)
class Filled:
    """A canvas with its values. `contents` holds for each layer its text, or its picture's id.
    `key` names the content: equal keys, equal pixels. `personal` are the numbers of the layers that
    show a value, `fixed` names the content of all others."""

    canvas: Canvas
    contents: tuple[str, ...]
    key: str
    personal: tuple[int, ...]
    fixed: str
    is_kept: ClassVar[bool] = True

    def file(self, pictures: Mapping[str, bytes], kind: ImageType) -> bytes:
        """The picture's file, with as little as possible made anew; raises as `draw`."""
        if kind is not ImageType.GIF and is_worth_it(self.canvas, self.personal):
            backdrop = BACKDROPS.of(
                self.fixed,
                lambda: Backdrop(self.canvas, self.contents, self.personal, pictures),
            )
            return backdrop.file(self.contents, pictures, kind)
        return encode(draw(self, pictures), kind)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The ids of the pictures that it shows."""
        layers = zip(self.canvas.layers, self.contents, strict=True)
        return tuple(content for layer, content in layers if isinstance(layer, PictureLayer))


class Drawing:
    """A canvas that is ready to be filled. `paths` are the values that it reads and `required`
    those without which it cannot be drawn; `pictures` are the ids of its fixed pictures,
    `locales` the languages of its texts."""

    def __init__(self, canvas: Canvas, allowed: Callable[[str], bool]) -> None:
        """Raises TemplateError if a text does anything but show values that are `allowed`."""
        self.canvas = canvas
        self._texts = {
            number: {language: parse(source, allowed) for language, source in layer.text.items()}
            for number, layer in enumerate(canvas.layers)
            if isinstance(layer, TextLayer)
        }
        self._pictures = {
            number: layer.picture
            for number, layer in enumerate(canvas.layers)
            if isinstance(layer, PictureLayer)
        }
        spec = canvas.model_dump_json().encode()
        self._digest = hashlib.blake2b(spec, digest_size=16, salt=b"canvas%d" % VERSION).digest()
        templates = [template for texts in self._texts.values() for template in texts.values()]
        sources = set(self._pictures.values())
        shown = {_OFFER_PICTURE_PATH} if OFFER_PICTURE in sources else set()
        self.paths = shown.union(*(template.paths for template in templates))
        self.required = shown.union(*(template.required for template in templates))
        self.pictures = frozenset(sources) - {OFFER_PICTURE}
        self.locales = frozenset(locale for texts in self._texts.values() for locale in texts)

    def fill(self, lookup: Lookup, locale: str) -> Filled:
        """Raises MissingValueError if a required value is None."""
        contents: list[str] = []
        personal: list[int] = []
        for number in range(len(self.canvas.layers)):
            content, is_personal = self._content(number, lookup, locale)
            contents.append(content)
            if is_personal:
                personal.append(number)
        fixed = hashlib.blake2b(self._digest, digest_size=16)
        for number, content in enumerate(contents):
            _add(fixed, "" if number in personal else content)
        whole = fixed.copy()
        for number in personal:
            _add(whole, contents[number])
        return Filled(
            self.canvas, tuple(contents), whole.hexdigest(), tuple(personal), fixed.hexdigest()
        )

    def _content(self, number: int, lookup: Lookup, locale: str) -> tuple[str, bool]:
        """What a layer shows, and whether that depends on a value."""
        if number in self._texts:
            template = pick(self._texts[number], locale)
            return template.write(lookup, locale), bool(template.paths)
        source = self._pictures.get(number, "")
        if source == OFFER_PICTURE:
            return _offered(lookup), True
        return source, False


def _add(digest: "hashlib.blake2b", content: str) -> None:
    encoded = content.encode()
    digest.update(len(encoded).to_bytes(4, "big") + encoded)


def _offered(lookup: Lookup) -> str:
    picture_id = lookup(_OFFER_PICTURE_PATH)
    if picture_id is None:
        raise MissingValueError(_OFFER_PICTURE_PATH)
    return str(picture_id)


def draw(filled: Filled, pictures: Mapping[str, bytes]) -> Image.Image:
    """The pixels (mode RGB) of a filled canvas; `pictures` maps ids to stored picture files.

    Raises MissingPictureError if a layer's picture is not among them.
    """
    image = background(filled.canvas)
    for number, content in enumerate(filled.contents):
        draw_layer(image, filled.canvas, number, content, pictures)
    return image

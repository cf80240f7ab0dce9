"""A canvas: layers drawn over each other, with a person's values in them.

Three steps, so that the dear one is taken only once for the same content: a spec is compiled
into a Drawing, a Drawing is filled with values, and a Filled is drawn.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from PIL import Image

from renderers import fonts
from renderers.backdrop import BACKDROPS, Backdrop, is_worth_it
from renderers.encode import ImageType, encode
from renderers.fonts import can_draw
from renderers.layers.layer import Layer
from renderers.layers.picture import PictureLayer
from renderers.localised import language_of, pick
from renderers.paint import background, paint_layer
from renderers.reader import Content, Reader
from renderers.spec import Canvas
from renderers.template import (
    NOW,
    Lookup,
    MissingValueError,
    Template,
    Value,
    is_value,
    parse,
)

VERSION = 2
"""Part of every content key: raise it when the same spec and values come to look different."""
MOST_FILLED = 256
"""Of one drawing, how many are kept with their values: people are often shown the same."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A canvas with its values. `contents` holds what each layer shows, None for one that is not
    shown. `key` names the content: equal keys, equal pixels. `personal` are the numbers of the
    layers that show a value, `fixed` names the content of all others. `assets` are the ids of the
    pictures and fonts that it needs. A file that is made as a whole, not a band of it for one
    person, has at most `budget` bytes, if it can."""

    canvas: Canvas
    contents: tuple[Content | None, ...]
    language: str
    key: str
    personal: tuple[int, ...]
    fixed: str
    assets: tuple[str, ...]
    budget: int | None = None
    is_kept: ClassVar[bool] = True

    def at_hand(self) -> None:
        """A picture is always drawn; whoever keeps files may have it."""

    def file(self, assets: Mapping[str, bytes], kind: ImageType) -> bytes:
        """The picture's file, with as little as possible made anew; raises as `draw`."""
        if kind is not ImageType.GIF and is_worth_it(self.canvas, self.personal):
            backdrop = BACKDROPS.of(
                self.fixed,
                lambda: Backdrop(self.canvas, self.contents, self.language, self.personal, assets),
            )
            return backdrop.file(self.contents, assets, kind)
        is_sharp = any(not isinstance(layer, PictureLayer) for layer in self.canvas.layers)
        return encode(draw(self, assets), kind, self.budget, sharp=is_sharp)


class Drawing:
    """A canvas that is ready to be filled. `paths` are the values that it reads and `required`
    those without which it cannot be drawn; `assets` are the ids of its fixed pictures and its
    fonts, `locales` the languages of its texts."""

    def __init__(
        self, canvas: Canvas, allowed: Callable[[str], bool], budget: int | None = None
    ) -> None:
        """`budget`: bytes that its files should not have more than.

        Raises TemplateError if a text does anything but show values that are `allowed`."""
        self.canvas = canvas
        self._budget = budget
        self._templates: dict[str, Template] = {}
        paths: set[str] = set()
        required: set[str] = set()
        for layer in canvas.layers:
            needed = self._parsed(_sources(layer), allowed)
            pictures = self._parsed(_values(layer.pictures), _is_any)
            spare = self._parsed(_values(layer.optional), allowed)
            asked = {when.value for when in layer.when}
            paths |= asked.union(*(one.paths for one in (*needed, *pictures, *spare)))
            if not layer.when:
                required |= set().union(*(one.required for one in (*needed, *pictures)))
        self.paths = frozenset(paths)
        self.required = frozenset(required)
        self._fonts = tuple(sorted(fonts.uploads(canvas.fonts)))
        self._draws = [_asked_of(layer.fonts, canvas.fallback_fonts) for layer in canvas.layers]
        fixed = {name for layer in canvas.layers for name in layer.pictures if not is_value(name)}
        self.assets = frozenset(fixed.union(self._fonts))
        texts = [text for layer in canvas.layers for text in layer.texts]
        self.locales = frozenset(locale for text in texts for locale in text)
        self._speaks = any(layer.fonts for layer in canvas.layers)
        spec = canvas.model_dump_json().encode()
        digest = hashlib.blake2b(spec, digest_size=16, salt=b"canvas%d" % VERSION)
        if budget is not None:  # other bytes may come out
            digest.update(b"%d" % budget)
        self._digest = digest.digest()
        self._asked = tuple(sorted(self.paths))
        self._recent = lru_cache(MOST_FILLED)(self._fill_with)

    def _parsed(self, sources: Iterable[str], allowed: Callable[[str], bool]) -> list[Template]:
        found = {source: parse(source, allowed) for source in sources}
        self._templates |= found
        return list(found.values())

    def fill(self, lookup: Lookup, locale: str) -> Filled:
        """Raises MissingValueError if a required value is None."""
        if NOW in self.paths:  # never the same twice
            return self._fill(lookup, locale)
        values = [lookup(path) for path in self._asked]
        chosen = [pick(one, locale) if isinstance(one, dict) else one for one in values]
        asked = (locale, *[(one, _written(one)) for one in chosen])
        try:
            hash(asked)
        except TypeError:  # a signalling NaN
            return self._fill(lookup, locale)
        return self._recent(*asked)

    def _fill_with(self, locale: str, *values: tuple[Value, str]) -> Filled:
        known = {path: value for path, (value, _) in zip(self._asked, values, strict=True)}
        return self._fill(known.get, locale)

    def _fill(self, lookup: Lookup, locale: str) -> Filled:
        contents: list[Content | None] = []
        personal: list[int] = []
        pictures: list[str] = []
        for number, layer in enumerate(self.canvas.layers):
            reader = Reader(lookup, locale, self._templates, self._draws[number])
            content = _content(layer, reader)
            contents.append(content)
            if reader.asked:
                personal.append(number)
            if content and layer.pictures:
                pictures += content
        language = language_of(locale) if self._speaks else ""
        fixed = hashlib.blake2b(self._digest + language.encode(), digest_size=16)
        for number, content in enumerate(contents):
            _add(fixed, None if number in personal else content)
        whole = fixed.copy()
        for number in personal:
            _add(whole, contents[number])
        return Filled(
            canvas=self.canvas,
            contents=tuple(contents),
            language=language,
            key=whole.hexdigest(),
            personal=tuple(personal),
            fixed=fixed.hexdigest(),
            assets=(*pictures, *self._fonts),
            budget=self._budget,
        )


def _sources(layer: Layer) -> Iterable[str]:
    """What its texts and the values that it needs are made of."""
    for texts in layer.texts:
        yield from texts.values()
    yield from _values(layer.needed)


def _values(sources: Iterable[str | float]) -> Iterable[str]:
    return (source for source in sources if isinstance(source, str) and is_value(source))


def _asked_of(names: Iterable[str], fallback: Iterable[str]) -> Callable[[str], bool]:
    """What tells whether a layer's fonts can draw a text. Of uploaded ones that is not known before
    their files are read, and what draws no text can do without."""
    own = tuple(names)
    return can_draw if own and not fonts.uploads((*own, *fallback)) else _is_any


def _is_any(_: str) -> bool:
    return True


def _written(value: Value) -> str:
    """What tells values apart that are equal and not written alike: 1 and true, an instant in two
    time zones."""
    return "" if isinstance(value, str) else repr(value)


def _content(layer: Layer, reader: Reader) -> Content | None:
    """What a layer shows; None where its conditions do not hold."""
    if not layer.when:
        return layer.content(reader)
    try:
        return layer.content(reader) if all(map(reader.holds, layer.when)) else None
    except MissingValueError:
        return None


def _add(digest: "hashlib.blake2b", content: Content | None) -> None:
    """So that no two contents are told in the same bytes."""
    if content is None:
        digest.update(b"-")
        return
    digest.update(b"%d:" % len(content))
    for text in content:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)


def draw(filled: Filled, assets: Mapping[str, bytes]) -> Image.Image:
    """The pixels (mode RGB) of a filled canvas; `assets` maps ids to stored files of pictures and
    fonts.

    Raises MissingAssetError if one that a layer needs is not among them.
    """
    image = background(filled.canvas)
    for number, content in enumerate(filled.contents):
        paint_layer(image, filled.canvas, number, content, filled.language, assets)
    return image

"""Letters that no font can draw: an empty box in a picture, if nobody hears of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from renderers.fonts import BY_NAME
from renderers.pen import faces
from renderers.spec import Canvas, Countdown, is_label_value
from renderers.template import parse
from renderers.text.look import missing


class Missing(NamedTuple):
    """Letters of a text in a language; `part` is the number of the layer, or of the unit."""

    part: int
    locale: str
    letters: str


def missing_in_canvas(
    canvas: Canvas, assets: Mapping[str, bytes], allowed: Callable[[str], bool]
) -> Iterator[Missing]:
    """Of all that a canvas writes besides values. `assets` maps ids to the files of its fonts; what
    is in a font that is not among them is not asked for."""
    for number, layer in enumerate(canvas.layers):
        names = [*layer.fonts]
        for texts in layer.texts if names else ():
            yield from _missing(number, texts, names, canvas, assets, allowed)


def missing_in_labels(clock: Countdown, assets: Mapping[str, bytes]) -> Iterator[Missing]:
    """Of what stands beside a clock's numbers."""
    for number, unit in enumerate(clock.units):
        if unit.label is not None and unit.label.text is not None:
            names, texts = [unit.label.font], unit.label.text
            yield from _missing(number, texts, names, clock.face, assets, is_label_value)


def _missing(
    part: int,
    texts: Mapping[str, str],
    names: Iterable[str],
    canvas: Canvas,
    assets: Mapping[str, bytes],
    allowed: Callable[[str], bool],
) -> Iterator[Missing]:
    known = [name for name in (*names, *canvas.fallback_fonts) if name in BY_NAME or name in assets]
    for locale, source in texts.items() if known else ():
        letters = missing(parse(source, allowed).words, faces(known, assets))
        if letters:
            yield Missing(part, locale, letters)

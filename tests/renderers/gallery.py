"""Samples of every kind of picture, as they are sent, in four languages: golden tests hold them,
and `make gallery` shows them.

`golden/specs/NAME.json` has a `title`, a `canvas` or a `countdown` (which is shown `seconds` before
its end) and `values`. A value may be one for each language; an amount of money has a currency, a
time is an `instant` or a `date`, and `picture:NAME` is one of the demo's pictures.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import orjson
from PIL import Image

from renderers.canvas import Drawing
from renderers.countdown import Clocks
from renderers.drawable import Drawable
from renderers.encode import ImageType
from renderers.spec import Canvas, Countdown
from renderers.template import ALLOWED_VALUES, NOW

GOLDEN = Path(__file__).parent / "golden"
FOUND = GOLDEN / "found"
"""Where a test leaves pictures that differ."""
LANGUAGES = ("fi", "et", "ru", "en")
SCALES = (1, 2, 3)
WRITTEN_AT = datetime.datetime(2026, 11, 25, 7, 30, tzinfo=datetime.UTC)
_PICTURE = "picture:"
Spec = TypeVar("Spec", Canvas, Countdown)


@dataclass(frozen=True)
class Sample:
    """A picture of a kind. `spec` is its canvas, or its countdown, at scale 1."""

    name: str
    title: str
    spec: Mapping[str, Any]
    values: Mapping[str, Any]
    seconds: int | None

    def drawable(self, language: str, scale: int) -> Drawable:
        """The picture with its values, as the server makes it."""
        if self.seconds is not None:
            return Clocks(self.countdown(scale)).at(self.seconds, language)
        values = {name: _value(value, language) for name, value in self.values.items()}
        values[NOW] = WRITTEN_AT
        context = {ALLOWED_VALUES: values.__contains__}
        canvas = _valid(Canvas, {**self.spec, "scale": scale}, context)
        return Drawing(canvas, values.__contains__).fill(values.get, language)

    def countdown(self, scale: int) -> Countdown:
        faces = {face: {**self.spec[face], "scale": scale} for face in ("face", "expired")}
        return _valid(Countdown, {**self.spec, **faces})

    @property
    def types(self) -> tuple[ImageType, ...]:
        """A countdown moves, and so is a GIF."""
        return tuple(ImageType) if self.seconds is None else (ImageType.GIF,)

    def maker(self, language: str, scale: int, kind: ImageType) -> Callable[[], bytes]:
        """What makes its file, as often as it is called."""
        drawable = self.drawable(language, scale)
        return partial(drawable.file, {name: _pictures()[name] for name in drawable.assets}, kind)

    def file(self, language: str, scale: int, kind: ImageType) -> bytes:
        return self.maker(language, scale, kind)()

    def image(self, language: str, scale: int) -> Image.Image:
        """The pixels (mode RGB) of the picture, or of a countdown's first frame."""
        kind = ImageType.PNG if ImageType.PNG in self.types else ImageType.GIF
        with Image.open(BytesIO(self.file(language, scale, kind))) as image:
            return image.convert("RGB")

    @property
    def size(self) -> tuple[int, int]:
        """In CSS pixels."""
        face = self.spec if self.seconds is None else self.spec["face"]
        return face["width"], face["height"]

    def codes(self, language: str) -> Iterator[str]:
        """What its codes hold."""
        for layer in self.spec.get("layers", ()):
            if layer["kind"] == "code":
                text = str(layer["text"])
                for name, value in self.values.items():
                    text = text.replace(f"{{{{ {name} }}}}", str(_value(value, language)))
                yield text


def _valid(kind: type[Spec], spec: Mapping[str, Any], context: Any = None) -> Spec:
    return kind.model_validate_json(orjson.dumps(spec), context=context)


def _value(value: Any, language: str) -> Any:
    match value:
        case {"amount": amount, "currency": currency}:
            return Decimal(amount), currency
        case {"instant": instant}:
            return datetime.datetime.fromisoformat(instant)
        case {"date": date}:
            return datetime.date.fromisoformat(date)
        case dict():
            return value[language]
        case _:
            return value


def _picture_id(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


@cache
def _pictures() -> Mapping[str, bytes]:
    """The demo's pictures, by their ids."""
    folder = Path(str(files("dyncontent.demo"))) / "pictures"
    return {_picture_id(path.stem): path.read_bytes() for path in folder.glob("*.png")}


def _with_ids(spec: Any) -> Any:
    match spec:
        case str() if spec.startswith(_PICTURE):
            return _picture_id(spec.removeprefix(_PICTURE))
        case dict():
            return {name: _with_ids(value) for name, value in spec.items()}
        case list():
            return [_with_ids(value) for value in spec]
        case _:
            return spec


def _read(path: Path) -> Sample:
    read = _with_ids(orjson.loads(path.read_bytes()))
    spec = read.get("canvas") or read["countdown"]
    return Sample(path.stem, read["title"], spec, read.get("values", {}), read.get("seconds"))


ORDER = (
    *("colour", "shape", "picture", "text", "fit", "scripts", "product", "rating", "progress"),
    *("steps", "price", "badge", "qr", "ean", "code128", "chart", "avatar", "when", "countdown"),
    "still",
)
"""A gallery is read from what is simple to what is made of it."""

SAMPLES = tuple(_read(GOLDEN / "specs" / f"{name}.json") for name in ORDER)
BY_NAME: Mapping[str, Sample] = {sample.name: sample for sample in SAMPLES}


@dataclass(frozen=True, slots=True)
class Golden:
    """A committed picture of a sample."""

    sample: Sample
    language: str
    scale: int

    @property
    def name(self) -> str:
        return f"{self.sample.name}-{self.language}-{self.scale}x"

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}.png"

    def image(self) -> Image.Image:
        """As it is drawn now."""
        return self.sample.image(self.language, self.scale)


GOLDENS = tuple(
    Golden(sample, language, scale)
    for number, sample in enumerate(SAMPLES)
    for scale, languages in ((1, LANGUAGES), (2, (LANGUAGES[number % len(LANGUAGES)],)))
    for language in languages
)
"""Every sample in all languages, and in one of them at scale 2."""


def packed(image: Image.Image) -> bytes:
    """A small PNG that looks the same: in 256 colours."""
    output = BytesIO()
    few = image.quantize(256, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    few.save(output, "PNG", optimize=True)
    return output.getvalue()

"""All kinds of pictures, in four languages and three scales, to look at.

    python -m scripts.gallery           the page and the contact sheet in var/gallery/
    python -m scripts.gallery golden    the committed pictures: those that tests compare with, and
                                        the sheet of the docs

Samples are in tests/renderers/golden/specs/, and sheets are drawn by the renderers themselves.
"""

import base64
import hashlib
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import click
import orjson
from PIL import Image

from renderers.canvas import Drawing, draw
from renderers.encode import MEDIA_TYPES, ImageType
from renderers.spec import Canvas
from tests.renderers.gallery import GOLDENS, LANGUAGES, SAMPLES, SCALES, Sample, packed

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "gallery"
DOCS = ROOT / "docs" / "images" / "gallery.jpg"
ROUNDS = 5
NAMES = {"fi": "Suomi", "et": "Eesti", "ru": "Русский", "en": "English"}
GROUND, INK, FAINT = "#F4F5F8", "#1B2A49", "#5B6472"
CELL, GAP, EDGE = 420, 16, 40
"""How wide a picture is on the sheet, what is between two, and what is around all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of a sample, and the CPU time (milliseconds) in which it is made once more."""

    language: str
    scale: int
    kind: ImageType
    data: bytes
    milliseconds: float

    @property
    def told(self) -> str:
        return f"{len(self.data) / 1000:.1f} kB · {self.milliseconds:.2f} ms"


def shown(sample: Sample, language: str, scale: int) -> Shown:
    kind = sample.types[0]
    make = sample.maker(language, scale, kind)
    data = make()
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        make()
        times.append(1000 * (time.process_time() - started))
    return Shown(language, scale, kind, data, median(times))


# The page

_STYLE = """
:root { color-scheme: light; color: #1B2A49;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
body { margin: 0; background: #F4F5F8 }
header, main { max-width: 1560px; margin: 0 auto; padding: 0 32px }
header { padding-top: 48px }
h1 { font-size: 40px; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 8px }
header p { max-width: 60em; margin: 0 0 20px; color: #44546A }
nav { display: flex; flex-wrap: wrap; gap: 8px }
nav a { color: #1B2A49; background: #FFF; border: 1px solid #DFE3EA; border-radius: 99px;
  padding: 4px 14px; font-size: 14px; text-decoration: none }
nav a:hover, nav a:focus-visible { border-color: #1F5FA8; color: #1F5FA8 }
section { margin: 32px 0; padding: 24px 28px 28px; background: #FFF; border-radius: 16px;
  box-shadow: 0 1px 2px #1B2A4914, 0 6px 24px #1B2A490A }
h2 { margin: 0 0 12px; font-size: 22px; letter-spacing: -.01em }
.grid { display: grid; grid-template-columns: 2.5em repeat(4, 1fr); gap: 14px 16px;
  align-items: start }
.grid b { font-size: 14px; font-weight: 600; color: #5B6472 }
figure { margin: 0 }
img { display: block; width: 100%; height: auto; border-radius: 6px; cursor: zoom-in;
  box-shadow: 0 0 0 1px #1B2A4914 }
figcaption { margin-top: 4px; font-size: 12.5px; color: #5B6472;
  font-variant-numeric: tabular-nums }
dialog { border: 0; border-radius: 16px; padding: 20px; max-width: 96vw; background: #FFF }
dialog::backdrop { background: #1B2A49B0 }
dialog img { width: auto; max-width: 100%; cursor: zoom-out }
@media (max-width: 900px) {
  header, main { padding-left: 16px; padding-right: 16px }
  section { padding: 16px }
  .grid { grid-template-columns: 2em repeat(2, 1fr) }
  .grid b.language { display: none }
  .grid b.scale { grid-row: span 2 }
}
"""
_SCRIPT = """
const dialog = document.querySelector("dialog"), large = dialog.querySelector("img")
document.querySelector("main").addEventListener("click", ({ target }) => {
  if (target.tagName !== "IMG") return
  large.src = target.src
  large.alt = target.alt
  large.width = target.dataset.width
  dialog.showModal()
})
dialog.addEventListener("click", () => dialog.close())
"""


def page(pictures: Iterable[tuple[Sample, Sequence[Shown]]]) -> str:
    """One page that needs nothing but itself; pictures in the order of scales, then languages."""
    pictures = list(pictures)
    links = "".join(
        f'<a href="#{sample.name}">{escape(sample.title)}</a>' for sample, _ in pictures
    )
    sections = "".join(_section(sample, of_sample) for sample, of_sample in pictures)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery of dyncontent</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style><header><h1>What it draws</h1>"
        "<p>Every kind of picture, as it is sent: in four languages, with one, two and three real"
        " pixels for each of CSS. Below each are its bytes and the CPU time in which it is made for"
        " one more person. Click a picture to see it at its size.</p>"
        f"<nav>{links}</nav></header><main>{sections}</main>"
        f'<dialog><img alt=""></dialog><script>{_SCRIPT}</script></html>\n'
    )


def _section(sample: Sample, pictures: Sequence[Shown]) -> str:
    cells = ["<b></b>", *(f'<b class="language">{NAMES[name]}</b>' for name in LANGUAGES)]
    for number, picture in enumerate(pictures):
        if number % len(LANGUAGES) == 0:
            cells.append(f'<b class="scale">{picture.scale}×</b>')
        encoded = base64.b64encode(picture.data).decode()
        alt = f"{sample.title}, {NAMES[picture.language]}, {picture.scale}×"
        cells.append(
            f'<figure><img src="data:{MEDIA_TYPES[picture.kind]};base64,{encoded}"'
            f' alt="{escape(alt)}" data-width="{sample.size[0]}">'
            f"<figcaption>{picture.told}</figcaption></figure>"
        )
    title, grid = escape(sample.title), "".join(cells)
    return f'<section id="{sample.name}"><h2>{title}</h2><div class="grid">{grid}</div></section>'


# The sheets


def sheet(pictures: Iterable[tuple[Sample, Sequence[Shown]]]) -> Image.Image:
    """A band for each sample: languages beside each other, scales below each other."""
    return _stacked([_band(sample, of_sample) for sample, of_sample in pictures])


def _band(sample: Sample, pictures: Sequence[Shown]) -> Image.Image:
    high = round(CELL * sample.size[1] / sample.size[0])
    layers = [_text(sample.title, EDGE, 24, 1000, 32, size=24, font="display")]
    left = EDGE + 40
    for column, language in enumerate(LANGUAGES):
        layers.append(
            _text(
                NAMES[language], left + column * (CELL + GAP), 64, CELL, 20, size=15, colour=FAINT
            )
        )
    files = {}
    for number, picture in enumerate(pictures):
        row, column = divmod(number, len(LANGUAGES))
        top = 92 + row * (high + GAP)
        if column == 0:
            layers.append(_text(f"{picture.scale}×", EDGE, top, 40, 24, size=17, colour=FAINT))
        still = _still(picture.data)
        id = hashlib.blake2b(still, digest_size=16).hexdigest()
        files[id] = still
        box = {"x": left + column * (CELL + GAP), "y": top, "width": CELL, "height": high}
        layers.append({"kind": "picture", "picture": id, "radius": 6, **box})
    width = left + len(LANGUAGES) * (CELL + GAP) - GAP + EDGE
    height = 92 + len(pictures) // len(LANGUAGES) * (high + GAP)
    spec = {"width": width, "height": height, "background": GROUND, "layers": layers}
    canvas = Canvas.model_validate_json(orjson.dumps(spec))
    return draw(Drawing(canvas, lambda _: False).fill(lambda _: None, "en"), files)


def _text(text: str, x: int, y: int, width: int, height: int, **more: Any) -> dict[str, Any]:
    box = {"x": x, "y": y, "width": width, "height": height}
    return {"kind": "text", "text": text, "colour": INK, **box, **more}


def _still(data: bytes) -> bytes:
    """The first frame, as a PNG."""
    output = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.convert("RGB").save(output, "PNG", compress_level=1)
    return output.getvalue()


def _stacked(bands: Sequence[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (bands[0].width, sum(band.height for band in bands) + EDGE), GROUND)
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def small_sheet(samples: Sequence[Sample] = SAMPLES) -> Image.Image:
    """Each sample once, in one language after another, in two columns of about equal height."""
    images = [
        sample.image(LANGUAGES[number % len(LANGUAGES)], 1) for number, sample in enumerate(samples)
    ]
    columns: tuple[list[Image.Image], list[Image.Image]] = ([], [])
    for image in images:
        min(columns, key=_height).append(image)
    width = images[0].width
    size = (2 * width + 3 * GAP, max(map(_height, columns)) + GAP)
    whole = Image.new("RGB", size, "#C9D0DB")
    for number, column in enumerate(columns):
        top = GAP
        for image in column:
            whole.paste(image, (GAP + number * (width + GAP), top))
            top += image.height + GAP
    return whole


def _height(column: Sequence[Image.Image]) -> int:
    return sum(image.height + GAP for image in column)


# What is written


def write(folder: Path = FOLDER, samples: Sequence[Sample] = SAMPLES) -> Sequence[Path]:
    """The page and the sheet."""
    pictures = [
        (sample, [shown(sample, name, scale) for scale in SCALES for name in LANGUAGES])
        for sample in samples
    ]
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "index.html", folder / "gallery.png"
    files[0].write_text(page(pictures), encoding="utf-8")
    sheet(pictures).save(files[1])
    return files


def write_committed() -> Sequence[Path]:
    for golden in GOLDENS:
        golden.path.write_bytes(packed(golden.image()))
    small_sheet().save(DOCS, quality=74, subsampling=0, optimize=True, progressive=True)
    return *(golden.path for golden in GOLDENS), DOCS


def main() -> None:
    files = write_committed() if sys.argv[1:] == ["golden"] else write()
    for file in files:
        click.echo(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

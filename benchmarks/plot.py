"""A drawing of bars, as SVG: what a picture costs, on one logarithmic scale for all panels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, NAMES, SCALE = 860, 290, 380
"""Pixels: of all, of the names on the left, and of the longest bar."""
LINE, BAR, HEAD, AXIS = 26, 16, 54, 52
INK, FAINT, LINES, OURS, OTHERS = "#1B2A49", "#5B6780", "#DCE1EA", "#D9480F", "#8FA3C4"


@dataclass(frozen=True, slots=True)
class Panel:
    """`figures` has by name the `ms` and the `bytes` of a picture; `ours` is the name that stands
    out."""

    title: str
    ours: str
    figures: Mapping[str, Mapping[str, float]]


def svg(panels: Sequence[Panel]) -> str:
    """Raises ValueError if there is nothing to draw."""
    times = [figure["ms"] for panel in panels for figure in panel.figures.values()]
    decades = range(floor(log10(min(times))), ceil(log10(max(times))) + 1)
    parts: list[str] = []
    top = 12
    for panel in panels:
        parts += _panel(panel, decades, top)
        top += HEAD + LINE * len(panel.figures)
    bottom = top + 6
    grid = [*_grid(decades, 12 + HEAD - 8, bottom)]
    height = bottom + AXIS
    size = f'width="{WIDTH}" height="{height}"'
    fonts = 'font-family="Inter, Helvetica, Arial, sans-serif"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts}>'
    return "\n".join((head, f'<rect {size} fill="#FFFFFF"/>', *grid, *parts, "</svg>\n"))


def _along(value: float, decades: range) -> float:
    return NAMES + SCALE * (log10(value) - decades[0]) / (len(decades) - 1)


def _grid(decades: range, top: int, bottom: int) -> Iterator[str]:
    for decade in decades:
        x = _along(10**decade, decades)
        yield f'<path d="M{x:.1f} {top}V{bottom}" stroke="{LINES}"/>'
        yield text(x, bottom + 18, f"{10**decade:g}", FAINT, 'text-anchor="middle" font-size="12"')
    label = "CPU milliseconds for a picture, each line ten times the one before"
    yield text(NAMES, bottom + 38, label, FAINT, 'font-size="12"')


def _panel(panel: Panel, decades: range, top: int) -> Iterator[str]:
    yield f'<rect y="{top + 8}" width="{WIDTH}" height="{HEAD - 16}" fill="#FFFFFF"/>'
    yield text(16, top + 34, panel.title, INK, 'font-size="15" font-weight="600"')
    top += HEAD
    for name, figure in sorted(panel.figures.items(), key=lambda pair: pair[1]["ms"]):
        is_ours = name == panel.ours
        middle, end = top + BAR / 2 + 4.5, _along(figure["ms"], decades)
        weight = 'font-size="13" font-weight="600"' if is_ours else 'font-size="13"'
        yield text(NAMES - 10, middle, name, INK, f'text-anchor="end" {weight}')
        yield (
            f'<rect x="{NAMES}" y="{top}" width="{end - NAMES:.1f}" height="{BAR}" '
            f'fill="{OURS if is_ours else OTHERS}"/>'
        )
        said = f"{_brief(figure['ms'])} ms, {figure['bytes']:,.0f} bytes"
        over = 'stroke="#FFFFFF" stroke-width="4" paint-order="stroke"'
        yield text(end + 8, middle, said, INK, f"{weight} {over}")
        top += LINE


def _brief(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def text(x: float, y: float, text: str, colour: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {style}>{escape(text)}</text>'

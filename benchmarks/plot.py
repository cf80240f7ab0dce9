"""A drawing of bars, as SVG, on one scale for all panels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.axes import Axis, Logarithmic

WIDTH, NAMES, SCALE = 860, 290, 380
"""Pixels: of all, of the names on the left, and of the scale."""
LINE, BAR, HEAD, AXIS = 26, 16, 54, 52
INK, FAINT, LINES, OURS, OTHERS = "#1B2A49", "#5B6780", "#DCE1EA", "#D9480F", "#8FA3C4"


@dataclass(frozen=True, slots=True)
class Bar:
    """`told` stands beside it."""

    value: float
    told: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars by name; `ours` are the names that stand out."""

    title: str
    bars: Mapping[str, Bar]
    ours: Sequence[str]


def svg(panels: Sequence[Panel], label: str, axis: type[Axis] = Logarithmic) -> str:
    """`label` says what the scale is. Raises ValueError if there is nothing to draw."""
    values = [bar.value for panel in panels for bar in panel.bars.values()]
    across = axis(values, NAMES, NAMES + SCALE)
    parts: list[str] = []
    top = 12
    for panel in panels:
        parts += _panel(panel, across, top)
        top += HEAD + LINE * len(panel.bars)
    bottom = top + 6
    grid = [*_grid(across, 12 + HEAD - 8, bottom)]
    grid.append(text(NAMES, bottom + 38, label, FAINT, 'font-size="12"'))
    height = bottom + AXIS
    size = f'width="{WIDTH}" height="{height}"'
    fonts = 'font-family="Inter, Helvetica, Arial, sans-serif"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts}>'
    return "\n".join((head, f'<rect {size} fill="#FFFFFF"/>', *grid, *parts, "</svg>\n"))


def _grid(across: Axis, top: int, bottom: int) -> Iterator[str]:
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<path d="M{x:.1f} {top}V{bottom}" stroke="{LINES}"/>'
        yield text(x, bottom + 18, f"{tick:,g}", FAINT, 'text-anchor="middle" font-size="12"')


def _panel(panel: Panel, across: Axis, top: int) -> Iterator[str]:
    yield f'<rect y="{top + 8}" width="{WIDTH}" height="{HEAD - 16}" fill="#FFFFFF"/>'
    yield text(16, top + 34, panel.title, INK, 'font-size="15" font-weight="600"')
    top += HEAD
    for name, bar in panel.bars.items():
        is_ours = name in panel.ours
        middle, end = top + BAR / 2 + 4.5, across.at(bar.value)
        weight = 'font-size="13" font-weight="600"' if is_ours else 'font-size="13"'
        yield text(NAMES - 10, middle, name, INK, f'text-anchor="end" {weight}')
        yield (
            f'<rect x="{NAMES}" y="{top}" width="{end - NAMES:.1f}" height="{BAR}" '
            f'fill="{OURS if is_ours else OTHERS}"/>'
        )
        over = 'stroke="#FFFFFF" stroke-width="4" paint-order="stroke"'
        yield text(end + 8, middle, bar.told, INK, f"{weight} {over}")
        top += LINE


def brief(value: float) -> str:
    """Two digits, or three of what is large."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def text(x: float, y: float, text: str, colour: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {style}>{escape(text)}</text>'

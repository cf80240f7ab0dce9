"""A drawing of lines, as SVG: how latency grows with the rate."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from benchmarks.plot import FAINT, INK, LINES, OURS, text

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 200, 56, 60
OTHERS = ("#3B5B92", "#2F8F6B", "#8A6BB8", "#8C7A3A")
_PERCENTILE = "p99"

Points = Sequence[Mapping[str, Any]]


def svg(lines: Mapping[str, Points], ours: str) -> str:
    """By name, points with `a second` and `milliseconds`; the line of `ours` stands out. Both
    scales are logarithmic. Raises ValueError if there is nothing to draw."""
    rates = [point["a second"] for points in lines.values() for point in points]
    times = [_time(point) for points in lines.values() for point in points]
    across = _Scale(rates, LEFT, WIDTH - RIGHT)
    down = _Scale(times, HEIGHT - BOTTOM, TOP)
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    fonts = 'font-family="Inter, Helvetica, Arial, sans-serif"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts}>']
    parts += [f'<rect {size} fill="#FFFFFF"/>', *_grid(across, down)]
    title = "Milliseconds until the answer (p99), by opens a second that come at a fixed rate"
    parts.append(text(16, 30, title, INK, 'font-size="15" font-weight="600"'))
    colours = iter(OTHERS)
    ends = []
    for name, points in lines.items():
        colour = OURS if name == ours else next(colours)
        places = [(across.at(point["a second"]), down.at(_time(point))) for point in points]
        parts += _line(places, colour, 3 if name == ours else 2)
        ends.append((places[-1][1], name, colour))
    parts += _names(ends)
    return "\n".join((*parts, "</svg>\n"))


class _Scale:
    """Logarithmic, over the values."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self.decades = range(floor(log10(min(values))), ceil(log10(max(values))) + 1)
        self._begin = begin
        self._step = (end - begin) / max(1, len(self.decades) - 1)

    def at(self, value: float) -> float:
        return self._begin + self._step * (log10(value) - self.decades[0])


def _time(point: Mapping[str, Any]) -> float:
    time: float = point["milliseconds"][_PERCENTILE]
    return time


def _grid(across: _Scale, down: _Scale) -> Iterator[str]:
    for decade in across.decades:
        x = across.at(10**decade)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{LINES}"/>'
        style = 'text-anchor="middle" font-size="12"'
        yield text(x, HEIGHT - BOTTOM + 20, f"{10**decade:,g}", FAINT, style)
    for decade in down.decades:
        y = down.at(10**decade)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{LINES}"/>'
        yield text(LEFT - 8, y + 4, f"{10**decade:g}", FAINT, 'text-anchor="end" font-size="12"')
    yield text(LEFT, HEIGHT - 16, "opens a second, on one core", FAINT, 'font-size="12"')


def _line(places: Sequence[tuple[float, float]], colour: str, width: int) -> Iterator[str]:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1}" fill="{colour}"/>'


def _names(ends: Sequence[tuple[float, str, str]]) -> Iterator[str]:
    """At the right, in the order of the lines, none over another."""
    lowest = 0.0
    for y, name, colour in sorted(ends):
        lowest = max(y + 4, lowest + 20)
        yield text(WIDTH - RIGHT + 12, lowest, name, colour, 'font-size="13" font-weight="600"')

"""A drawing of lines, as SVG."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.axes import Axis
from benchmarks.plot import FAINT, INK, LINES, OURS, text

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 200, 56, 60
OTHERS = ("#3B5B92", "#2F8F6B", "#8A6BB8", "#8C7A3A")

Points = Sequence[tuple[float, float]]
"""How far right and how high."""


def svg(
    lines: Mapping[str, Points],
    ours: str,
    title: str,
    label: str,
    axes: tuple[type[Axis], type[Axis]],
) -> str:
    """Lines by name; that of `ours` stands out. `title` says what is high, `label` what is far
    right. Raises ValueError if there is nothing to draw."""
    points = [point for line in lines.values() for point in line]
    across = axes[0]([x for x, _ in points], LEFT, WIDTH - RIGHT)
    down = axes[1]([y for _, y in points], HEIGHT - BOTTOM, TOP)
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    fonts = 'font-family="Inter, Helvetica, Arial, sans-serif"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts}>']
    parts += [f'<rect {size} fill="#FFFFFF"/>', *_grid(across, down)]
    parts.append(text(16, 30, title, INK, 'font-size="15" font-weight="600"'))
    parts.append(text(LEFT, HEIGHT - 16, label, FAINT, 'font-size="12"'))
    colours = iter(OTHERS)
    ends = []
    for name, line in lines.items():
        colour = OURS if name == ours else next(colours)
        places = [(across.at(x), down.at(y)) for x, y in line]
        parts += _line(places, colour, 3 if name == ours else 2)
        ends.append((places[-1][1], name, colour))
    parts += _names(ends)
    return "\n".join((*parts, "</svg>\n"))


def _grid(across: Axis, down: Axis) -> Iterator[str]:
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{LINES}"/>'
        style = 'text-anchor="middle" font-size="12"'
        yield text(x, HEIGHT - BOTTOM + 20, f"{tick:,.10g}", FAINT, style)
    for tick in down.ticks:
        y = down.at(tick)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{LINES}"/>'
        yield text(LEFT - 8, y + 4, f"{tick:,g}", FAINT, 'text-anchor="end" font-size="12"')


def _line(places: Points, colour: str, width: int) -> Iterator[str]:
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

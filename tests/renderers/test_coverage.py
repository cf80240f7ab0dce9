"""Masks: what is covered of an area."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderers.coverage import faded, line, polygon, rounded, star
from tests.renderers.support import law

sizes = st.tuples(st.integers(1, 60), st.integers(1, 60))


def share(mask: Image.Image) -> float:
    """How much of an area is covered."""
    covered = sum(value * count for value, count in enumerate(mask.histogram()))
    return covered / 255 / mask.width / mask.height


@law
@given(sizes, st.integers(0, 1000))
def test_a_rounded_box_is_the_same_from_all_sides(size: tuple[int, int], radius: int) -> None:
    mask = rounded(size, radius)
    assert (mask.mode, mask.size) == ("L", size)
    for way in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM):
        assert mask.transpose(way).tobytes() == mask.tobytes()
    assert size == (2, 2) or mask.getpixel((size[0] // 2, size[1] // 2)) == 255


@pytest.mark.parametrize(("radius", "covered"), [(0, 1), (20, 0.7854), (10, 0.9463)])
def test_what_corners_take_away_is_what_circles_do(radius: int, covered: float) -> None:
    assert share(rounded((40, 40), radius)) == pytest.approx(covered, abs=0.01)


@pytest.mark.parametrize(
    ("points", "covered"),
    [
        (((0, 0), (1, 0), (1, 1), (0, 1)), 1),
        (((0, 0), (1, 0), (0, 1)), 0.5),
        (((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)), 0.25),
    ],
)
@pytest.mark.parametrize("size", [(40, 40), (80, 20)])
def test_a_polygon_covers_what_is_within(
    points: tuple[tuple[float, float], ...], covered: float, size: tuple[int, int]
) -> None:
    mask = polygon(size, points)
    assert (mask.mode, mask.size) == ("L", size)
    assert share(mask) == pytest.approx(covered, abs=0.02)


@pytest.mark.parametrize("thick", [1, 2, 5.5])
def test_a_line_is_as_thick_as_it_is_told(thick: float) -> None:
    mask = line((60, 40), ((0.1, 0.5), (0.9, 0.5)), thick)
    column = mask.crop((30, 0, 31, 40))
    assert share(column) * 40 == pytest.approx(thick, abs=0.3)
    left, _, right, _ = mask.getbbox() or (0, 0, 0, 0)
    assert left == pytest.approx(6 - thick / 2, abs=1)
    assert right == pytest.approx(54 + thick / 2, abs=1)


def test_a_line_of_one_point_is_a_dot() -> None:
    assert share(line((40, 40), ((0.5, 0.5),), 20)) * 1600 == pytest.approx(314, rel=0.05)


@law
@given(sizes, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5))
def test_lines_and_polygons_of_all_sizes_are_drawn(
    size: tuple[int, int], points: list[tuple[float, float]]
) -> None:
    assert line(size, tuple(points), 3).size == size
    if len(points) > 1:
        assert polygon(size, tuple(points)).size == size


@pytest.mark.parametrize(("points", "waist"), [(5, 0.42), (16, 0.88), (3, 0.5)])
def test_a_star_fills_its_size(points: int, waist: float) -> None:
    corners = star(points, waist)
    assert len(corners) == 2 * points
    for sides in zip(*corners, strict=True):
        assert (min(sides), max(sides)) == pytest.approx((0, 1))
    assert corners[0] == pytest.approx((0.5, 0))


def test_what_is_faded_is_less_covered() -> None:
    whole = rounded((10, 10), 3)
    assert faded(whole, 255) is whole
    assert share(faded(whole, 128)) == pytest.approx(share(whole) / 2, abs=0.01)
    assert share(faded(whole, 0)) == 0


def test_masks_are_shared() -> None:
    assert rounded((7, 9), 2) is rounded((7, 9), 2)
    assert polygon((7, 9), star()) is polygon((7, 9), star())


def test_small_masks_are_kept_and_large_ones_are_not() -> None:
    assert rounded((20, 20), 3) is rounded((20, 20), 3)
    large = (1000, 600)
    assert rounded(large, 3) is not rounded(large, 3)
    assert rounded(large, 3).tobytes() == rounded(large, 3).tobytes()

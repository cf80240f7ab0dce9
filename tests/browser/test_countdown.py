"""A countdown in a browser shows the right digits at the right time."""

import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from renderers.countdown import Clock
from tests.browser.chromium import Tab, opened
from tests.renderers.gallery import BY_NAME
from tests.renderers.likeness import difference

BEGINS = 2 * 86_400 + 3 * 3600 + 19
"""Seconds before the end: at second 20 all numbers but the days change."""
EARLY, LATE = 0.4, 0.9
"""Seconds. The browser's clock begins a little before ours, and a frame may come after its time on
a machine with much to do, but never a whole second."""
WATCHED = (3, 30)

PAGE = """<!doctype html><meta charset="utf-8">
<style>body { margin: 0 } img { display: block }</style>
<body></body>
"""
PLAY = """new Promise(resolve => {
  const image = new Image()
  image.src = "countdown.gif"
  image.decode().then(() => {
    document.body.append(image)
    requestAnimationFrame(() => requestAnimationFrame(resolve))
  })
})"""
"""It plays from when it is first seen, so it comes into the page when it is whole."""


def test_the_digits_are_right_at_seconds_3_and_30(tmp_path: Path) -> None:
    clock = Clock(BY_NAME["countdown"].countdown(1), {}, "fi")
    (tmp_path / "countdown.gif").write_bytes(clock.gif(BEGINS))
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    frames = {second: _frame(clock, second) for second in range(max(WATCHED) + 2)}
    for second in WATCHED:
        for neighbour in (second - 1, second + 1):
            assert difference(frames[second], frames[neighbour]).is_seen
    with opened(tmp_path / "profile", page) as tab:
        tab.evaluate(PLAY)
        began = time.monotonic()
        for second in WATCHED:
            seen = _first_seen(tab, frames, second, began)
            assert second - EARLY < seen < second + LATE


def _frame(clock: Clock, second: int) -> Image.Image:
    """As it is drawn for one who opens it that much later."""
    with Image.open(BytesIO(clock.gif(BEGINS - second))) as image:
        return image.convert("RGB")


def _first_seen(tab: Tab, frames: Mapping[int, Image.Image], second: int, began: float) -> float:
    """When the frame of a second is on the screen for the first time, in seconds. Until then one
    of those before it is, and none that is still to come."""
    size = frames[0].size
    while True:
        shown = tab.screenshot(*size)
        now = time.monotonic() - began
        if not difference(shown, frames[second]).is_seen:
            return now
        assert now < second + LATE, f"at {now:.1f} s second {second} is not yet shown"
        earlier = (frames[one] for one in reversed(range(second)))
        assert any(not difference(shown, frame).is_seen for frame in earlier), f"at {now:.1f} s"
        time.sleep(0.1)

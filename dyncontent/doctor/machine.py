"""Whether this machine can do the work: disk, memory, libraries, fonts."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import features

from dyncontent.doctor.finding import Finding, Severity, well
from dyncontent.settings import Settings
from dyncontent.store.embedded import LEAST_FREE_BYTES
from renderers.fonts import Font, shipped

COMFORTABLE_FREE_BYTES = 1 << 30
MOST_OF_MEMORY = 0.5
"""The part of the memory that drawn pictures may take."""
CGROUP_SHARE = Path("/sys/fs/cgroup/cpu.max")
"""Microseconds of computing in each period, or "max", and the period."""
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
NEEDED: Mapping[str, tuple[str, Severity, str]] = {
    "freetype2": ("module", "error", "no text can be drawn"),
    "raqm": ("feature", "error", "no text can be set: its letters could not be shaped"),
    "zlib": ("codec", "error", "no PNG can be read"),
    "jpg": ("codec", "error", "no JPEG can be read or written"),
    "webp": ("module", "warning", "uploads in WebP are refused"),
}
"""What Pillow must be built with, as what, and what is amiss without it."""

_LETTERS = {
    Font.ARABIC: "\u0628",
    Font.ARABIC_BOLD: "\u0628",
    Font.HEBREW: "\u05d0",
    Font.HEBREW_BOLD: "\u05d0",
    Font.EMOJI: "\U0001f600",
}
_SIZE = 32


def examine_machine(settings: Settings) -> Iterator[Finding]:
    yield examine_disk(settings.data_dir)
    yield examine_memory(settings.workers * settings.picture_memory_mb << 20, memory_limit())
    yield examine_processes(settings.workers, core_limit())


def examine_disk(data_dir: Path) -> Finding:
    folder = next(
        one for one in (data_dir.absolute(), *data_dir.absolute().parents) if one.exists()
    )
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        advice = "give it to the user that runs the server, or set DYNCONTENT_DATA_DIR"
        return Finding("disk", "error", f"{folder} cannot be written", advice)
    free = shutil.disk_usage(folder).free
    found = f"{free >> 20} MB free in {data_dir}"
    advice = "make room, or set DYNCONTENT_DATA_DIR to another disk"
    if free < LEAST_FREE_BYTES:
        found = f"{found}; the embedded store needs {LEAST_FREE_BYTES >> 20} MB to start"
        return Finding("disk", "error", found, advice)
    if free < COMFORTABLE_FREE_BYTES:
        return Finding("disk", "warning", found, advice)
    return well("disk", found)


def examine_memory(pictures: int, limit: int) -> Finding:
    """`pictures` and `limit` are bytes: for drawn pictures, and what there is."""
    found = f"{pictures >> 20} MB for drawn pictures, of {limit >> 20} MB"
    if pictures > limit * MOST_OF_MEMORY:
        advice = "lower DYNCONTENT_PICTURE_MEMORY_MB, or give the process more memory"
        return Finding("memory", "error" if pictures > limit else "warning", found, advice)
    return well("memory", found)


def memory_limit() -> int:
    """Bytes: of the machine, or of the container if that has less."""
    limit = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in CGROUP_LIMITS:
        try:
            limit = min(limit, int(path.read_text()))
        except (OSError, ValueError):  # there is none, or it is "max"
            continue
    return limit


def examine_processes(workers: int, cores: float) -> Finding:
    found = f"{workers} that serve, on {cores:g} cores"
    if workers > max(cores, 1):
        advice = "lower DYNCONTENT_WORKERS: more processes than cores serve no faster"
        return Finding("processes", "warning", found, advice)
    return well("processes", found)


def core_limit() -> float:
    """Those that this process may use, or of its container if that has less."""
    given = os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1)
    try:
        share, period = map(int, CGROUP_SHARE.read_text().split())
    except (OSError, ValueError):  # there is none, or it is "max"
        return len(given)
    return min(len(given), share / period)


def examine_libraries() -> Iterator[Finding]:
    for name, (_, severity, amiss) in NEEDED.items():
        if not features.check(name):
            advice = "install Pillow's wheel, or build it with this library"
            yield Finding(f"Pillow's {name}", severity, f"is not there: {amiss}", advice)
    there = [name for name in NEEDED if features.check(name)]
    yield well("libraries", f"Pillow {features.version('pil')} with {', '.join(there)}")


def examine_fonts() -> Finding:
    """Each shipped font must load and draw."""
    broken = [f"{font}: {why}" for font in Font if (why := _amiss(font))]
    if broken:
        advice = "install dyncontent anew: its files are damaged"
        return Finding("fonts", "error", "; ".join(broken), advice)
    return well("fonts", f"{len(Font)} load and draw")


def _amiss(font: Font) -> str:
    """What is wrong with a font; empty if nothing is."""
    try:
        drawn = shipped(font).at(_SIZE).getmask(_LETTERS.get(font, "a")).getbbox()
    except Exception as error:  # noqa: BLE001  a broken font fails in every way
        return str(error)
    return "" if drawn else "draws nothing"

"""How soon a change that one process has accepted is seen by opens on another.

    python -m benchmarks.freshness [CHANGES]

Starts a Valkey and two servers on it. A stock is changed through the one, and from the moment of
its answer the other is asked for the picture until it shows the change. Prints the delays and
writes them to `benchmarks/results/freshness.json`. The time of the open itself is in every delay.
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks import report
from benchmarks.served import control_plane, served, settings_of
from dyncontent.keyring import new_secret
from dyncontent.store.embedded import embedded_store

CHANGES = 500
TARGET_MILLISECONDS = 10.0

_BLOCK = {
    "title": "Seats",
    "class": "transactional",
    "variants": [
        {
            "id": "seats",
            "offer": {"product": "seat", "not_bought": False},
            "creative": {
                "kind": "canvas",
                "canvas": {"width": 60, "height": 40, "background": "#1E8C3C"},
            },
            "link": "https://shop.example/seat",
            "alt": "Seats",
        }
    ],
    "fallback": {
        "creative": {
            "kind": "canvas",
            "canvas": {"width": 60, "height": 40, "background": "#808080"},
        },
        "link": "https://shop.example/",
        "alt": "Shop",
    },
}


def main() -> None:
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else CHANGES
    delays = sorted(_measure(changes))
    figures = {
        "p50": round(_percentile(delays, 0.5), 2),
        "p99": round(_percentile(delays, 0.99), 2),
        "max": round(delays[-1], 2),
    }
    for name, value in figures.items():
        report.say(f"{name:>4} {value:8.2f} ms")
    targets = [report.Target("p99 in ms", figures["p99"], TARGET_MILLISECONDS)]
    report.write("freshness", targets, {"changes": changes, "milliseconds": figures})


def _percentile(ordered: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _measure(changes: int) -> Iterator[float]:
    """The delay of each change, in milliseconds."""
    token = secrets.token_urlsafe(32)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(embedded_store(folder / "store"))
        settings = settings_of(folder, store, token, new_secret("k1"), "shop.example")
        writer, reader = (stack.enter_context(served(settings)).base_url for _ in range(2))
        write = stack.enter_context(control_plane(writer, token))
        read = stack.enter_context(httpx.Client(base_url=reader, trust_env=False))
        picture = _prepare(write)
        before = ""
        for number in range(changes + 1):
            _accepted(write.patch("products/seat", json={"stock": number % 2}))
            accepted = time.perf_counter()
            while (shown := read.get(picture).headers["etag"]) == before:
                pass
            if before:
                yield (time.perf_counter() - accepted) * 1000
            before = shown


def _prepare(write: httpx.Client) -> str:
    """Publish the block; the path of its picture for one person."""
    for path, body in (
        ("products/seat", {"stock": 1}),
        ("recipients/one", {}),
        ("messages/one", {"class": "transactional"}),
        ("blocks/seats", _BLOCK),
    ):
        _accepted(write.put(path, json=body))
    _accepted(write.post("blocks/seats/publish"))
    asked = {"block": "seats", "recipient": "one", "message": "one"}
    image = httpx.URL(_accepted(write.post("links", json=asked))["image"])
    return image.raw_path.decode()


def _accepted(response: httpx.Response) -> Any:
    return response.raise_for_status().json()


if __name__ == "__main__":
    main()

"""Figures for Prometheus."""

import asyncio
import collections
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5)
SETTLED_SECONDS = 0.5
"""After which at the latest Prometheus' figures hold an open."""


class Durations(Histogram):
    """A histogram that takes many at once."""

    def observe_all(self, seconds: Sequence[float]) -> None:
        self._sum.inc(sum(seconds))
        places = collections.Counter(bisect_left(self._upper_bounds, one) for one in seconds)
        for place, count in places.items():
            self._buckets[place].inc(count)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.opens = Counter(
            "dyncontent_opens",
            "Pictures served",
            ("reason", "detail", "verdict"),
            registry=self._registry,
        )
        self.clicks = Counter(
            "dyncontent_clicks",
            "Clicks answered",
            ("reason", "detail", "verdict"),
            registry=self._registry,
        )
        self.clicked = cache(self.clicks.labels)
        self.tags_unrendered = Counter(
            "dyncontent_tags_unrendered",
            "Requests in whose URL the sender left its merge tag, by who could have filled it",
            ("block", "sender"),
            registry=self._registry,
        )
        self.events_in = Counter(
            "dyncontent_events_in",
            "Events that shops and senders told",
            ("source", "outcome"),
            registry=self._registry,
        )
        self.seconds = Durations(
            "dyncontent_open_seconds",
            "Time from a request for a picture to its answer",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.drawn = Counter("dyncontent_drawn", "Pictures drawn", registry=self._registry)
        self.drawing_seconds = Histogram(
            "dyncontent_drawing_seconds",
            "Time that drawing a picture takes in its thread",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.drawings_waiting = Gauge(
            "dyncontent_drawings_waiting",
            "Pictures being made, or waiting for it",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self.drawings_shed = Counter(
            "dyncontent_drawings_shed",
            "Pictures not drawn because too many were waiting",
            registry=self._registry,
        )
        self.feed_runs = Counter(
            "dyncontent_feed_runs",
            "Imports of product feeds",
            ("outcome",),
            registry=self._registry,
        )

        self.refused = Counter(
            "dyncontent_refused",
            "Requests of the control plane refused for who asks, or how often, by the error's code",
            ("code",),
            registry=self._registry,
        )
        self.worker_age = Gauge(
            "dyncontent_worker_age_seconds",
            "Time since the worker that was seen last was seen",
            ("worker",),
            registry=self._registry,
        )
        self.source_age = Gauge(
            "dyncontent_source_age_seconds",
            "Time since the values of a data source were fetched, or found to be as they were",
            ("source",),
            registry=self._registry,
        )
        self.source_failures = Gauge(
            "dyncontent_source_failures",
            "Requests to a data source that came to nothing, in a row",
            ("source",),
            registry=self._registry,
        )

        self.feed_age = Gauge(
            "dyncontent_feed_age_seconds",
            "Time since a product feed was asked for on its schedule",
            ("feed",),
            registry=self._registry,
        )
        self.feed_failures = Gauge(
            "dyncontent_feed_failures",
            "Requests for a product feed that came to nothing, in a row",
            ("feed",),
            registry=self._registry,
        )

        self.told_by_store = (
            self.worker_age,
            self.source_age,
            self.source_failures,
            self.feed_age,
            self.feed_failures,
        )
        """What any process can tell; the others are what this one did and does."""
        self.processes = Gauge(
            "dyncontent_processes",
            "Processes that serve",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self.processes.set(1)

        self._opened: list[tuple[tuple[str, str, str], float]] = []

    def opened(self, reason: str, detail: str, verdict: str, seconds: float) -> None:
        """Count an open that took so long: many together, for that takes as long as to decide."""
        self._opened.append(((reason, detail, verdict), seconds))
        if len(self._opened) == 1:
            asyncio.get_running_loop().call_later(SETTLED_SECONDS, self.settle)

    def settle(self) -> None:
        opened, self._opened = self._opened, []
        for labels, count in collections.Counter(labels for labels, _ in opened).items():
            self.opens.labels(*labels).inc(count)
        self.seconds.observe_all([seconds for _, seconds in opened])

    def exposition(self) -> bytes:
        """The text format, version 0.0.4."""
        self.settle()
        return generate_latest(self._registry)

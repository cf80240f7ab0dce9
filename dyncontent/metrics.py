"""Figures for Prometheus."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.opens = Counter(
            "dyncontent_opens",
            "Pictures served",
            ("reason", "detail", "verdict"),
            registry=self._registry,
        )
        self.opened = cache(self.opens.labels)
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
        self.seconds = Histogram(
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

    def exposition(self) -> bytes:
        """The text format, version 0.0.4."""
        return generate_latest(self._registry)

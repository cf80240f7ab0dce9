"""The figures of all processes that serve together: each keeps its own in files that all read."""

import os
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from dyncontent.metrics import Metrics

ALL_TOGETHER = "livesum"
"""The kind of gauges that are added up; the others are told by the store, to any process alike."""

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class SharedMetrics(Metrics):
    """Made once in a process, before any other figure: from then on its counts are kept in files
    of `folder`, which outlive it. The process that is started in its place, with the same
    `number`, counts on."""

    def __init__(self, folder: Path, number: int) -> None:
        in_a_file = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]

        def value(type: str, *named: Any, multiprocess_mode: str = "", **more: Any) -> Any:
            is_own = type == "gauge" and multiprocess_mode != ALL_TOGETHER
            kind = values.MutexValue if is_own else in_a_file
            return kind(type, *named, multiprocess_mode=multiprocess_mode, **more)

        values.ValueClass = value
        os.environ[_FOLDER] = str(folder)
        super().__init__()  # opens a file for each kind
        del os.environ[_FOLDER]  # else gauges that the store tells could not be cleared
        self._folder = folder

    def exposition(self) -> bytes:
        """The text format, version 0.0.4, of all processes."""
        counted = CollectorRegistry()
        MultiProcessCollector(counted, str(self._folder))  # type: ignore[no-untyped-call]
        names = [family.name for gauge in self.told_by_store for family in gauge.describe()]
        told = self._registry.restricted_registry(names)
        return generate_latest(counted) + generate_latest(told)


def forget_present(folder: Path, number: int) -> None:
    """Of a process that has ended, what it was at no longer counts; what it had counted does."""
    mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]

"""Metrics for Prometheus.

A single process keeps them in memory. With several, `qpv serve` names a folder in ``PROMETHEUS_MULTIPROC_DIR`` where
each process keeps its own, and ``/metrics`` of any process returns the totals.
"""

from __future__ import annotations

import os
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

_MEASURES_KEPT = 512
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "qpv_geo_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "qpv_geo_request_seconds", "Seconds to answer", ["route"], buckets=_BUCKETS, registry=self._registry
        )
        self._verdicts = Counter("qpv_geo_verdicts", "Verdicts given", ["status"], registry=self._registry)
        self._jobs = Counter("qpv_geo_jobs", "Jobs by what became of them", ["event"], registry=self._registry)
        self.uploads = Gauge(
            "qpv_geo_uploads",
            "Files received or answered now",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

        # looking a metric up by its labels costs more than counting
        self._of = lru_cache(maxsize=_MEASURES_KEPT)(self._measures)
        self._of_verdict = lru_cache(maxsize=_MEASURES_KEPT)(self._verdicts.labels)

    def _measures(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(route)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        count, duration = self._of(method, route, status)
        count.inc()
        duration.observe(seconds)

    def verdict(self, status: str) -> None:
        """Count a verdict."""
        self._of_verdict(status).inc()

    def job(self, event: str) -> None:
        """Count an event of a job: ``accepted``, ``started`` or ``resumed``."""
        self._jobs.labels(event).inc()

    def text(self) -> bytes:
        """Return the metrics in the Prometheus text format, over all processes if there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        multiprocess.MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)

    @staticmethod
    def forget_this_process() -> None:
        """Drop the live gauges of this process, which is ending."""
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]

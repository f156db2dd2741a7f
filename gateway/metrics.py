"""Prometheus metrics: how many requests, and how long they took. Summed over processes when there are several."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "agio_http_requests", "Answered HTTP requests.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "agio_http_request_seconds",
            "Time to answer an HTTP request.",
            ("route",),
            buckets=BUCKETS_SECONDS,
            registry=self._registry,
        )

    def seen(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    async def answer(self, request: Request) -> Response:
        """The metrics in Prometheus' text format."""
        del request
        return Response(generate_latest(self._all()), media_type=CONTENT_TYPE_LATEST)

    def _all(self) -> CollectorRegistry:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

"""Prometheus metrics: how many requests, and how long they took. Summed over processes when there are several."""

import os
from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from core.database import Database
from core.faults import Fault, fault_of
from exchange.saga.breaker import BreakerState
from exchange.saga.guard_reports import BrandGuard, brand_guards

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Published:
    """What is published: the process's own metrics, and how the workers see the brands."""

    def __init__(self, metrics: "Metrics", database: Database) -> None:
        self._metrics = metrics
        self._database = database

    async def answer(self, request: Request) -> Response:
        """All metrics."""
        del request
        try:
            async with self._database.connection() as connection:
                guards = await brand_guards(connection)
        except Exception as exception:
            if fault_of(exception) is not Fault.MACHINERY:
                raise
            guards = []
        return Response(self._metrics.text() + _brands(guards), media_type=CONTENT_TYPE_LATEST)


def _brands(guards: Sequence[BrandGuard]) -> bytes:
    """Gauges of the workers' guards: a worker has no door of its own to be asked at."""
    lines = [
        "# HELP agio_brand_breaker_open Whether a worker's breaker lets no call to the brand pass.",
        "# TYPE agio_brand_breaker_open gauge",
        "# HELP agio_brand_calls_in_flight Calls to the brand that a worker is making.",
        "# TYPE agio_brand_calls_in_flight gauge",
    ]
    for guard in guards:
        labels = f'{{program="{guard.report.program}",worker="{guard.worker_id}"}}'
        closed = guard.report.state is BreakerState.CLOSED
        lines.append(f"agio_brand_breaker_open{labels} {0 if closed else 1}")
        lines.append(f"agio_brand_calls_in_flight{labels} {guard.report.in_flight}")
    return ("\n".join(lines) + "\n").encode()


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

    def text(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self._all())

    def _all(self) -> CollectorRegistry:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

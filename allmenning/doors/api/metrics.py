"""What Prometheus reads. Requests are counted by the name of their view, so that no case or person is in a label."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from allmenning.journeys import health

# One registry of this process, and none of the default collectors: with several workers they mean nothing.
_registry = CollectorRegistry()
_requests = Counter("allmenning_requests", "Requests answered", ["method", "view", "status"], registry=_registry)
_seconds = Histogram(
    "allmenning_request_seconds",
    "Time until the answer was ready",
    ["method", "view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_registry,
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Measured:
    """Middleware: counts each request and its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "other"
        view = request.resolver_match.view_name if request.resolver_match else "none"
        _requests.labels(method, view, response.status_code).inc()
        _seconds.labels(method, view).observe(time.perf_counter() - begun)
        return response


class _Health(Collector):
    """The findings of `allmenning check` as gauges."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        findings = health.examined_lately()
        fine = GaugeMetricFamily("allmenning_fine", "1 fine, 0.5 to be looked at, 0 failed", labels=["what", "of"])
        measured: dict[str, GaugeMetricFamily] = {}
        for finding in findings:
            fine.add_metric([finding.what, finding.of], health.WORTH[finding.state])
            for name, value in finding.measures.items():
                family = measured.setdefault(name, GaugeMetricFamily(f"allmenning_{name}", name, labels=["of"]))
                family.add_metric([finding.of], value)
        yield fine
        yield from measured.values()


def exposition() -> bytes:
    """Everything in Prometheus' text format; of all worker processes, where they share PROMETHEUS_MULTIPROC_DIR."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)
    else:
        counted = _registry
    state = CollectorRegistry()
    state.register(_Health())
    return generate_latest(counted) + generate_latest(state)

"""GET /metrics for Prometheus: counted with each request, or read from the scene and the store when asked."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboards.context import Context
from dashboards.gate import GuardedRoute
from hazmat.store.errors import StoreUnavailable

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
SEVERITIES = ("red", "orange", "yellow", "blue")


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self, context: Context) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Scene(context))
        self._registry.register(_Store(context))
        labels = ("method", "route", "status")
        self._requests = Counter(
            "hazmat_http_requests", "Requests answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "hazmat_http_request_seconds",
            "Time to the end of an answer; streams are not in it.",
            ("method", "route"),
            registry=self._registry,
            buckets=_BUCKETS,
        )

    def count(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count a request; ``route`` as declared, ``seconds`` None for a stream."""
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _Scene(Collector):
    """What the last look of the live map saw: no question to the database."""

    def __init__(self, context: Context) -> None:
        self._live = context.live

    def describe(self) -> Iterator[Metric]:
        """Nothing ahead: names are told when collected."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Trucks, viewers, ticks."""
        live = self._live
        trucks = GaugeMetricFamily("hazmat_trucks", "Trucks known, by state.", labels=["state"])
        for state, count in live.scene.fleet.counts().items():
            trucks.add_metric([state], count)
        yield trucks
        yield GaugeMetricFamily("hazmat_stream_viewers", "Live streams open.", live.viewers)
        yield CounterMetricFamily("hazmat_stream_ticks", "Looks into the store.", live.tick)
        yield CounterMetricFamily(
            "hazmat_stream_messages", "Messages encoded, for all viewers.", live.encoded
        )
        yield CounterMetricFamily(
            "hazmat_stream_busy_seconds", "Time spent looking into the store and encoding.", live.busy_seconds
        )


class _Store(Collector):
    """What the database holds when asked; nothing but ``hazmat_database_up 0`` while it does not answer."""

    def __init__(self, context: Context) -> None:
        self._door = context.doors.administration
        self._clock = context.clock

    def describe(self) -> Iterator[Metric]:
        """Nothing ahead."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Progress, alerts, rejects, repairs."""
        try:
            found = [*self._flow(), *self._findings()]
        except StoreUnavailable:
            found = []
        yield GaugeMetricFamily("hazmat_database_up", "Whether the database answers.", float(bool(found)))
        yield from found

    def _flow(self) -> Iterator[Metric]:
        at, progress = self._clock(), self._door.progress()
        yield CounterMetricFamily("hazmat_batches", "Batches stored.", float(progress["batch_no"]))
        rate = self._door.rate(at, progress["batch_no"])
        yield GaugeMetricFamily(
            "hazmat_fixes_last_minute", "Fixes stored that were received in the last minute.", rate["fixes"]
        )
        if rate["lag_s"] is not None:
            yield GaugeMetricFamily(
                "hazmat_ingest_lag_seconds", "Of the last batch: from reception to storing.", rate["lag_s"]
            )
        if progress["committed_at"] is not None:
            age = (at - progress["committed_at"]).total_seconds()
            yield GaugeMetricFamily(
                "hazmat_ingest_commit_age_seconds", "Since the last batch was stored.", age
            )

    def _findings(self) -> Iterator[Metric]:
        alerts = GaugeMetricFamily("hazmat_open_alerts", "Alerts that are open, by level.", labels=["level"])
        open_alerts = self._door.open_alerts()
        for severity in SEVERITIES:
            alerts.add_metric([severity], open_alerts.get(severity, 0))
        yield alerts
        rejects = CounterMetricFamily("hazmat_rejects", "Payloads refused, by reason.", labels=["reason"])
        for row in self._door.reject_counts():
            rejects.add_metric([row["reason"]], float(row["times"]))
        yield rejects
        yield GaugeMetricFamily(
            "hazmat_repairs_waiting", "Tracks to be judged again.", self._door.repairs()["waiting"]
        )
        yield GaugeMetricFamily(
            "hazmat_registry_refused",
            "Whether the flow refuses the newest reference data.",
            float(bool(self._door.registry()["refusal"])),
        )


def metrics_router() -> APIRouter:
    """The route."""

    def metrics(request: Request) -> Response:
        """Return what Prometheus asks for."""
        kept: Metrics = request.app.state.metrics
        return Response(kept.text(), media_type=CONTENT_TYPE_LATEST)

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/metrics", metrics)
    return router

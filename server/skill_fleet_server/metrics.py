"""What Prometheus is told. Counted where things happen, gathered here when it asks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.fleet.census import Member
from skill_fleet_server.instruments import REGISTRY

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Requests(Protocol):
    """The count of all requests so far."""

    requests: int


def exposition(*found: Iterable[Metric]) -> bytes:
    """These metrics and all that this process has counted, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found([metric for metrics in found for metric in metrics]))
    return generate_latest(registry) + generate_latest(REGISTRY)


def of_streams(streams: Streams, requests: Requests) -> Iterator[Metric]:
    """What a server does for its clients."""
    yield CounterMetricFamily("skill_fleet_requests", "Requests answered.", requests.requests)
    yield GaugeMetricFamily("skill_fleet_streams", "Streams open now.", streams.open)
    lags = streams.lags()
    yield GaugeMetricFamily("skill_fleet_stream_lag_max", "Events the slowest is behind.", max(lags, default=0))
    yield GaugeMetricFamily("skill_fleet_stream_lag_sum", "Events all are behind.", sum(lags))
    yield CounterMetricFamily(
        "skill_fleet_stream_events", "Durable events sent, over all streams.", streams.sent_events
    )
    yield CounterMetricFamily("skill_fleet_stream_bytes", "Bytes sent, over all streams.", streams.sent_bytes)
    resets = CounterMetricFamily("skill_fleet_stream_resets", "Cursors not honoured.", labels=["reason"])
    for reason in ("epoch", "ahead", "trimmed"):
        resets.add_metric([reason], streams.resets[reason])
    yield resets
    yield GaugeMetricFamily("skill_fleet_log_head", "Position of the newest event.", streams.log.head)


def of_fleet(unfinished: Iterable[JobView], members: Sequence[Member]) -> Iterator[Metric]:
    """What the database tells each server alike: add it up over none of them."""
    yield _by_status("skill_fleet_jobs", "Jobs that are not over.", unfinished)
    gauge = GaugeMetricFamily("skill_fleet_members", "Processes of the fleet that are alive.", labels=["works"])
    alive = Counter(member.works for member in members if member.is_alive)
    for works in (True, False) if members else ():
        gauge.add_metric([str(works).lower()], alive[works])
    yield gauge


def of_process(at_work: Iterable[JobView], breakers: Mapping[str, str], silent_s: float | None) -> Iterator[Metric]:
    """What a process that runs jobs does.

    Args:
        at_work: The jobs that it runs, those that wait for a person included.
        breakers: Their state by model.
        silent_s: For how many seconds the others have not heard of it; `None` where there are no others.
    """
    yield _by_status("skill_fleet_jobs_here", "Jobs that this process runs.", at_work)
    gauge = GaugeMetricFamily("skill_fleet_breaker_open", "1 while a model is left alone.", labels=["model"])
    for model, state in breakers.items():
        gauge.add_metric([model], float(state == "opened"))
    yield gauge
    if silent_s is not None:
        yield GaugeMetricFamily("skill_fleet_heartbeat_age_seconds", "Since the fleet last heard of it.", silent_s)


class _Found(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _by_status(name: str, meaning: str, jobs: Iterable[JobView]) -> Metric:
    """How many jobs there are in each status that is not a job's last."""
    statuses = Counter(job.status for job in jobs)
    gauge = GaugeMetricFamily(name, meaning, labels=["status"])
    for status in JobStatus:
        if not status.is_terminal:
            gauge.add_metric([status], statuses[status])
    return gauge

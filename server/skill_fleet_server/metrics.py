"""What Prometheus is told. Counted where things happen, gathered here when it asks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.events.stream import Streams
from skill_fleet_server.fleet.census import Member
from skill_fleet_server.instruments import REGISTRY

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Requests(Protocol):
    """The count of all requests so far."""

    requests: int


@dataclass(frozen=True)
class Fleet:
    """What concerns more than streams and requests."""

    open_jobs: Iterable[JobView]
    breakers: Mapping[str, str]
    """State by model."""
    members: Sequence[Member]


def exposition(streams: Streams, requests: Requests, fleet: Fleet) -> bytes:
    """All metrics as they are now, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Now(streams, requests, fleet))
    return generate_latest(registry) + generate_latest(REGISTRY)


class _Now(Collector):
    def __init__(self, streams: Streams, requests: Requests, fleet: Fleet) -> None:
        self._streams = streams
        self._requests = requests
        self._fleet = fleet
        self._statuses = Counter(job.status for job in fleet.open_jobs)

    def collect(self) -> Iterator[Metric]:
        streams = self._streams
        yield CounterMetricFamily("skill_fleet_requests", "Requests answered.", self._requests.requests)
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
        jobs = GaugeMetricFamily("skill_fleet_jobs", "Jobs that are not over.", labels=["status"])
        for status in JobStatus:
            if not status.is_terminal:
                jobs.add_metric([status], self._statuses[status])
        yield jobs
        breakers = GaugeMetricFamily("skill_fleet_breaker_open", "1 while a model is left alone.", labels=["model"])
        for model, state in self._fleet.breakers.items():
            breakers.add_metric([model], float(state == "opened"))
        yield breakers
        members = GaugeMetricFamily("skill_fleet_members", "Processes of the fleet that are alive.", labels=["works"])
        alive = Counter(member.works for member in self._fleet.members if member.is_alive)
        for works in (True, False) if self._fleet.members else ():
            members.add_metric([str(works).lower()], alive[works])
        yield members

"""Fifty jobs at work, and what they go on to say: the load of the dashboard's benchmarks, as the stream's JSON.

Seven of ten events are text in flight, three go into logs; both go round the jobs. Everything is written
down before anything is measured.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from skill_fleet_common.events import DurableEvent, Frame, Progress, ProgressData
from skill_fleet_common.jobs import Phase
from tests.unit.store.builders import Log, snapshot, token

JOBS = 50
EVENTS_PER_SECOND = 1_000

_STEP = "write_skill"


class Traffic:
    """A fleet of running jobs.

    Args:
        lines: How many lines each job's log has to begin with.
    """

    def __init__(self, lines: int = 40) -> None:
        log = Log()
        self._jobs = [f"job-{number:02}" for number in range(JOBS)]
        for job in self._jobs:
            log.created(job, f"A skill about subject {job[4:]}")
            log.phase(job, Phase.GENERATION)
            log.begins(job, _STEP, Phase.GENERATION)
            for line in range(lines):
                log.says(job, f"{marker(job)} line {line}", line / 100)
        self.events: list[DurableEvent] = log.events
        """What has happened."""
        self.beginning: list[str] = [*map(as_json, [*snapshot(log, 0, []), *log.events])]
        """The frames that a new connection gets, as JSON."""
        self._pos = len(log.events)
        self._seq = Counter(event.job_id for event in log.events)
        self._written = Counter[str]()
        self._number = 0

    def more(self, count: int) -> list[str]:
        """What happens next, as JSON."""
        return [as_json(frame) for frame in islice(self._go_on(), count)]

    def _go_on(self) -> Iterator[Frame]:
        while True:
            job = self._jobs[self._number % JOBS]
            yield self._says(job) if (self._number // JOBS) % 10 < 3 else self._writes(job)
            self._number += 1

    def _says(self, job: str) -> Frame:
        self._pos += 1
        self._seq[job] += 1
        data = ProgressData(text=f"{marker(job)} line {self._seq[job]}")
        return Progress(job_id=job, pos=self._pos, seq=self._seq[job], ts=datetime.now(UTC), data=data)

    def _writes(self, job: str) -> Frame:
        text = "Use a migration for every change of the schema. " + "\n" * (self._written[job] % 3 == 0)
        at = self._written[job]
        self._written[job] += len(text)
        return token(text, off=at, job=job, module=_STEP)


def marker(job: str) -> str:
    """Words that only this job's log shows."""
    return f"said by {job}"


def as_json(frame: Frame) -> str:
    """As the stream writes a frame."""
    return frame.model_dump_json(exclude_none=True)

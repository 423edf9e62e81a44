"""Jobs on 1, 2 and 4 workers that share a PostgreSQL: how much faster more of them are than one.

A server takes the jobs, workers do them: real processes. Twice, because two things can be scarce. With a model that
takes its time a worker waits, and does as many jobs at a time as it may (one, here): more workers wait for more.
With a model that takes none, jobs are CPU alone, and all workers, the server and PostgreSQL share the machine's cores:
there is no more to be had than the cores give. The number of workers goes up and down again, so that nothing idle
runs beside what is measured.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.fleet_jobs import seconds_for
from tests.benchmarks.measuring import Comparison, Say
from tests.support import postgresql
from tests.support.fleet import Fleet, running_fleet

TITLE = "Fleet: workers on PostgreSQL, time per job"

_COUNTS = (1, 2, 4)
_PASSES = 2
"""Up, and down again."""


@dataclass(frozen=True)
class _Work:
    what: str
    delay_s: float
    """Of the demo model, per word."""
    at_a_time: int
    """Jobs in one worker."""
    jobs: int


_WORKS = (
    # A job waits for a second or so, and works for some tenths: with 4 workers the cores are not yet what is scarce.
    _Work("a model that takes its time", delay_s=0.0003, at_a_time=1, jobs=8),
    _Work("a model that takes none", delay_s=0, at_a_time=4, jobs=16),
)


def measure(say: Say) -> list[Comparison]:
    """Both kinds of work, each on a fleet of its own."""
    return [row for work in _WORKS for row in asyncio.run(_measure(work, say))]


async def _measure(work: _Work, say: Say) -> list[Comparison]:
    values: dict[int, list[float]] = {count: [] for count in _COUNTS}
    async with _fleet(work) as fleet:
        for number in range(_PASSES):
            for count in _COUNTS if number % 2 == 0 else reversed(_COUNTS):
                await _with_workers(fleet, count, work)
                values[count].append(await seconds_for(fleet.servers[0], work.jobs) / work.jobs * 1000)
                say(f"{work.what}, workers: {count}; {values[count][-1]:.0f} ms a job")
    return [
        Comparison(
            f"{count} workers, {work.what}", "1 worker", "ms", values[count], values[1],
            note=f"{_per_second(values[count])} jobs/s, 1 worker {_per_second(values[1])}; {os.cpu_count()} cores",
        )
        for count in _COUNTS[1:]
    ]  # fmt: skip


def _per_second(milliseconds: list[float]) -> str:
    return f"{1000 / median(milliseconds):.2f}"


@asynccontextmanager
async def _fleet(work: _Work) -> AsyncGenerator[Fleet]:
    environment = {
        "SKILL_FLEET_DEMO_DELAY": str(work.delay_s),
        "SKILL_FLEET_JOBS_PER_WORKER": str(work.at_a_time),
        "SKILL_FLEET_LOG_LEVEL": "error",
    }
    with postgresql.database() as url, tempfile.TemporaryDirectory() as directory:
        running = running_fleet(Path(directory), url, servers=1, workers=0, environment=environment)
        async with running as fleet:
            yield fleet


async def _with_workers(fleet: Fleet, count: int, work: _Work) -> None:
    """Start or stop workers until so many run."""
    while len(fleet.workers) > count:
        await fleet.workers.pop().stop()
    await asyncio.gather(*(fleet.add_worker() for _ in range(count - len(fleet.workers))))
    # A worker's first job is slower than the others: what it imports and compiles then is not what is measured.
    await seconds_for(fleet.servers[0], count * work.at_a_time)

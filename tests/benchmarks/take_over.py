"""How long a job stands still when the worker that runs it is killed: until another one goes on with it.

Real processes on PostgreSQL. The killed one says nothing any more, so the others wait until it has been silent for
long enough to be dead; the baseline is the time that the design promises. Beside it a worker that is stopped in good
order, which leaves its jobs to the others at once. Kills come at any moment between two heartbeats.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from skill_fleet_server.fleet.members import BEAT_S
from skill_fleet_server.workflows.engine import CHECKPOINTS_SCHEMA
from tests.benchmarks.measuring import Comparison, Say
from tests.support import postgresql
from tests.support.fleet import Fleet, WorkerProcess, running_fleet
from tests.support.person import Person
from tests.support.server import eventually

TITLE = "Fleet: a worker goes, another goes on with its job"

_PROMISED_S = 15.0
_ROUNDS = 4
_MODEL_DELAY_S = 0.02
"""Per word: a job takes so long that it is at work whenever its worker goes."""
_WITHIN_S = 40.0
_TASK = "a skill for going on"


def measure(say: Say) -> list[Comparison]:
    """Killed and stopped, in every round."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    killed: list[float] = []
    stopped: list[float] = []
    async with _fleet() as (fleet, url), fleet.servers[0].client() as client:
        person = Person(client)
        for number in range(_ROUNDS):
            stopped.append(await _taken_over(fleet, person, url, lambda worker: worker.terminate()))
            await asyncio.sleep(random.uniform(0, BEAT_S))
            killed.append(await _taken_over(fleet, person, url, lambda worker: worker.kill()))
            say(f"round {number + 1} of {_ROUNDS}: killed {killed[-1]:.1f} s, stopped {stopped[-1]:.1f} s")
    promised = [_PROMISED_S] * _ROUNDS
    return [
        Comparison("killed", "what is promised", "s", killed, promised, note=f"{max(killed):.1f} s at worst"),
        Comparison("stopped in good order", "killed", "s", stopped, killed, note=f"{max(stopped):.1f} s at worst"),
    ]


@asynccontextmanager
async def _fleet() -> AsyncGenerator[tuple[Fleet, str]]:
    environment = {"SKILL_FLEET_DEMO_DELAY": str(_MODEL_DELAY_S)}
    with postgresql.database() as url, tempfile.TemporaryDirectory() as directory:
        async with running_fleet(Path(directory), url, servers=1, workers=2, environment=environment) as fleet:
            yield fleet, url


async def _taken_over(fleet: Fleet, person: Person, url: str, end: Callable[[WorkerProcess], None]) -> float:
    """Seconds from a worker's end to the second run of the job that it was at work on. Another takes its place."""
    job_id = await person.create(_TASK, auto_approve=True)
    await person.until(job_id, lambda job: job["modules"], "the first module")
    worker = _worker_of(job_id, fleet, url)
    end(worker)
    began = time.monotonic()
    await person.until(job_id, lambda job: job["run"] == 2, "the job's second run")
    took = time.monotonic() - began
    await eventually(lambda: worker.process is None or worker.process.poll() is not None, within=_WITHIN_S)
    fleet.workers.remove(worker)
    await person.client.post(f"jobs/{job_id}/cancel")
    await fleet.add_worker()
    return took


def _worker_of(job_id: str, fleet: Fleet, url: str) -> WorkerProcess:
    """Which process runs a job: an executor's name has its number."""
    query = f"SELECT executor_id FROM {CHECKPOINTS_SCHEMA}.workflow_status WHERE workflow_uuid = %s"
    with psycopg.connect(url) as connection:
        [executor] = connection.execute(query, [job_id]).fetchone() or [""]
    number = int(executor.split("-")[-2])
    return next(worker for worker in fleet.workers if worker.process and worker.process.pid == number)

"""What a durable job costs over its work: whole jobs, and a bare loop over the very calls that such a job makes.

Jobs are watched first: which programs they run with which inputs, and what they do without a model. The
baseline does the same calls in the same process through a step runner of its own, without a log, checkpoints
or text in flight. The job asks nobody and the demo model takes no time, so the difference is creation and
the overhead of steps. Beside it, creation alone: accepting a job, and sqlite3 alone inserting the same rows.
"""

import asyncio
import logging
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from pydantic import BaseModel

from skill_fleet_common.api import CreateJob
from skill_fleet_common.events import TERMINAL_TYPES
from skill_fleet_server import logs
from skill_fleet_server.database.sqlite import sqlite_pragmas
from skill_fleet_server.database.tables import EVENT, JOB
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.http_server import loop_factory
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.programs.program import Program
from skill_fleet_server.programs.runner import AttemptStart, StepResult, StepRunner
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings
from skill_fleet_server.workflows.module_run import ModuleRun
from tests.benchmarks.measuring import Comparison, Say, alternate_async

TITLE = "Jobs"

_REQUEST = CreateJob(
    task_description="Python logging the way our team does it: structlog, request ids, never a secret.",
    auto_approve=True,
)
_ROUNDS = 5
_ALONE = 4
"""Jobs one after the other, per round."""
_TOGETHER = 16


class _Silence:
    """A `StepObserver` that is told and does nothing."""

    async def attempt_started(self, start: AttemptStart) -> None:
        pass

    def text(self, attempt: int, gen: int, field: str, text: str) -> None:
        pass


@dataclass
class _Work:
    """What one job does, without the job."""

    calls: list[tuple[Program, dict[str, Any]]] = field(default_factory=list)
    mechanical: list[Callable[[], BaseModel]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        return len(self.calls) + len(self.mechanical)

    async def do(self, runner: StepRunner) -> None:
        for program, inputs in self.calls:
            await runner.run(program, inputs, _Silence())
        for work in self.mechanical:
            await asyncio.to_thread(work)


def measure(say: Say) -> list[Comparison]:
    """Jobs and loops, alternately: one at a time, then many at once."""
    logs.configure("error", "console")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with _server() as (services, runner):
        works = [await _watched(services) for _ in range(_TOGETHER)]
        work = works[0]
        say(f"{work.steps} steps a job; {_ROUNDS} rounds of {_ALONE} jobs, one after the other")
        alone = await alternate_async(
            _ROUNDS, lambda: _one_by_one(services, _ALONE), lambda: _loops_one_by_one(work, runner, _ALONE)
        )
        say(f"{_ROUNDS} rounds of {_TOGETHER} jobs at once")
        together = await alternate_async(
            _ROUNDS, lambda: _at_once(services, _TOGETHER), lambda: _loops_at_once(works, runner)
        )
        say(f"{_ROUNDS} rounds of accepting")
        accepting = await alternate_async(_ROUNDS, lambda: _accepting(services), lambda: _inserting(services))
    more = median(alone[0]) - median(alone[1])
    return [
        Comparison(
            "one job", "a bare loop over its calls", "ms", *alone,
            note=f"{work.steps} steps, {more / work.steps:.1f} ms more for each",
        ),
        Comparison(f"one of {_TOGETHER} jobs at once", f"{_TOGETHER} bare loops at once", "ms", *together),
        Comparison("accepting a job", "sqlite3 inserting its rows", "ms", *accepting),
    ]  # fmt: skip


@asynccontextmanager
async def _server() -> AsyncGenerator[tuple[Services, StepRunner]]:
    with tempfile.TemporaryDirectory() as directory:
        settings = ServerSettings(data_dir=Path(directory), demo_delay=0)
        bare = StepRunner(ModelTable(settings.models, demo_delay=0))
        async with open_services(settings) as services:
            # At the end it would warn of the last workflow, which has told its job's end but not returned yet.
            logging.getLogger("dbos").setLevel(logging.ERROR)
            try:
                yield services, bare
            finally:
                await bare.aclose()


async def _watched(services: Services) -> _Work:
    """Run a job and note what it does. Each job's work is its own: it writes its own draft."""
    noted = _Work()
    run, execute_mechanical = StepRunner.run, ModuleRun.execute_mechanical

    async def noting_run(
        self: StepRunner, program: Program, inputs: dict[str, Any], *rest: Any, **more: Any
    ) -> StepResult:
        noted.calls.append((program, inputs))
        return await run(self, program, inputs, *rest, **more)

    async def noting_mechanical(self: ModuleRun, mechanical: Callable[[], BaseModel]) -> Any:
        noted.mechanical.append(mechanical)
        return await execute_mechanical(self, mechanical)

    with (
        patch.object(StepRunner, "run", noting_run),
        patch.object(ModuleRun, "execute_mechanical", noting_mechanical),
    ):
        await _run_jobs(services, 1)
    return noted


async def _one_by_one(services: Services, count: int) -> float:
    """Milliseconds per job."""
    began = time.perf_counter()
    for _ in range(count):
        await _run_jobs(services, 1)
    return (time.perf_counter() - began) / count * 1000


async def _loops_one_by_one(work: _Work, runner: StepRunner, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        await work.do(runner)
    return (time.perf_counter() - began) / count * 1000


async def _at_once(services: Services, count: int) -> float:
    began = time.perf_counter()
    await _run_jobs(services, count)
    return (time.perf_counter() - began) / count * 1000


async def _loops_at_once(works: list[_Work], runner: StepRunner) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(work.do(runner) for work in works))
    return (time.perf_counter() - began) / len(works) * 1000


async def _accepting(services: Services) -> float:
    """Milliseconds until a new job is on disk; it ends before this returns."""
    after = services.log.head
    began = time.perf_counter()
    accepted, _ = await services.jobs.create(_REQUEST, idempotency_key=None, by="benchmark")
    took = (time.perf_counter() - began) * 1000
    await _ended(services.log, [accepted.job.job_id], after)
    return took


async def _inserting(services: Services) -> float:
    """Milliseconds until the rows of a new job are on disk, beside the server's own database."""
    read = sqlite3.connect(services.settings.data_dir / "fleet.sqlite")
    # A database that was migrated has its columns in another order than one that is made of the tables as they are.
    columns = {table.name: ", ".join(column.name for column in table.columns) for table in (JOB, EVENT)}
    job, event = [read.execute(f"SELECT {columns[table.name]} FROM {table.name}").fetchone() for table in (JOB, EVENT)]
    read.close()
    beside = sqlite3.connect(services.settings.data_dir / "beside.sqlite")
    sqlite_pragmas(beside)
    for table in (JOB, EVENT):
        beside.execute(f"DROP TABLE IF EXISTS {table.name}")
        beside.execute(str(sa.schema.CreateTable(table).compile(dialect=sa.create_engine("sqlite://").dialect)))
    began = time.perf_counter()
    beside.execute("BEGIN IMMEDIATE")
    for table, row in ((JOB, job), (EVENT, event)):
        beside.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})", row)
    beside.execute("COMMIT")
    took = (time.perf_counter() - began) * 1000
    beside.close()
    return took


async def _run_jobs(services: Services, count: int) -> None:
    """Create jobs and wait for their ends."""
    after = services.log.head
    accepted = await asyncio.gather(
        *(services.jobs.create(_REQUEST, idempotency_key=None, by="benchmark") for _ in range(count))
    )
    await _ended(services.log, [job.job.job_id for job, _ in accepted], after)


async def _ended(log: EventLog, job_ids: Iterable[str], after: int) -> None:
    waiting = set(job_ids)
    while waiting:
        wake = log.wake()
        page = await log.page(after)
        for event in page.frames:
            if event.type in TERMINAL_TYPES:
                assert event.type == "completed", event.frame
                waiting.discard(event.job_id)
        after = page.scanned
        if waiting and after >= log.head:
            await wake.wait()

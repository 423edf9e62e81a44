"""The durable engine under the workflows: DBOS, set up the way the measurements say.

The workflow's version is ours, so that an edit of the source does not strand the jobs that are running. Engine and
registry are process-wide in DBOS, so there is one `Engine` at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._dbos import _get_dbos_instance
from dbos._serialization import DBOSPortableJSON
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from skill_fleet_server.database.engine import Database
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.workflows.job_queue import QUEUE, Taken, hand_back, open_queue, put_back
from skill_fleet_server.workflows.journal import Journal
from skill_fleet_server.workflows.parts import Parts
from skill_fleet_server.workflows.skill_creation import at_work, create_skill, interrupt_all, run_with, stop_all
from skill_fleet_server.workflows.storage import CHECKPOINTS_SCHEMA, kept_in
from skill_fleet_server.workflows.stranded import stranded
from skill_fleet_server.workflows.versions import WORKFLOW_VERSION, end_stranded

T = TypeVar("T")

_THREADS: Final = 32
"""Of the loop's default executor, which DBOS sets. Model calls hop through it, so it must never be short."""

_CANCEL_GRACE_S: Final = 0.5
"""How long a running job has to end itself after a cancel before it is ended for it."""

_START_AGAIN_S: Final = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Share:
    """What one process of a fleet does of the work that all share."""

    executor: str
    """Names the process among all that ever were."""
    works: bool
    """Whether it runs jobs at all."""
    jobs_per_worker: int | None
    """Most jobs at a time in one process, those that wait for a person included."""
    jobs_at_once: int | None
    """Most jobs at a time in the whole fleet."""


class Engine:
    """Starts, continues and ends the workflows of jobs."""

    def __init__(
        self, database: Database, log: EventLog, parts: Parts, checkpoints: Path, share: Share | None = None
    ) -> None:
        """Prepare the engine.

        Args:
            database: Of the log.
            log: Which says what happens to jobs.
            parts: What workflows are run with.
            checkpoints: The file for them where the database is SQLite.
            share: What of a fleet's work is done here; `None` where all work is done here.
        """
        self._database = database
        self._share = share
        self._event_log = log
        self._parts = parts
        self._checkpoints = checkpoints
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken = Taken(share.executor, CHECKPOINTS_SCHEMA) if share is not None else None

    async def launch(self) -> None:
        """Start the engine; jobs that were running when the last one stopped go on by themselves."""
        run_with(self._parts, self._event_log)
        config: DBOSConfig = {
            "name": "skill-fleet",
            **kept_in(self._database.backend, self._checkpoints),
            **({"executor_id": self._share.executor} if self._share else {}),
            "application_version": WORKFLOW_VERSION,
            "serializer": DBOSPortableJSON,
            "enable_otlp": False,
            "log_level": "WARNING",
            "max_executor_threads": _THREADS,
            # We use none of its notifications, but closing waits for the thread that polls for them.
            "notification_listener_polling_interval_sec": 0.2,
        }
        try:
            DBOS(config=config)
            if self._share is not None and not self._share.works:
                DBOS.listen_queues([])
            # Inside the running loop, so that recovered workflows run on it too.
            DBOS.launch()
            if self._share is not None:
                await open_queue(jobs_per_worker=self._share.jobs_per_worker, jobs_at_once=self._share.jobs_at_once)
            else:
                await end_stranded(self._event_log)
        except BaseException:
            await stop_all()
            raise

    async def take_over(self, executor: str) -> int:
        """Give the jobs of a process that is dead back to the queue; returns how many.

        Doing it twice, or from two processes at once, changes nothing more.

        Raises:
            StorageUnavailable: If the database refused; then some may have been given back.
        """
        return await self._aside(lambda: hand_back(executor))

    async def put_back_lost(self) -> None:
        """Give back to the queue what this process has taken from it and does not know of. Call it now and then.

        Raises:
            StorageUnavailable: If the database refused.
        """
        if (taken := self._taken) is None:
            return
        by_the_books = await self._look(taken.by_the_books)
        for job_id in taken.lost(by_the_books, asyncio.get_running_loop().time()):
            _log.warning("taken_and_lost", job_id=job_id)
            await self._aside(partial(put_back, taken.executor, job_id))

    @property
    def at_work(self) -> frozenset[str]:
        """The jobs that run in this process, those that wait for a person included."""
        return at_work()

    async def drop_all(self) -> None:
        """Interrupt every job of this process: the fleet has given them to others."""
        await interrupt_all()

    async def close(self) -> None:
        """Stop the engine. Jobs that are running stay as they are and go on at the next launch."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await stop_all()
        # DBOS has put its own threads under the loop, and ends them: whatever still runs here needs others by then, and
        # after, if something that DBOS was still doing has put its own back.
        loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(_THREADS)
        loop.set_default_executor(threads)
        await asyncio.to_thread(DBOS.destroy)
        loop.set_default_executor(threads)

    async def check(self) -> None:
        """See whether checkpoints can be read.

        Raises:
            StorageUnavailable: If they cannot.
        """
        await self._look(lambda connection: stranded(connection, (), self._schema))

    async def stranded(self, living: set[str]) -> dict[str, int]:
        """How many unfinished jobs there are of versions other than these, by version.

        Raises:
            StorageUnavailable: If the checkpoints cannot be read.
        """
        return await self._look(lambda connection: stranded(connection, living, self._schema))

    @property
    def _schema(self) -> str | None:
        return CHECKPOINTS_SCHEMA if self._database.backend.shared else None

    async def _look(self, query: Callable[[sa.Connection], T]) -> T:
        """Read checkpoints past the engine, which would go on asking a database that is away until it is back."""

        def look() -> T:
            with _get_dbos_instance()._sys_db.engine.connect() as connection:
                return query(connection)

        return await self._aside(look)

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do in a thread what asks the engine's database."""

        def translated() -> T:
            with self._database.translated():
                return work()

        return await asyncio.to_thread(translated)

    async def start(self, job_id: str) -> None:
        """Begin a job's workflow, unless it has begun; try again for as long as the engine's database refuses."""
        if self._share is not None:
            await self._begin(job_id, lambda: DBOS.enqueue_workflow_async(QUEUE, create_skill))
        else:
            await self._begin(job_id, lambda: DBOS.start_workflow_async(create_skill))

    async def fork(self, from_job: str, step: int, job_id: str) -> None:
        """Begin a job that shares the checkpoints of another one before `step`, as `start` begins one."""
        queue = QUEUE if self._share is not None else None
        await self._begin(
            job_id,
            lambda: DBOS.fork_workflow_async(from_job, step, application_version=WORKFLOW_VERSION, queue_name=queue),
        )

    async def _begin(self, job_id: str, begin: Callable[[], Awaitable[Any]]) -> None:
        while True:
            try:
                if await DBOS.get_workflow_status_async(job_id) is None:
                    with SetWorkflowID(job_id):
                        await begin()
            except (DBAPIError, NoConnectionFree):
                _log.exception("start_failed", job_id=job_id, retry_in_s=_START_AGAIN_S)
                await asyncio.sleep(_START_AGAIN_S)
            else:
                return

    async def forget(self, job_id: str) -> None:
        """Delete a job's checkpoints. Forks of it have their own."""
        if await DBOS.get_workflow_status_async(job_id) is not None:
            await DBOS.delete_workflow_async(job_id)

    def end_cancelled(self, job_id: str) -> None:
        """See to it that a job that is being cancelled ends, whether its workflow runs here or not."""
        self.own(self._end_cancelled(job_id))

    def own(self, work: Any) -> None:
        """Run a coroutine in the background; the engine cancels it when it closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    async def _end_cancelled(self, job_id: str) -> None:
        journal = Journal(self._event_log, job_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CANCEL_GRACE_S):
                while True:
                    wake = self._event_log.wake()
                    if (await journal.view()).status.is_terminal:
                        break
                    await wake.wait()
        await journal.end_cancelled()
        await DBOS.cancel_workflow_async(job_id)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background_task_failed", exc_info=error)

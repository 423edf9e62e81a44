"""What a running job tells the log, and how it learns that it is being cancelled."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

import sqlalchemy as sa
import structlog

from skill_fleet_common.events import ByData, Cancelled, DurableEvent
from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.database.tables import EVENT
from skill_fleet_server.errors import JobOver, StorageUnavailable
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction

T = TypeVar("T")

_log = structlog.get_logger(__name__)
_FIRST_DELAY_S: Final = 0.2
_LONGEST_DELAY_S: Final = 5.0


class JobCancelledError(Exception):
    """Somebody cancelled the job: its workflow is to end. Not a failure."""


class _TakenOver(Exception):
    """`JobTakenOverError`, on the writer's thread."""


class JobTakenOverError(asyncio.CancelledError):
    """Another process goes on with the job: this one has nothing more to say of it.

    As an interruption, not as an error: the workflow is not over, so the engine must not note how it ended here.
    """


class Journal:
    """One job's hand on the log.

    A job outlives a database that cannot be written for a while: the journal waits and tries again, so
    nothing that happened is left out of the log.
    """

    def __init__(self, log: EventLog, job_id: str) -> None:
        self.job_id = job_id
        self._event_log = log
        self._run: int | None = None
        """Which run of the job this is the journal of; `None` for one that may always write."""

    async def begin(self, work: Callable[[Transaction], T]) -> T:
        """Take the job up: from now on nothing is heard of any run before this one.

        Args:
            work: Tells in the log that the job starts or goes on.

        Raises:
            JobCancelledError: If the job is being cancelled, or is over.
        """

        def taken_up(tx: Transaction) -> tuple[T, int]:
            result = work(tx)
            return result, tx.view(self.job_id).run

        result, self._run = await self.transact(taken_up)
        return result

    async def emit(self, event: DurableEvent, *, key: str | None = None) -> int:
        """Append an event, once if it has a key; returns its position.

        Raises:
            JobCancelledError: If the job is being cancelled, or is over.
        """
        return await self.transact(lambda tx: tx.append(event, key=key))

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work of a job that is still wanted.

        Raises:
            JobCancelledError: If the job is being cancelled, or is over.
            JobTakenOverError: If another process goes on with it.
        """

        def while_wanted(tx: Transaction) -> T:
            status = tx.view(self.job_id).status
            if status is JobStatus.CANCELLING or status.is_terminal:
                raise JobCancelledError(self.job_id)
            return work(tx)

        return await self._persist(while_wanted)

    async def end(self, event: DurableEvent) -> None:
        """Append the job's last event, unless it has had one."""

        with suppress(JobOver):
            await self._persist(lambda tx: tx.append(event))

    async def end_cancelled(self) -> None:
        """Append `cancelled`, by whoever asked for it, unless the job has had its last event."""

        def work(tx: Transaction) -> None:
            asked = sa.select(EVENT.c.body).where(EVENT.c.job_id == self.job_id, EVENT.c.type == "job_cancelling")
            body = tx.connection.scalar(asked)
            by = json.loads(body)["data"]["by"] if body else ""
            tx.append(Cancelled(job_id=self.job_id, phase=tx.view(self.job_id).phase, data=ByData(by=by)))

        with suppress(JobOver):
            await self._persist(work)

    async def check(self) -> None:
        """Go on only if the job is still wanted.

        Raises:
            JobCancelledError: If the job is being cancelled, or is over.
        """
        await self.transact(lambda tx: None)

    async def view(self) -> JobView:
        """The job as of now."""
        return await self._persist(lambda tx: tx.view(self.job_id))

    async def _persist(self, work: Callable[[Transaction], T]) -> T:
        def unless_taken_over(tx: Transaction) -> T:
            if self._run is not None and tx.view(self.job_id).run != self._run:
                raise _TakenOver
            return work(tx)

        delay = _FIRST_DELAY_S
        while True:
            try:
                return await self._event_log.transact(unless_taken_over)
            except _TakenOver:
                _log.warning("job_taken_over", job_id=self.job_id, run=self._run)
                raise JobTakenOverError(self.job_id) from None
            except StorageUnavailable as error:
                _log.warning("log_unavailable", job_id=self.job_id, detail=error.detail, retry_in_s=delay)
                await asyncio.sleep(delay)
                delay = min(2 * delay, _LONGEST_DELAY_S)

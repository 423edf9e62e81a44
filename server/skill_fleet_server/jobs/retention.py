"""Forgetting old jobs: finished jobs past the retention go with all their records; others never do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.database.tables import EVENT, FILE, IDEMPOTENCY, JOB, LOG, PROMPT
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction

_BATCH_EVENTS: Final = 5_000
"""Most events deleted in one transaction, so that appending never waits long."""
_EVERY_S: Final = 3_600.0
_OVER: Final = [status for status in JobStatus if status.is_terminal]

_log = structlog.get_logger(__name__)


class Retention:
    """Forgets jobs that are over for long.

    Args:
        log: Where their events are.
        forget_checkpoints: Deletes what the engine keeps of a job; may be called again.
        older_than: How long ago a job must have ended to be forgotten of itself.
    """

    def __init__(
        self, log: EventLog, forget_checkpoints: Callable[[str], Awaitable[None]], older_than: timedelta
    ) -> None:  # fmt: skip
        self._log = log
        self._forget_checkpoints = forget_checkpoints
        self._older_than = older_than

    async def run(self) -> None:
        """Trim every hour until cancelled."""
        while True:
            try:
                if forgotten := await self.trim(self._older_than):
                    _log.info("trimmed", jobs=forgotten)
            except (StorageUnavailable, DBAPIError) as error:
                _log.warning("trim_failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def count(self, older_than: timedelta) -> int:
        """How many jobs `trim` would forget."""
        return await self._log.transact(lambda tx: _count(tx, older_than))

    async def trim(self, older_than: timedelta) -> int:
        """Forget finished jobs that ended longer ago than this; returns how many.

        Drafts on disk stay: they are the person's. What is cut short goes on with the next trim: the job's own record
        goes last.
        """
        forgotten = 0
        while job_id := await self._log.transact(lambda tx: _oldest(tx, older_than)):
            await self._forget_checkpoints(job_id)
            while await self._log.transact(lambda tx, job_id=job_id: _trim_events(tx, job_id)):
                pass
            self._log.trimmed = await self._log.transact(lambda tx, job_id=job_id: _forget(tx, job_id))
            forgotten += 1
        return forgotten


def _count(tx: Transaction, older_than: timedelta) -> int:
    query = sa.select(sa.func.count()).select_from(JOB)
    return tx.connection.scalar(query.where(JOB.c.status.in_(_OVER), JOB.c.updated_at < tx.now - older_than)) or 0


def _oldest(tx: Transaction, older_than: timedelta) -> str | None:
    query = (
        sa.select(JOB.c.job_id)
        .where(JOB.c.status.in_(_OVER), JOB.c.updated_at < tx.now - older_than)
        .order_by(JOB.c.updated_at)
        .limit(1)
    )
    return tx.connection.scalar(query)


def _trim_events(tx: Transaction, job_id: str) -> bool:
    """Delete some of a job's events; false when none are left."""
    some = sa.select(EVENT.c.pos).where(EVENT.c.job_id == job_id).order_by(EVENT.c.pos).limit(_BATCH_EVENTS)
    positions = tx.connection.scalars(some).all()
    if not positions:
        return False
    tx.connection.execute(sa.delete(EVENT).where(EVENT.c.job_id == job_id, EVENT.c.pos <= positions[-1]))
    highest = sa.case((LOG.c.trimmed < positions[-1], positions[-1]), else_=LOG.c.trimmed)
    tx.connection.execute(sa.update(LOG).values(trimmed=highest))
    return True


def _forget(tx: Transaction, job_id: str) -> int:
    for table in (PROMPT, FILE, IDEMPOTENCY, JOB):
        tx.connection.execute(sa.delete(table).where(table.c.job_id == job_id))
    return tx.connection.scalar(sa.select(LOG.c.trimmed)) or 0

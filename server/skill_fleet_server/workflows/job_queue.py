"""The queue through which the processes of a fleet share their jobs. For the engine alone."""

from typing import Final

import sqlalchemy as sa
from dbos import DBOS
from dbos._dbos import _get_dbos_instance

from skill_fleet_server.workflows.versions import WORKFLOW_VERSION

QUEUE: Final = "jobs"

_LOOK_S: Final = 0.25
"""Between two looks of one process."""

_LOST_AFTER_S: Final = 3.0
"""How long a job may be taken and not run before it is given back. What lies between are milliseconds."""


async def open_queue(*, jobs_per_worker: int | None, jobs_at_once: int | None) -> None:
    """Begin to take jobs.

    Args:
        jobs_per_worker: Most jobs at a time in one process.
        jobs_at_once: Most jobs at a time in the whole fleet.
    """
    _look_again_soon()
    await DBOS.register_queue_async(
        QUEUE,
        worker_concurrency=jobs_per_worker,
        global_concurrency=jobs_at_once,
        polling_interval_sec=_LOOK_S,
        on_conflict="always_update",
    )


def hand_back(executor: str) -> int:
    """Put the jobs of another process back; returns how many."""
    pending = _get_dbos_instance()._sys_db.get_pending_workflows(executor, WORKFLOW_VERSION)
    return sum(put_back(executor, workflow.workflow_id) for workflow in pending)


def put_back(executor: str, job_id: str) -> bool:
    """Put a job back, if this process has it; true if it had."""
    return _get_dbos_instance()._sys_db.reenqueue_for_recovery(job_id, [executor], QUEUE)


class Taken:
    """The jobs that a process has taken from the queue, and which of them it does not know of.

    A job is taken by a commit. When the answer to it is lost, as with a connection that breaks then, the job is this
    process's in the eyes of all, and it never begins: nobody would run it for as long as the process lives.
    """

    def __init__(self, executor: str, schema: str) -> None:
        """`schema` is where the engine's tables are."""
        self.executor = executor
        self._schema = schema
        self._idle_since: dict[str, float] = {}

    def by_the_books(self, connection: sa.Connection) -> set[str]:
        """The jobs that this process has, as the database says."""
        columns = (sa.column(name) for name in ("workflow_uuid", "status", "executor_id"))
        status = sa.table("workflow_status", *columns, schema=self._schema)
        query = sa.select(status.c.workflow_uuid).where(
            status.c.status == "PENDING", status.c.executor_id == self.executor
        )
        return set(connection.scalars(query))

    def lost(self, taken: set[str], now: float) -> list[str]:
        """Those of the jobs taken that have not been running for a while, by the loop's clock. Each is told once."""
        idle = taken.difference(_get_dbos_instance()._active_workflows_set.activeList())
        self._idle_since = {job_id: self._idle_since.get(job_id, now) for job_id in idle}
        lost = [job_id for job_id, since in self._idle_since.items() if now - since >= _LOST_AFTER_S]
        for job_id in lost:
            # If it comes back here, it has its time to begin again.
            del self._idle_since[job_id]
        return lost


def _look_again_soon() -> None:
    """See to it that a look that came to nothing because another process took jobs meanwhile is repeated in its time.

    Where the fleet's jobs at a time are limited, what a process sees must still be true when it takes a job; if it is
    not, PostgreSQL refuses. DBOS would look half as often after each refusal, down to once in two minutes, and has no
    setting for it. But somebody has taken jobs whenever another could not, and a queue that is empty is looked at
    as often. So a refusal is to it what a row is that another process has locked.
    """
    system = _get_dbos_instance()._sys_db
    is_locked, is_overtaken = system.is_lock_conflict, system.is_serialization_conflict
    system.is_lock_conflict = lambda error: is_locked(error) or is_overtaken(error)

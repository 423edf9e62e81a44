"""The queue through which the processes of a fleet share their jobs. For the engine alone."""

from typing import Final

from dbos import DBOS
from dbos._dbos import _get_dbos_instance

from skill_fleet_server.workflows.versions import WORKFLOW_VERSION

QUEUE: Final = "jobs"

_LOOK_S: Final = 0.25
"""Between two looks of one process."""


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
    system = _get_dbos_instance()._sys_db
    pending = system.get_pending_workflows(executor, WORKFLOW_VERSION)
    return sum(system.reenqueue_for_recovery(workflow.workflow_id, [executor], QUEUE) for workflow in pending)


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

"""From a sentence to a skill: the story of every job, in three phases."""

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog
from dbos import DBOS
from dbos._error import DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError
from sqlalchemy.exc import DBAPIError

from skill_fleet_common.api import CreateJob
from skill_fleet_common.events import Failed, JobResumed, JobResumedData, JobStarted
from skill_fleet_common.jobs import JobError, JobStatus
from skill_fleet_server.database.tables import JOB
from skill_fleet_server.errors import NotFound
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.hitl.prepared import read_prepared
from skill_fleet_server.workflows.generation import generate
from skill_fleet_server.workflows.job_run import JobFailedError, JobRun
from skill_fleet_server.workflows.journal import JobCancelledError, Journal
from skill_fleet_server.workflows.parts import Parts
from skill_fleet_server.workflows.understanding import understand
from skill_fleet_server.workflows.validation import validate

_log = structlog.get_logger(__name__)

_INTERNAL: Final = JobError(
    code="internal",
    message="Something unexpected went wrong in the server.",
    hint="Retry the job; the server's log says more.",
)

_STORAGE: Final = JobError(
    code="storage_unavailable",
    message="The checkpoints could not be written: the disk is full, or the data directory cannot be written.",
    hint="Make room or mend the permissions, then retry the job.",
)

# The engine calls workflows by name, in whatever process recovers them, so what they need is process-wide.
_parts: Parts | None = None
_event_log: EventLog | None = None
_running: dict[asyncio.Task[None], str] = {}
"""Tasks and their jobs."""


def run_with(parts: Parts, log: EventLog) -> None:
    """Say with which parts of the server workflows run in this process.

    Raises:
        RuntimeError: If another server's workflows run here: there is one engine per process.
    """
    global _parts, _event_log
    if _parts is not None:
        raise RuntimeError("workflows of another server run in this process; close it first")
    _parts, _event_log = parts, log


def at_work() -> frozenset[str]:
    """The jobs whose workflows run in this process."""
    return frozenset(_running.values())


async def stop_all() -> None:
    """Interrupt every workflow of this process, and let none begin."""
    global _parts, _event_log
    await interrupt_all()
    _parts = _event_log = None


async def interrupt_all() -> None:
    """Interrupt every workflow of this process, as a crash would: each goes on when it is recovered."""
    interrupted = list(_running)
    for task in interrupted:
        task.cancel()
    await asyncio.gather(*interrupted, return_exceptions=True)


async def tell_story(job: JobRun) -> None:
    """The workflow, as a person would tell it."""
    understood = await understand(job)
    written = await generate(job, understood)
    await validate(job, understood, written)


@DBOS.workflow(name="create_skill", max_recovery_attempts=None)
async def create_skill() -> None:
    """Run one job from its first step to its last event. The workflow's id is the job's."""
    if _parts is None or _event_log is None:
        # The engine had taken it from the queue while this process was ending. As an interruption: any other end would
        # be noted as the workflow's.
        raise asyncio.CancelledError
    assert DBOS.workflow_id is not None
    journal = Journal(_event_log, DBOS.workflow_id)
    task = asyncio.current_task()
    assert task is not None
    _running[task] = journal.job_id
    structlog.contextvars.bind_contextvars(job_id=journal.job_id)  # of this task alone
    try:
        await tell_story(await _begin(journal, _parts))
    except JobCancelledError:
        await journal.end_cancelled()
    except JobFailedError as failure:
        await journal.end(Failed(job_id=journal.job_id, data=failure.error))
    except (DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError):
        # The engine has taken the workflow from this process; whoever has it now tells how it ends.
        raise
    except DBAPIError:
        _log.exception("checkpoint_failed", job_id=journal.job_id)
        await journal.end(Failed(job_id=journal.job_id, data=_STORAGE))
    except NotFound:
        _log.warning("job_is_gone", job_id=journal.job_id)
    except Exception:
        _log.exception("workflow_failed", job_id=journal.job_id)
        await journal.end(Failed(job_id=journal.job_id, data=_INTERNAL))
    finally:
        _running.pop(task, None)


async def _begin(journal: Journal, parts: Parts) -> JobRun:
    """Tell that the job starts, or goes on."""

    def work(tx: Transaction) -> JobRun:
        view = tx.view(journal.job_id)
        if view.status is JobStatus.PENDING:
            tx.append(JobStarted(job_id=journal.job_id))
        else:
            resumed = JobResumedData(reason="taken_over" if parts.is_fleet else "restarted")
            tx.append(JobResumed(job_id=journal.job_id, phase=view.phase, data=resumed))
        stored = tx.connection.scalar(sa.select(JOB.c.request).where(JOB.c.job_id == journal.job_id))
        request = CreateJob.model_validate(stored)
        return JobRun(parts, journal, request, view, read_prepared(tx.connection, journal.job_id))

    return await journal.begin(work)

"""The workflows' version, and what becomes of jobs that another one began.

A job's checkpoints can be gone on with only by the workflows that made them. The version is ours, so that an
edit of the source does not strand the jobs that are running: it counts up when a change to the workflows would
not replay the checkpoints of such jobs.
"""

from contextlib import suppress
from typing import Final

import structlog
from dbos import DBOS

from skill_fleet_common.events import Failed
from skill_fleet_common.jobs import JobError, JobStatus
from skill_fleet_server.errors import JobOver, NotFound
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.hitl.prompts import resolve_prompt

WORKFLOW_VERSION: Final = "2"

_OTHER_VERSION: Final = JobError(
    code="other_version",
    message="It was begun by another version of Skill Fleet, which this one cannot go on with.",
    hint="Retry it: it begins again with what it was asked for.",
)

_log = structlog.get_logger(__name__)


async def is_ours(job_id: str) -> bool:
    """Whether this version can go on with a job's checkpoints; true if it has none."""
    status = await DBOS.get_workflow_status_async(job_id)
    return status is None or status.app_version == WORKFLOW_VERSION


async def end_stranded(log: EventLog) -> None:
    """End the jobs that another version left unfinished. Only for a server beside which no other one can run."""
    unfinished = await DBOS.list_workflows_async(
        status=["PENDING", "ENQUEUED"], load_input=False, load_output=False
    )  # fmt: skip
    for workflow in unfinished:
        if workflow.app_version == WORKFLOW_VERSION:
            continue
        _log.warning("job_of_another_version", job_id=workflow.workflow_id, version=workflow.app_version)
        with suppress(JobOver, NotFound):
            await log.transact(lambda tx, job_id=workflow.workflow_id: _end(tx, job_id))
        await DBOS.cancel_workflow_async(workflow.workflow_id)


def _end(tx: Transaction, job_id: str) -> None:
    view = tx.view(job_id)
    if view.status is JobStatus.CANCELLING:
        return
    if view.prompt is not None:
        resolve_prompt(tx, view.prompt.prompt_id, "withdrawn")
    tx.append(Failed(job_id=job_id, phase=view.phase, data=_OTHER_VERSION))

"""From which of its checkpoints a job can be taken up again, by another job: a retry or a fork.

A checkpoint has a number, in the order in which the job came to it, and the name of its step. Needs an engine that
runs.
"""

from collections.abc import Iterable
from typing import Final

from dbos import DBOS
from dbos._sys_db import StepInfo

from skill_fleet_server.errors import JobStateConflict
from skill_fleet_server.workflows.versions import is_ours

_FIRST: Final = 1
"""The number of a job's first checkpoint."""


async def failed_checkpoint(job_id: str, step: str) -> int:
    """The number of the first checkpoint that another try of a failed job must not share.

    Args:
        job_id: The job that failed.
        step: Where it failed; when that is not known, it is where the checkpoints end or hold an error.
    """
    if not await is_ours(job_id):
        return _FIRST
    return first_to_try_again(await DBOS.list_workflow_steps_async(job_id), step)


async def checkpoint_of(job_id: str, step: str) -> int:
    """The number of a job's checkpoint by its name; of the first one where the name is empty.

    Raises:
        JobStateConflict: If the job has no such checkpoint, or not yet.
    """
    if not await is_ours(job_id):
        if step:
            raise JobStateConflict("Another version of Skill Fleet made this job: fork it from the beginning.")
        return _FIRST
    names = {one["function_name"]: one["function_id"] for one in await DBOS.list_workflow_steps_async(job_id)}
    if not step:
        return min(names.values(), default=_FIRST)
    if step not in names:
        known = ", ".join(names) or "none yet"
        raise JobStateConflict(f"The job has no finished step {step}. It can be forked from: {known}.")
    return names[step]


def first_to_try_again(checkpoints: Iterable[StepInfo], failed_at: str) -> int:
    """The number of the first checkpoint that failed, or of the one after the last if none did.

    A module that failed beside the one of which the job told keeps its failure as an outcome: shared, it would fail
    the next try before anything was tried.
    """
    last = 0
    for checkpoint in checkpoints:
        outcome = checkpoint["output"]
        told = isinstance(outcome, dict) and outcome.get("error") is not None
        if told or checkpoint["error"] is not None or checkpoint["function_name"] == failed_at:
            return checkpoint["function_id"]
        last = max(last, checkpoint["function_id"])
    return last + 1

"""`create`: start a job, and stay with it until it is over, asking the person at the terminal what it asks."""

import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from skill_fleet_common import limits
from skill_fleet_common.api import CreateJob, JobAccepted
from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_common.prompts import Checkpoint
from skill_fleet_tui.cli.answers import ask_and_send
from skill_fleet_tui.cli.exits import Exit, exit_for_status
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.cli.watch import follow_until, job_document
from skill_fleet_tui.client.errors import UsageProblem
from skill_fleet_tui.client.follow import Follower
from skill_fleet_tui.client.sources import read_sources


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    task: str
    """`-`: read it from the standard input."""
    sources: Sequence[Path] = ()
    auto_approve: bool = False
    model: str | None = None
    checkpoints: Sequence[Checkpoint] = ()
    """Empty: all."""


def create(session: Session, wish: Wish, *, wait: bool) -> Exit:
    """Start a job; with `wait`, stay until it is over."""
    job = _job(session, wish)
    key = str(uuid.uuid4())
    accepted: JobAccepted = session.request(lambda api: api.create_job(job, idempotency_key=key))
    session.job_id = accepted.job.job_id
    if not wait:
        if session.json:
            session.document(accepted)
        else:
            session.line(f"Created {session.job_id}")
        return Exit.OK
    return stay(session, session.job_id)


def stay(session: Session, job_id: str) -> Exit:
    """Stay with a job until it is over, or asks and there is nobody to ask."""
    session.job_id = job_id
    follower = Follower([job_id])
    answered: set[tuple[str, int]] = set()

    def needs_us(follower: Follower) -> bool:
        view = follower.views.get(job_id)
        if view is None or view.prompt is None:
            return view is not None and view.status.is_terminal
        # The event of an answer is on its way: until it is here, the job seems to ask still.
        return (view.prompt.prompt_id, view.prompt.version) not in answered

    while True:
        follow_until(session, follower, needs_us)
        view = follower.views[job_id]
        if view.prompt is None or not session.can_ask or not ask_and_send(session, view.prompt):
            return _leave(session, view)
        answered.add((view.prompt.prompt_id, view.prompt.version))


def _leave(session: Session, view: JobView) -> Exit:
    if session.json:
        session.document(job_document(view))
    elif view.status is JobStatus.PENDING_HITL:
        session.note(f"The job asks and waits. Answer with: skill-fleet answer {view.job_id}", "yellow")
    elif view.draft_path:
        if session.data_dir:
            session.note(f"The draft is in {session.data_dir / view.draft_path}")
        session.note(f"Keep it: skill-fleet skills promote {view.job_id}")
    elif view.status is JobStatus.FAILED and view.error and view.error.retryable:
        session.note(f"Try again with: skill-fleet jobs retry {view.job_id}")
    return exit_for_status(view.status)


def _job(session: Session, wish: Wish) -> CreateJob:
    task = sys.stdin.read(limits.TASK_CHARACTERS + 1) if wish.task == "-" else wish.task
    sources = read_sources(list(wish.sources))
    if sources.skipped:
        session.note(f"Passed over {sources.skipped} hidden, binary or empty files.")
    try:
        return CreateJob(
            task_description=task,
            sources=sources.read,
            auto_approve=wish.auto_approve,
            model=wish.model,
            checkpoints=list(wish.checkpoints) or list(Checkpoint),
        )
    except ValidationError as error:
        raise UsageProblem("\n".join(_complaint(one) for one in error.errors())) from error


def _complaint(error: ErrorDetails) -> str:
    if error["type"] == "string_too_long":
        return f"The description is too long; at most {limits.TASK_CHARACTERS:,} characters can be used."
    return error["msg"].removeprefix("Value error, ")

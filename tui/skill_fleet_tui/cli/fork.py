"""`jobs fork`: a job that goes another way from one of another job's steps."""

import uuid

from skill_fleet_common.api import ForkJob
from skill_fleet_common.events import HitlPause
from skill_fleet_common.prompts import AnswerBody, Prompt
from skill_fleet_tui.cli.answers import GivenAnswer, request_from_flags
from skill_fleet_tui.cli.create import stay
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import UsageProblem

_QUESTION = "ask/"


def fork_job(
    session: Session, job_id: str, step: str, task: str | None, given: GivenAnswer, *, wait: bool
) -> Exit:  # fmt: skip
    """Begin the fork, and stay with it if `wait`."""
    answer = _answer(session, job_id, step, given) if given.action or given.feedback or given.values else None
    wish = ForkJob(from_step=step, answer=answer, task_description=task)
    key = str(uuid.uuid4())
    accepted = session.request(lambda api: api.fork(job_id, wish, idempotency_key=key))
    if wait:
        return stay(session, accepted.job.job_id)
    if session.json:
        session.document(accepted)
    else:
        session.line(f"Goes another way as {accepted.job.job_id}")
    return Exit.OK


def _answer(session: Session, job_id: str, step: str, given: GivenAnswer) -> AnswerBody:
    if not step.startswith(_QUESTION):
        raise UsageProblem("An answer goes with a question: name it with --from, as in --from ask/confirm.1.")
    prompt = session.request(lambda api: _asked(api, job_id, f"{job_id}.{step.removeprefix(_QUESTION)}"))
    if prompt is None:
        raise UsageProblem(f"{job_id} never asked {step}.")
    return AnswerBody(**request_from_flags(prompt, given).model_dump(exclude={"prompt_id", "version"}))


async def _asked(api: ApiClient, job_id: str, prompt_id: str) -> Prompt | None:
    async for event in api.all_events(job_id):
        if isinstance(event, HitlPause) and event.data.prompt.prompt_id == prompt_id:
            return event.data.prompt
    return None

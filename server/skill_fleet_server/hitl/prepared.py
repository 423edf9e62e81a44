"""Answers that were given before their question: with a fork, for the question where it begins."""

import sqlalchemy as sa
from pydantic import BaseModel, TypeAdapter

from skill_fleet_common.actions import ActionKeywords
from skill_fleet_common.prompts import AnswerBody, AnswerInvalid, AnswerRequest, Prompt, check_answer
from skill_fleet_server.database.tables import JOB, PROMPT
from skill_fleet_server.errors import Invalid, JobStateConflict
from skill_fleet_server.hitl.prompts import Prompts

_PROMPT: TypeAdapter[Prompt] = TypeAdapter(Prompt)


class PreparedAnswer(BaseModel):
    """An answer that waits for its question."""

    at: str
    """The prompt's id without its job's: `clarify.1`."""
    answer: AnswerBody
    by: str
    """Who gave it."""


def prepare(
    connection: sa.Connection, job_id: str, at: str, answer: AnswerBody, by: str, keywords: ActionKeywords
) -> PreparedAnswer:
    """An answer for the same question in another job, checked against the question as this job asked it.

    Raises:
        JobStateConflict: If the job never asked that.
        Invalid: If the answer does not fit.
    """
    stored = connection.scalar(sa.select(PROMPT.c.prompt).where(PROMPT.c.prompt_id == f"{job_id}.{at}"))
    if stored is None:
        raise JobStateConflict(f"The job never asked {at or 'anything at its beginning'}, so nothing can answer it.")
    prompt = _PROMPT.validate_json(stored)
    try:
        check_answer(prompt, _request(prompt, answer), keywords)
    except AnswerInvalid as error:
        raise Invalid("The answer does not fit its question.", errors=error.errors) from None
    return PreparedAnswer(at=at, answer=answer, by=by)


async def answer_prepared(prompts: Prompts, prompt: Prompt, prepared: PreparedAnswer) -> None:
    """Answer a question that was just asked, if it still is as it was when it was answered."""
    key = f"prepared:{prompt.prompt_id}"
    try:
        await prompts.answer(prompt.job_id, _request(prompt, prepared.answer), idempotency_key=key, by=prepared.by)
    except Invalid:
        # Another model, another question: the person is asked.
        return


def read_prepared(connection: sa.Connection, job_id: str) -> PreparedAnswer | None:
    """What was given with a job when it was forked."""
    stored = connection.scalar(sa.select(JOB.c.fork_answer).where(JOB.c.job_id == job_id))
    return PreparedAnswer.model_validate(stored) if stored else None


def _request(prompt: Prompt, answer: AnswerBody) -> AnswerRequest:
    return AnswerRequest(prompt_id=prompt.prompt_id, version=prompt.version, **answer.model_dump())

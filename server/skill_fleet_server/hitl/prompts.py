"""Prompts and their answers. Each change is one transaction with the event that tells of it."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
import structlog
from pydantic import TypeAdapter

from skill_fleet_common.actions import Action, ActionKeywords
from skill_fleet_common.api import AnswerAccepted
from skill_fleet_common.events import (
    ByData,
    HitlPause,
    HitlPauseData,
    HitlResolved,
    HitlResolvedData,
    JobCancelling,
)
from skill_fleet_common.prompts import Answer, AnswerInvalid, AnswerRequest, Prompt, check_answer
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import JOB, PROMPT, PromptRow
from skill_fleet_server.errors import (
    AlreadyAnswered,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    PromptGone,
    StorageUnavailable,
    VersionConflict,
)
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.hitl.signals import Signals

_TOLD_CHARACTERS: Final = 2_000
"""Most of a free text that the event of an answer repeats."""

_AGAIN_S: Final = 1.0
"""Before a database that refused is asked again."""

_log = structlog.get_logger(__name__)
_PROMPT: TypeAdapter[Prompt] = TypeAdapter(Prompt)


class Prompts:
    """All prompts of all jobs."""

    def __init__(self, database: Database, log: EventLog, signals: Signals, keywords: ActionKeywords) -> None:
        self._database = database
        self._log = log
        self._signals = signals
        self._keywords = keywords

    async def open(self, *, created_by: str | None = None) -> list[Prompt]:
        """Every open prompt, oldest first; of this principal's jobs only, if one is named."""
        query = sa.select(PROMPT.c.prompt).where(PROMPT.c.status == "open").order_by(PROMPT.c.opened_pos)
        if created_by is not None:
            query = query.join(JOB, PROMPT.c.job_id == JOB.c.job_id).where(JOB.c.created_by == created_by)
        rows = await self._database.read(lambda connection: connection.scalars(query).all())
        return [_PROMPT.validate_json(row) for row in rows]

    async def of(self, job_id: str) -> Prompt:
        """A job's open prompt.

        Raises:
            NotFound: If the job asks nothing.
        """
        query = sa.select(PROMPT.c.prompt).where(PROMPT.c.job_id == job_id, PROMPT.c.status == "open")
        row = await self._database.read(lambda connection: connection.scalar(query))
        if row is None:
            raise NotFound(f"The job {job_id} asks nothing at the moment.")
        return _PROMPT.validate_json(row)

    async def answer(
        self, job_id: str, request: AnswerRequest, *, idempotency_key: str | None, by: str
    ) -> AnswerAccepted:
        """Take an answer, if it is the first to fit.

        Raises:
            NotFound: If the job never asked this.
            AlreadyAnswered, VersionConflict, PromptGone, IdempotencyKeyReused, Invalid: As the protocol says.
        """
        return await self._log.transact(lambda tx: self._answer(tx, job_id, request, idempotency_key, by))

    async def wait(self, prompt_id: str) -> Answer:
        """The answer to a prompt, as soon as there is one; at once if there is one already.

        A database that refuses is tried again: somebody may be about to answer.

        Raises:
            PromptGone: If it expired or was withdrawn.
        """
        with self._signals.prompt(prompt_id) as resolved:
            while True:
                resolved.clear()
                try:
                    if answer := await self._answered(prompt_id, resolved):
                        return answer
                except StorageUnavailable as error:
                    _log.warning("wait_for_answer_delayed", prompt_id=prompt_id, detail=error.detail)
                    await asyncio.sleep(_AGAIN_S)

    async def _answered(self, prompt_id: str, resolved: asyncio.Event) -> Answer | None:
        """The answer; `None` after a wait in which something has happened to the prompt."""
        row = await self._database.read(lambda connection: _read(connection, prompt_id))
        if row is not None and row.status == "answered":
            return Answer.model_validate(row.answer)
        if row is None or row.status != "open":
            raise PromptGone(f"The prompt {prompt_id} was {row.status if row else 'never asked'}.")
        try:
            async with asyncio.timeout(_seconds_left(row)):
                await resolved.wait()
        except TimeoutError:
            await self._log.transact(lambda tx: resolve_prompt(tx, prompt_id, "expired"))
        return None

    def _answer(
        self, tx: Transaction, job_id: str, request: AnswerRequest, key: str | None, by: str
    ) -> AnswerAccepted:  # fmt: skip
        row = _row(tx, request.prompt_id)
        if row is None or row.job_id != job_id:
            raise NotFound(f"The job {job_id} has no prompt {request.prompt_id}.")
        digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
        if row.status == "answered":
            return _repeat(row, key, digest)
        if key is not None:
            _refuse_key_of_another(tx, key, row.prompt_id)
        if row.status != "open" or tx.view(job_id).status.is_terminal:
            raise PromptGone(f"This prompt was {row.status}." if row.status != "open" else "The job is over.")
        prompt = _PROMPT.validate_json(row.prompt)
        if prompt.expires_at is not None and prompt.expires_at <= tx.now:
            raise PromptGone("This prompt has expired.")
        if request.version != row.version:
            raise VersionConflict(
                f"You answered version {request.version}; version {row.version} is open. Read it and answer that.",
                prompt=prompt.model_dump(mode="json"),
            )
        try:
            answer = check_answer(prompt, request, self._keywords)
        except AnswerInvalid as error:
            raise Invalid("The answer does not fit its prompt, which stays open.", errors=error.errors) from None
        return _accept(tx, row, answer, key=key, digest=digest, by=by)


def open_prompt(tx: Transaction, prompt: Prompt) -> None:
    """Open a prompt and tell of it, unless it was opened before."""
    if _row(tx, prompt.prompt_id) is not None:
        return
    phase = tx.view(prompt.job_id).phase
    pos = tx.append(HitlPause(job_id=prompt.job_id, phase=phase, data=HitlPauseData(prompt=prompt)))
    row = PromptRow(
        prompt_id=prompt.prompt_id,
        job_id=prompt.job_id,
        version=prompt.version,
        status="open",
        prompt=prompt.model_dump_json(),
        opened_pos=pos,
    )
    tx.connection.execute(sa.insert(PROMPT).values(**row.model_dump()))


def resolve_prompt(
    tx: Transaction, prompt_id: str, outcome: Literal["expired", "withdrawn"], *, by: str = ""
) -> None:  # fmt: skip
    """End an open prompt without an answer."""
    row = _row(tx, prompt_id)
    if row is None or row.status != "open":
        return
    tx.connection.execute(sa.update(PROMPT).where(PROMPT.c.prompt_id == prompt_id).values(status=outcome))
    tx.append(
        HitlResolved(
            job_id=row.job_id,
            phase=tx.view(row.job_id).phase,
            data=HitlResolvedData(prompt_id=prompt_id, outcome=outcome, by=by),
        )
    )


def _accept(
    tx: Transaction, row: PromptRow, answer: Answer, *, key: str | None, digest: str, by: str
) -> AnswerAccepted:
    resolved = HitlResolvedData(
        prompt_id=row.prompt_id,
        outcome="answered",
        action=answer.action,
        by=by,
        answers=_shortened(answer.answers),
        feedback=_shortened(answer.feedback),
        edited=sorted(answer.edits),
    )
    pos = tx.append(HitlResolved(job_id=row.job_id, phase=tx.view(row.job_id).phase, data=resolved))
    tx.connection.execute(
        sa.update(PROMPT)
        .where(PROMPT.c.prompt_id == row.prompt_id, PROMPT.c.status == "open")
        .values(
            status="answered",
            answer=answer.model_dump(mode="json"),
            answer_key=key,
            answer_digest=digest,
            answered_by=by,
            answered_at=tx.now,
            answered_pos=pos,
        )
    )
    if answer.action is Action.CANCEL:
        tx.append(JobCancelling(job_id=row.job_id, data=ByData(by=by)))
    return AnswerAccepted(position=pos)


def _shortened(value: Any) -> Any:
    """An answer as its event tells it: an event fits a frame, the whole answer is with its prompt."""
    match value:
        case str():
            return value if len(value) <= _TOLD_CHARACTERS else value[:_TOLD_CHARACTERS] + "…"
        case dict():
            return {name: _shortened(item) for name, item in value.items()}
        case list():
            return [_shortened(item) for item in value]
    return value


def _repeat(row: PromptRow, key: str | None, digest: str) -> AnswerAccepted:
    if key is not None and key == row.answer_key:
        if digest != row.answer_digest:
            raise IdempotencyKeyReused("This key came with another answer. Use a new key for a new answer.")
        return AnswerAccepted(position=row.answered_pos or 0, replayed=True)
    raise AlreadyAnswered(
        f"Answered by {row.answered_by or 'somebody'} before you.",
        answer=row.answer,
        by=row.answered_by,
        at=row.answered_at.isoformat() if row.answered_at else None,
    )


def _refuse_key_of_another(tx: Transaction, key: str, prompt_id: str) -> None:
    used = sa.select(PROMPT.c.prompt_id).where(PROMPT.c.answer_key == key, PROMPT.c.prompt_id != prompt_id)
    if tx.connection.scalar(used) is not None:
        raise IdempotencyKeyReused("This key came with the answer to another prompt. Use a new key.")


def _row(tx: Transaction, prompt_id: str) -> PromptRow | None:
    return _read(tx.connection, prompt_id)


def _read(connection: sa.Connection, prompt_id: str) -> PromptRow | None:
    found = connection.execute(sa.select(PROMPT).where(PROMPT.c.prompt_id == prompt_id)).mappings().one_or_none()
    return PromptRow(**found) if found else None


def _seconds_left(row: PromptRow) -> float | None:
    """Until the prompt expires; `None` if it never does."""
    expires_at = _PROMPT.validate_json(row.prompt).expires_at
    return None if expires_at is None else max(0.0, (expires_at - datetime.now(UTC)).total_seconds())

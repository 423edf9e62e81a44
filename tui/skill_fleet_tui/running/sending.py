"""Sends an answer, once, until it is known what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol
from uuid import uuid4

from skill_fleet_common.api import AnswerAccepted
from skill_fleet_common.prompts import AnswerRequest
from skill_fleet_tui.client.errors import ClientError, Refused, Unreachable
from skill_fleet_tui.running.slowness import said_when_slow
from skill_fleet_tui.store.draft import AnswerDraft

PAUSE_SECONDS: Final = 1.0
"""Between attempts while the server cannot be reached."""

SLOW: Final = "The server does not answer. It is sent as soon as the server does; u takes it back, esc leaves it."

CONFLICT, GONE, INVALID = 409, 410, 422


class Answers(Protocol):
    """Whoever can take an answer."""

    async def answer(self, job_id: str, answer: AnswerRequest, *, idempotency_key: str) -> AnswerAccepted:
        """Take it, under its key."""
        ...


async def send_answer(
    api: Answers,
    job_id: str,
    request: AnswerRequest,
    draft: AnswerDraft,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Send an answer and write into its draft what became of it.

    The same key goes with every attempt, so that an answer whose reply was lost is not given twice. A new one
    is made only when the server has surely refused.
    """
    draft.sending, draft.notice, draft.errors = True, "", {}
    draft.touch()

    def slow() -> None:
        draft.notice = SLOW
        draft.touch()

    try:
        while True:
            try:
                async with said_when_slow(slow, sleep=sleep):
                    await api.answer(job_id, request, idempotency_key=draft.key)
            except Unreachable as error:
                draft.notice = f"Not sent yet: {error.message} Trying again."
                draft.touch()
                await sleep(PAUSE_SECONDS)
            except ClientError as error:
                _refused(error, draft)
                return
            else:
                draft.accepted, draft.notice = True, ""
                return
    finally:
        draft.sending = False
        draft.touch()


def _refused(error: ClientError, draft: AnswerDraft) -> None:
    draft.key = uuid4().hex
    said = error.message if not error.hint else f"{error.message} {error.hint}"
    draft.notice = f"Not sent: {said} Your answer is kept; ⏎ sends it again."
    if not isinstance(error, Refused):
        return
    problem = error.problem
    if error.status == CONFLICT and problem.code == "already_answered":
        by = problem.extra("by")  # noqa: S610 (no database here)
        draft.close(f"Answered elsewhere{f' by {by}' if by else ''}.")
    elif error.status == CONFLICT:
        draft.notice = "The question has changed; look at it again before you answer."
    elif error.status == GONE:
        draft.close(problem.detail or "This question is closed: nobody waits for its answer any more.")
    elif error.status == INVALID and problem.errors:
        draft.notice = ""
        draft.errors = {item.field: item.message for item in problem.errors}

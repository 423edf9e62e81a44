"""One answer, one key, until it is known what became of it."""

import asyncio
from typing import Any

import pytest

from skill_fleet_common.actions import Action
from skill_fleet_common.api import AnswerAccepted
from skill_fleet_common.problems import FieldError, Problem
from skill_fleet_common.prompts import AnswerRequest
from skill_fleet_tui.client.errors import ClientError, Refused, Unreachable
from skill_fleet_tui.running.sending import send_answer
from skill_fleet_tui.running.slowness import SLOW_SECONDS
from skill_fleet_tui.store.draft import AnswerDraft

REQUEST = AnswerRequest(prompt_id="p", version=1, action=Action.PROCEED)


class Server:
    """Replies in turn."""

    def __init__(self, *replies: ClientError | None) -> None:
        self._replies = list(replies)
        self.keys: list[str] = []

    async def answer(self, job_id: str, answer: AnswerRequest, *, idempotency_key: str) -> AnswerAccepted:
        self.keys.append(idempotency_key)
        reply = self._replies.pop(0)
        if reply is not None:
            raise reply
        return AnswerAccepted(position=9)


def refusal(
    status: int, code: str = "", detail: str = "", errors: list[FieldError] | None = None, **extra: Any
) -> Refused:
    return Refused(Problem(title="no", status=status, code=code, detail=detail, errors=errors or [], **extra))


async def outcome(*replies: ClientError | None) -> tuple[AnswerDraft, Server]:
    draft, server = AnswerDraft(), Server(*replies)

    async def at_once(_: float) -> None:
        assert draft.notice.startswith("Not sent yet")

    await send_answer(server, "a", REQUEST, draft, sleep=at_once)
    assert not draft.sending
    return draft, server


async def test_an_answer_is_one_request() -> None:
    draft, server = await outcome(None)
    assert draft.accepted
    assert server.keys == [draft.key]


async def test_while_the_server_is_away_the_same_answer_is_sent_under_the_same_key() -> None:
    draft, server = await outcome(Unreachable("No answer."), Unreachable("No answer."), None)
    assert draft.accepted
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1


async def test_a_server_that_does_not_answer_is_said_with_what_to_press() -> None:
    draft, replies = AnswerDraft(), asyncio.Event()

    class Slow(Server):
        async def answer(self, job_id: str, answer: AnswerRequest, *, idempotency_key: str) -> AnswerAccepted:
            await replies.wait()
            return await super().answer(job_id, answer, idempotency_key=idempotency_key)

    waited: list[float] = []
    has_waited = asyncio.Event()

    async def at_once(seconds: float) -> None:
        waited.append(seconds)
        has_waited.set()

    sending = asyncio.create_task(send_answer(Slow(None), "a", REQUEST, draft, sleep=at_once))
    await has_waited.wait()
    assert waited == [SLOW_SECONDS]
    assert "does not answer" in draft.notice
    assert "u takes it back" in draft.notice
    assert draft.sending
    replies.set()
    await sending
    assert (draft.accepted, draft.notice) == (True, "")


async def test_answered_elsewhere_closes_the_question_and_says_by_whom() -> None:
    draft, _ = await outcome(refusal(409, "already_answered", by="ann"))
    assert (draft.closed, draft.notice) == (True, "Answered elsewhere by ann.")


async def test_a_question_that_changed_can_be_answered_again_under_another_key() -> None:
    draft, server = await outcome(refusal(409, "version_conflict"))
    assert not draft.closed
    assert "changed" in draft.notice
    assert draft.key not in server.keys


async def test_a_question_that_is_gone_says_so() -> None:
    draft, _ = await outcome(refusal(410, "prompt_gone", "The job is over."))
    assert (draft.closed, draft.notice) == (True, "The job is over.")


async def test_what_is_wrong_with_a_field_is_said_at_the_field() -> None:
    draft, server = await outcome(
        refusal(422, "invalid", errors=[FieldError(field="answers.q", message="Choose one.")])
    )
    assert draft.errors == {"answers.q": "Choose one."}
    assert not draft.closed
    assert draft.key not in server.keys


@pytest.mark.parametrize("error", [refusal(500, detail="Broken."), ClientError("Odd.", "Try again.")])
async def test_any_other_refusal_is_said_and_can_be_tried_again(error: ClientError) -> None:
    draft, _ = await outcome(error)
    assert not draft.closed
    assert str(error) in draft.notice
    assert draft.notice.endswith("Your answer is kept; ⏎ sends it again.")


async def test_an_answer_that_does_not_get_through_can_be_taken_back_and_goes_under_another_key_then() -> None:
    draft, server, away = AnswerDraft(), Server(Unreachable("No answer.")), asyncio.Event()

    async def wait(_: float) -> None:
        away.set()
        await asyncio.Event().wait()

    sending = asyncio.create_task(send_answer(server, "a", REQUEST, draft, sleep=wait))
    await away.wait()
    sending.cancel()
    draft.take_back()
    await asyncio.gather(sending, return_exceptions=True)
    assert not draft.sending
    assert "Taken back" in draft.notice
    assert draft.key not in server.keys

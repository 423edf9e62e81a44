"""Prompts and answers as a state machine: whoever answers what and how often, one wins and all hear which."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from skill_fleet_common.actions import DEFAULT_KEYWORDS
from skill_fleet_common.prompts import Action, AnswerRequest
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.errors import (
    AlreadyAnswered,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    PromptGone,
    SkillFleetError,
    VersionConflict,
)
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.hitl.prompts import Prompts, open_prompt, resolve_prompt
from skill_fleet_server.hitl.signals import Signals
from tests.support.events import clarify_prompt, created, job_row

ANSWERS: dict[str, dict[str, Any]] = {
    "that it is 3": {"action": "proceed", "answers": {"q1": "3"}},
    "that it is 4": {"action": "proceed", "answers": {"q1": "4"}},
    "something else": {"action": "revise", "feedback": "Ask something else."},
    "nonsense": {"action": "proceed", "answers": {"q1": ["a", "list"]}},
}


@dataclass
class Asked:
    """What must be true of a prompt."""

    job_id: str
    prompt_id: str
    status: str = "open"
    key: str | None = None
    answer: str = ""
    position: int = 0


class Answering(RuleBasedStateMachine):
    """Real prompts on a real log; beside them who must have won."""

    prompts = Bundle("prompts")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory(prefix="sf-prompts-")
        self.stack = AsyncExitStack()
        self.asked: list[Asked] = []
        self.do(self._open())

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.loop.close()
        self.directory.cleanup()

    async def _open(self) -> None:
        database = Database(sqlite_url(Path(self.directory.name) / "fleet.sqlite"))
        upgrade(database)
        self.stack.callback(database.close)
        self.log = await EventLog.open(database)
        self.stack.push_async_callback(self.log.close)
        self.book = Prompts(database, self.log, Signals(self.log), DEFAULT_KEYWORDS)

    @rule(target=prompts)
    def ask(self) -> Asked:
        job_id = f"job-{len(self.asked)}"
        prompt = clarify_prompt(job_id)
        self.do(self.log.transact(lambda tx: tx.create(job_row(job_id), created(job_id))))
        self.do(self.log.transact(lambda tx: open_prompt(tx, prompt)))
        asked = Asked(job_id, prompt.prompt_id)
        self.asked.append(asked)
        return asked

    @rule(asked=prompts)
    def ask_again_as_a_replay_does(self, asked: Asked) -> None:
        before = self.log.head
        self.do(self.log.transact(lambda tx: open_prompt(tx, clarify_prompt(asked.job_id))))
        assert self.log.head == before

    @rule(asked=prompts, outcome=st.sampled_from(["expired", "withdrawn"]))
    def end(self, asked: Asked, outcome: Any) -> None:
        self.do(self.log.transact(lambda tx: resolve_prompt(tx, asked.prompt_id, outcome)))
        if asked.status == "open":
            asked.status = outcome

    @rule(
        asked=prompts,
        answer=st.sampled_from(sorted(ANSWERS)),
        key=st.one_of(st.none(), st.sampled_from(["a", "b", "c"])),
        version=st.sampled_from([1, 1, 1, 2]),
    )
    def answer(self, asked: Asked, answer: str, key: str | None, version: int) -> None:
        before = self.log.head
        expected = self.expected(asked, answer, key, version)
        request = AnswerRequest(prompt_id=asked.prompt_id, version=version, **ANSWERS[answer])
        said, refusal = self.outcome_of(self.book.answer(asked.job_id, request, idempotency_key=key, by="ada"))
        if refusal is not None:
            assert type(refusal) is expected
            assert self.log.head == before
            if expected is AlreadyAnswered:
                assert refusal.extra["answer"]["action"] == ANSWERS[asked.answer]["action"]
        elif expected == "again":
            assert (said.replayed, said.position, self.log.head) == (True, asked.position, before)
        else:
            assert (expected, said.replayed, said.position) == ("taken", False, before + 1)
            asked.status, asked.key, asked.answer, asked.position = "answered", key, answer, said.position

    def outcome_of(self, work: Any) -> tuple[Any, SkillFleetError | None]:
        try:
            return self.do(work), None
        except SkillFleetError as refusal:
            return None, refusal

    def expected(self, asked: Asked, answer: str, key: str | None, version: int) -> Any:
        """By the protocol's table."""
        if asked.status == "answered":
            same_key = key is not None and key == asked.key
            same = answer == asked.answer and version == 1
            return ("again" if same else IdempotencyKeyReused) if same_key else AlreadyAnswered
        if key is not None and any(other.key == key for other in self.asked):
            return IdempotencyKeyReused
        if asked.status != "open":
            return PromptGone
        if version != 1:
            return VersionConflict
        return Invalid if answer == "nonsense" else "taken"

    @rule(asked=prompts)
    def answer_for_another_job(self, asked: Asked) -> None:
        request = AnswerRequest(prompt_id=asked.prompt_id, version=1, action=Action.PROCEED)
        _, refusal = self.outcome_of(self.book.answer("another job", request, idempotency_key=None, by="ada"))
        assert isinstance(refusal, NotFound)

    @rule()
    def restart(self) -> None:
        self.do(self.stack.aclose())
        self.do(self._open())

    @rule(asked=prompts)
    def the_job_hears_the_answer_that_won(self, asked: Asked) -> None:
        if asked.status == "open":
            return
        try:
            answer = self.do(asyncio.wait_for(self.book.wait(asked.prompt_id), 10))
        except PromptGone:
            assert asked.status in ("expired", "withdrawn")
        else:
            assert asked.status == "answered"
            assert answer.action == ANSWERS[asked.answer]["action"]
            assert answer.answers == ANSWERS[asked.answer].get("answers", {})

    @invariant()
    def what_is_open_is_listed(self) -> None:
        listed = [prompt.prompt_id for prompt in self.do(self.book.open())]
        assert listed == [asked.prompt_id for asked in self.asked if asked.status == "open"]


Answering.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnswering = Answering.TestCase

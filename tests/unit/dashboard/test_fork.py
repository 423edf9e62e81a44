"""Forking a job: where from, what it is told there, and what is said when it cannot be."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from skill_fleet_common.api import ForkJob
from skill_fleet_common.events import JobCreated, JobCreatedData
from skill_fleet_common.problems import FieldError, Problem
from skill_fleet_tui.client.errors import ClientError, Refused, Unreachable
from skill_fleet_tui.running.session import Session
from skill_fleet_tui.screens.fork import ForkScreen, Points
from skill_fleet_tui.screens.main import MainScreen
from skill_fleet_tui.store.connection import Link
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import Log, clarify, confirm

TASK = "React hooks\nthe way our team writes them"


def story() -> Log:
    log = Log()
    log.created("a", TASK)
    log.begins("a", "gather_requirements")
    log.ends("a", "gather_requirements")
    log.asks("a", clarify("a"))
    log.resolved("a", clarify("a"), answers={"strict": True})
    log.begins("a", "synthesize_plan")
    log.ends("a", "synthesize_plan")
    log.asks("a", confirm("a"))
    log.resolved("a", confirm("a"), by="ann")
    log.begins("a", "write_skill")
    return log


class Server:
    """Knows the story, and replies to forks in turn."""

    def __init__(self, log: Log, *replies: ClientError) -> None:
        self._log, self._replies = log, list(replies)
        self.asked: list[tuple[ForkJob, str]] = []
        self.stage: Stage | None = None

    async def read_past(self, job_id: str) -> list[Any]:
        return list(self._log.of(job_id))

    async def fork(self, job_id: str, wish: ForkJob, key: str) -> str:
        self.asked.append((wish, key))
        if self._replies:
            raise self._replies.pop(0)
        made = JobCreatedData(task_description=TASK, forked_from=job_id, fork_step=wish.from_step)
        self._log.add(JobCreated(job_id="b", data=made))
        assert self.stage is not None
        assert self.stage.fleet is not None
        self.stage.fleet.adopt(self._log.view("b"))
        return "b"

    def attend(self) -> None:
        """There is nothing to fetch."""

    @property
    def wish(self) -> ForkJob:
        return self.asked[-1][0]


@asynccontextmanager
async def forking(
    *keys: str, replies: tuple[ClientError, ...] = (), size: tuple[int, int] = (100, 40)
) -> AsyncGenerator[tuple[Stage, Server, Pilot[None]]]:
    """The screen is open, then these keys are pressed."""
    log = story()
    stage, server = Stage(log, selected="a"), Server(log, *replies)
    server.stage = stage
    stage.session = cast("Session", server)
    async with staged(stage, size) as pilot:
        await press(stage, pilot, "B", *keys)
        yield stage, server, pilot


async def press(stage: Stage, pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await stage.workers.wait_for_complete()
        await pilot.pause()
    await settled(stage, pilot)


def chosen(stage: Stage) -> str:
    point = cast("ForkScreen", stage.screen)._point
    return point.step if point is not None else ""


async def test_the_newest_step_is_chosen_and_letters_move() -> None:
    async with forking() as (stage, _, pilot):
        assert chosen(stage) == "ask/confirm.1"
        await press(stage, pilot, "k", "k")
        assert chosen(stage) == "ask/clarify.1"
        await press(stage, pilot, "g")
        assert chosen(stage) == "gather_requirements"
        await press(stage, pilot, "G", "down", "j")
        assert "Shared:" in stage.screen_text


async def test_a_question_is_asked_again_with_its_answer_filled_in_and_the_fork_is_selected() -> None:
    async with forking("slash", *"clarify", "enter", "ctrl+s") as (stage, server, _):
        assert server.wish == ForkJob(from_step="ask/clarify.1")
        assert isinstance(stage.screen, MainScreen)
        assert stage.fleet is not None
        assert stage.fleet.selected == "b"
        assert stage.fleet.drafts["b.clarify.1"].choices == {"question:strict": ["yes"]}
        assert "└" in stage.screen_text, "the fork is grouped under its origin"


async def test_feedback_that_is_typed_is_given() -> None:
    async with forking("tab", *"Shorter.", "ctrl+s") as (stage, server, _):
        answer = server.wish.answer
        assert answer is not None
        assert (answer.action, answer.feedback) == ("revise", "Shorter.")
        assert stage.fleet is not None
        assert "b.confirm.1" not in stage.fleet.drafts


async def test_what_was_typed_for_a_step_stays_while_another_is_looked_at() -> None:
    async with forking("tab", *"Short", "full_stop", "shift+tab", "k", "j", "ctrl+s") as (_, server, _):
        assert server.wish.answer is not None
        assert server.wish.answer.feedback == "Short."


async def test_a_module_is_done_anew_with_another_description_if_there_is_one() -> None:
    async with forking("g", "ctrl+s") as (_, server, _):
        assert server.wish == ForkJob(from_step="gather_requirements")
    async with forking("g", "tab", "space", *"now", "ctrl+s") as (_, server, _):
        assert server.wish == ForkJob(from_step="gather_requirements", task_description=f"{TASK} now")


REFUSED = Refused(
    Problem(
        title="no",
        status=409,
        detail="The job has no finished step ask/confirm.1. It can be forked from: gather_requirements.",
    )
)
UNFIT = Refused(
    Problem(title="no", status=422, detail="It does not fit.", errors=[FieldError(field="feedback", message="Say it.")])
)


@pytest.mark.parametrize(("reply", "said"), [(REFUSED, "It can be forked from: gather"), (UNFIT, "feedback: Say it.")])
async def test_a_refusal_is_said_in_place_and_the_next_try_is_another_request(reply: Refused, said: str) -> None:
    async with forking("ctrl+s", replies=(reply,), size=(80, 24)) as (stage, server, pilot):
        assert said in " ".join(stage.screen_text.replace("│", " ").split())
        await press(stage, pilot, "ctrl+s")
        assert isinstance(stage.screen, MainScreen)
        assert len({key for _, key in server.asked}) == 2


async def test_a_request_whose_reply_was_lost_goes_again_under_its_key() -> None:
    async with forking("ctrl+s", replies=(Unreachable("No answer."),)) as (stage, server, pilot):
        assert "No answer." in stage.screen_text
        await press(stage, pilot, "ctrl+s")
        assert len({key for _, key in server.asked}) == 1


async def test_a_step_can_be_named_in_the_command_line() -> None:
    log = story()
    stage = Stage(log, selected="a")
    stage.session = cast("Session", Server(log))
    async with staged(stage) as pilot:
        await press(stage, pilot, "colon", *"fork synth", "enter")
        assert chosen(stage) == "synthesize_plan"
        await press(stage, pilot, "escape", "colon", *"fork nothing", "enter")
        assert chosen(stage) == "ask/confirm.1"
        assert "It has no finished step nothing." in stage.screen_text


async def test_while_there_is_no_server_that_is_said() -> None:
    stage = Stage(story(), selected="a")
    async with staged(stage) as pilot:
        await press(stage, pilot, "B", "ctrl+s")
        assert "There is no server yet" in stage.screen_text
        await press(stage, pilot, "escape")
        assert isinstance(stage.screen, MainScreen)


async def test_words_are_forgotten_before_the_screen_is_left() -> None:
    async with forking("slash", *"xyzzy") as (stage, server, pilot):
        assert stage.screen.query_one(Points).option_count == 0
        await press(stage, pilot, "ctrl+s", "escape")
        assert server.asked == []
        assert stage.screen.query_one(Points).option_count == 4
        await press(stage, pilot, "escape")
        assert isinstance(stage.screen, MainScreen)


async def test_a_recording_cannot_be_forked() -> None:
    stage = Stage(story(), selected="a")
    async with staged(stage) as pilot:
        assert stage.fleet is not None
        stage.fleet.connection.become(Link.REPLAY)
        await press(stage, pilot, "B")
        assert "There is nothing to fork" in stage.screen_text


async def test_a_fork_leads_back_to_its_origin() -> None:
    log = story()
    log.created("b", forked_from="a", fork_step="write_skill")
    stage = Stage(log, selected="b")
    async with staged(stage) as pilot:
        await press(stage, pilot, "O")
        assert stage.fleet is not None
        assert stage.fleet.selected == "a"
        await press(stage, pilot, "O")
        assert "was not forked from another" in stage.screen_text


async def test_hostile_words_are_only_text() -> None:
    log = Log()
    log.created("a", "[b]x[/]")
    log.begins("a", "x")
    log.ends("a", "x")
    log.asks("a", confirm("a").model_copy(update={"title": "[/INST] \x1b[31m [red]"}))
    log.resolved("a", confirm("a"))
    stage = Stage(log, selected="a")
    stage.session = cast("Session", Server(log))
    async with staged(stage) as pilot:
        await press(stage, pilot, "B")
        assert "[/INST]" in stage.screen_text
        assert "\x1b" not in stage.screen_text


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("keys", ["G", "g"])
async def test_screen(keys: str, width: int, snapshot: SnapshotAssertion) -> None:
    async with forking(*keys, size=(width, 30)) as (stage, _, _):
        *shown, _bottom_line = stage.screen_text.splitlines()
        assert "\n".join(shown) == snapshot

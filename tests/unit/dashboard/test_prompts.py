"""Every question is answered from the keyboard, with one request, and never takes keys it was not given."""

from typing import Any

from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.widgets.answer_text import AnswerText
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.prompt_panel import PromptPanel
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import Log, clarify, confirm, preview, structure_fix, validate


def asking(*prompts: Prompt) -> Log:
    log = Log()
    for prompt in prompts:
        log.created(prompt.job_id, f"Skill {prompt.job_id}")
    for prompt in prompts:
        log.asks(prompt.job_id, prompt)
    return log


async def answered(prompt: Prompt, keys: list[str]) -> Any:
    stage = Stage(asking(prompt))
    async with staged(stage) as pilot:
        await pilot.press("n", *keys)
        await pilot.pause()
    assert len(stage.sent) == 1
    job_id, request = stage.sent[0]
    assert job_id == prompt.job_id
    return request


async def test_clarify_with_every_kind_of_question() -> None:
    typed = ["a", "ctrl+j", "b", "enter"]
    request = await answered(clarify(), ["2", "1", "down", "space", "enter", "y", *typed, "enter"])
    assert request.answers == {"version": "18", "parts": ["hooks", "forms"], "strict": True, "words": "a\nb"}


async def test_another_answer_than_the_ones_offered() -> None:
    request = await answered(clarify(questions=clarify().questions[:1]), ["o", "X", "enter"])
    assert request.answers == {"version": {"other": "X"}}


async def test_structure_fix_with_one_field_edited() -> None:
    request = await answered(structure_fix(), ["n", "end", "2", "enter", "a"])
    assert request.edits["name"] == "react-hooks2"


async def test_confirm() -> None:
    assert (await answered(confirm(), ["p"])).action is Action.PROCEED


async def test_revise_with_feedback_over_several_lines() -> None:
    request = await answered(preview(), ["r", "N", "o", "ctrl+j", "!", "enter"])
    assert (request.action, request.feedback) == (Action.REVISE, "No\n!")


async def test_cancel_asks_twice() -> None:
    assert (await answered(validate(), ["x", "y"])).action is Action.CANCEL


async def test_a_question_that_appears_takes_no_focus() -> None:
    log = Log()
    log.created("a")
    stage = Stage(log)
    async with staged(stage) as pilot:
        log.asks("a", clarify("a"))
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert stage.screen.query_one(PromptPanel).display
        assert isinstance(stage.screen.focused, JobList)
        await pilot.press("1")
        assert stage.fleet is not None
        assert stage.fleet.drafts["a.clarify.1"].choices == {}


async def test_a_question_of_another_job_changes_nothing_that_is_being_typed() -> None:
    log = asking(clarify("a", clarify().questions[3:]))
    log.created("b")
    stage = Stage(log, selected="a")
    async with staged(stage) as pilot:
        await pilot.press("enter", "h", "i")
        log.asks("b", clarify("b"))
        stage.take(log.events[-1])
        await settled(stage, pilot)
        await pilot.press("!")
        assert stage.screen.query_one(AnswerText).text == "hi!"
        assert "Skill a asks" in stage.screen_text
        assert "2 ask" in stage.screen_text


async def test_drafts_stay_with_their_questions_across_jobs_and_sizes() -> None:
    text_only = clarify().questions[3:]
    stage = Stage(asking(clarify("a", text_only), clarify("b", text_only)), selected="b")
    async with staged(stage) as pilot:
        await pilot.press("enter", "o", "n", "e", "escape", "n", "t", "w", "o", "escape")
        await pilot.resize_terminal(60, 20)
        await settled(stage, pilot)
        await pilot.press("n")
        await settled(stage, pilot)
        assert stage.screen.query_one(AnswerText).text == "one"
        await pilot.press("escape", "n")
        await settled(stage, pilot)
        assert stage.screen.query_one(AnswerText).text == "two"
        await pilot.press("!", "enter")
    assert [(job, request.answers) for job, request in stage.sent] == [("a", {"words": "two!"})]


async def test_n_takes_up_the_selected_jobs_question_before_it_goes_to_anothers() -> None:
    text_only = clarify().questions[3:]
    stage = Stage(asking(clarify("a", text_only), clarify("b", text_only)), selected="b")
    assert stage.fleet is not None
    async with staged(stage) as pilot:
        await pilot.press("n")
        assert stage.fleet.selected == "b"
        assert isinstance(stage.screen.focused, AnswerText)
        await pilot.press("escape", "n")
        assert stage.fleet.selected == "a"


async def test_a_question_answered_elsewhere_stays_until_it_is_left_and_sends_nothing() -> None:
    prompt = clarify("a", clarify().questions[3:])
    log = asking(prompt)
    stage = Stage(log)
    async with staged(stage) as pilot:
        await pilot.press("n", "m", "i", "n", "e")
        log.resolved("a", prompt, by="ann")
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert "Answered elsewhere by ann: proceed." in stage.screen_text
        assert stage.screen.query_one(AnswerText).text == "mine"
        await pilot.press("q", "enter")
        assert stage.is_running
        await pilot.press("escape")
        await settled(stage, pilot)
        assert not stage.screen.query_one(PromptPanel).display
    assert stage.sent == []


async def test_enter_pressed_twice_sends_once() -> None:
    stage = Stage(asking(confirm()))
    async with staged(stage) as pilot:
        await pilot.press("n", "p")
        assert stage.fleet is not None
        stage.fleet.drafts["a.confirm.1"].sending = True
        await pilot.press("p", "enter")
        await pilot.pause()
    assert len(stage.sent) == 1

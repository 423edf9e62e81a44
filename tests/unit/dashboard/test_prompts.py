"""Every question is answered from the keyboard, with one request, and never takes keys it was not given."""

from typing import Any

import pytest

from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import Option, Prompt, Question, QuestionType
from skill_fleet_tui.widgets.answer_text import AnswerText
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.prompt_panel import PromptPanel
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.dashboard.test_views import HOSTILE, as_read
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
    assert (await answered(validate(), ["X", "y"])).action is Action.CANCEL


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


async def test_the_bottom_line_offers_no_key_that_is_a_choice_of_the_question() -> None:
    stage = Stage(asking(structure_fix()))
    async with staged(stage) as pilot:
        assert "n next question" in stage.screen_text
        await pilot.press("n")
        await settled(stage, pilot)
        assert "n  Edit the name" in stage.screen_text
        assert "n next question" not in stage.screen_text


async def test_a_letter_that_is_a_choice_of_other_questions_is_no_command_here() -> None:
    stage = Stage(asking(confirm()))
    async with staged(stage) as pilot:
        await pilot.press("n", "c", "o")
        await settled(stage, pilot)
        assert "The plan is ready" in stage.screen_text
        assert "esc later" in stage.screen_text


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


async def test_the_question_that_follows_takes_no_key_that_was_meant_for_the_last_one() -> None:
    log = asking(clarify("a", clarify().questions[2:3]))
    stage = Stage(log)
    async with staged(stage) as pilot:
        await pilot.press("n", "y")
        assert stage.fleet is not None
        stage.fleet.drafts["a.clarify.1"].accepted = True
        log.resolved("a", clarify("a"))
        log.asks("a", confirm("a"))
        stage.take(*log.events[-2:])
        await settled(stage, pilot)
        assert isinstance(stage.screen.focused, JobList)
        await pilot.press("p", "y")
        assert [request.prompt_id for _, request in stage.sent] == ["a.clarify.1"]
        await pilot.press("n", "p")
        await pilot.pause()
        assert [request.prompt_id for _, request in stage.sent] == ["a.clarify.1", "a.confirm.1"]


async def test_what_was_typed_in_vain_waits_to_be_copied_also_after_looking_at_another_job() -> None:
    prompt = clarify("a", clarify().questions[3:])
    log = asking(prompt)
    log.created("b", "Other")
    stage = Stage(log, selected="a")
    assert stage.fleet is not None
    async with staged(stage) as pilot:
        await pilot.press("n", *"mine", "escape", "right_square_bracket")
        log.resolved("a", prompt, by="ann")
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert "mine" not in stage.screen_text
        await pilot.press("left_square_bracket", "enter")
        await settled(stage, pilot)
        assert "Answered elsewhere by ann: proceed." in stage.screen_text
        assert "y copies what you typed" in stage.screen_text
        await pilot.press("y")
        assert stage.clipboard == "mine"
        await pilot.press("escape")
        await settled(stage, pilot)
        assert not stage.screen.query_one(PromptPanel).display


async def test_an_answer_on_its_way_says_what_hinders_it_and_can_be_taken_back() -> None:
    stage = Stage(asking(confirm()))
    async with staged(stage) as pilot:
        await pilot.press("n", "p")
        assert stage.fleet is not None
        draft = stage.fleet.drafts["a.confirm.1"]
        draft.sending, draft.notice = True, "Not sent yet: The server does not answer. Trying again."
        draft.touch()
        await settled(stage, pilot)
        assert "sending… Not sent yet: The server does not answer." in stage.screen_text
        assert "u takes it back" in stage.screen_text
        draft.take_back()
        await settled(stage, pilot)
        assert "Taken back" in stage.screen_text
        await pilot.press("p")
    assert len(stage.sent) == 2


async def test_a_refused_answer_is_kept_and_enter_sends_it_again() -> None:
    stage = Stage(asking(clarify("a", clarify().questions[3:])))
    async with staged(stage) as pilot:
        await pilot.press("n", *"mine", "enter")
        assert stage.fleet is not None
        draft = stage.fleet.drafts["a.clarify.1"]
        draft.notice = "Not sent: Broken. Your answer is kept; ⏎ sends it again."
        draft.touch()
        await settled(stage, pilot)
        assert "⏎ sends it again" in stage.screen_text
        await pilot.press("enter")
    assert [request.answers for _, request in stage.sent] == [{"words": "mine"}] * 2


async def test_an_edit_is_shown_as_a_diff_before_it_is_sent() -> None:
    stage = Stage(asking(preview()))
    async with staged(stage, (120, 44)) as pilot:
        await pilot.press("n")
        panel = stage.screen.query_one(PromptPanel)
        assert panel.form is not None
        panel.form.edit("SKILL.md", "Call hooks first.\n", "Call hooks anywhere.\n")
        panel.edited()
        await settled(stage, pilot)
        assert "Your edit of SKILL.md  +1 −1" in stage.screen_text
        assert "1 − Call hooks anywhere." in stage.screen_text
        assert "1 + Call hooks first." in stage.screen_text
        await pilot.press("r")
        await settled(stage, pilot)
        assert "Your edits of SKILL.md go only with the draft" in stage.screen_text
        await pilot.press("escape", "p")
    assert stage.sent[0][1].edits == {"SKILL.md": "Call hooks first.\n"}


@pytest.mark.parametrize("columns", [20, 60, 120])
async def test_long_choices_wrap_and_the_highlighted_one_is_always_in_view(columns: int) -> None:
    options = [Option(id=str(number), label=f"choice {number} " + "word " * 30) for number in range(20)]
    question = Question(id="q", text="Which?", type=QuestionType.SINGLE, options=options)
    stage = Stage(asking(clarify("a", [question])))
    async with staged(stage, (columns, 24)) as pilot:
        await pilot.press("n", *["down"] * 12)
        await settled(stage, pilot)
        assert "choice 12" in stage.screen_text
        await pilot.press("enter")
    assert stage.sent[0][1].answers == {"q": "12"}


async def test_what_a_prompt_says_is_wrapped_anew_for_another_width() -> None:
    question = Question(id="q", text="one two three four five six seven eight nine", type=QuestionType.TEXT)
    stage = Stage(asking(clarify("a", [question])))
    async with staged(stage, (120, 30)) as pilot:
        await pilot.press("n")
        await pilot.resize_terminal(30, 30)
        await settled(stage, pilot)
        assert "nine" in stage.screen_text


async def test_hostile_words_of_other_people_act_on_nothing() -> None:
    prompt = clarify("a", clarify().questions[:1])
    option = Option(id="o", label=HOSTILE, description=HOSTILE)
    prompt.questions[0] = prompt.questions[0].model_copy(update={"options": [option], "rationale": HOSTILE})
    log = asking(prompt)
    log.resolved("a", prompt, by=HOSTILE)
    stage = Stage(Log())
    frames = as_read(log).events
    async with staged(stage, (60, 30)) as pilot:
        stage.take(*frames[:-1])
        await pilot.press("n", "o", "m", "e")
        await settled(stage, pilot)
        seen = stage.screen_text
        stage.take(frames[-1])
        await settled(stage, pilot)
        seen += stage.screen_text
    assert "Answered elsewhere by [/INST]" in seen
    assert not set(seen) & set("\x1b\x07\x9b\x00\u202e")


async def test_every_choice_can_be_seen_and_taken_on_the_smallest_screen() -> None:
    stage = Stage(asking(confirm()))
    async with staged(stage, (80, 24)) as pilot:
        await pilot.press("n")
        await pilot.resize_terminal(20, 5)
        await settled(stage, pilot)
        assert "↓1" in stage.screen_text
        await pilot.press("down", "down", "down")
        await settled(stage, pilot)
        assert "X  Cancel" in stage.screen_text
        assert "↑1" in stage.screen_text
        await pilot.press("r", *"no")
        await settled(stage, pilot)
        assert "no" in stage.screen_text
        await pilot.press("enter")
    assert stage.sent[0][1].feedback == "no"

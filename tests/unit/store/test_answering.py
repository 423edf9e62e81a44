"""Every prompt can be answered step by step, and what is sent fits the prompt."""

from typing import Any

import pytest

from skill_fleet_common.actions import Action
from skill_fleet_common.plan_text import plan_text
from skill_fleet_common.prompts import AnswerRequest, Option, Question, QuestionType, check_answer
from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_tui.store.answering import AnswerForm, EditFile
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.steps import StepKind
from tests.unit.store.builders import clarify, confirm, every_question, preview, structure_fix, validate


def form(prompt: Any, draft: AnswerDraft | None = None) -> AnswerForm:
    return AnswerForm(prompt, draft or AnswerDraft())


def sent(outcome: Any) -> AnswerRequest:
    assert isinstance(outcome, AnswerRequest)
    return outcome


def question(kind: QuestionType) -> Question:
    return next(question for question in every_question() if question.type is kind)


def test_clarify_goes_through_its_questions_and_sends_after_a_summary() -> None:
    asked = form(clarify())
    assert asked.place == (1, 5)
    assert asked.press("2") is None
    assert asked.step.kind is StepKind.MULTI
    asked.press("1")
    asked.move(2)
    asked.toggle()
    assert asked.enter() is None
    assert asked.press("y") is None
    asked.type("a loader\nor a fetcher")
    assert asked.enter() is None
    assert [answer for _, answer in asked.summary()] == ["React 18", "Hooks, Tests", "yes", "a loader\nor a fetcher"]
    request = sent(asked.enter())
    assert request.action is Action.PROCEED
    assert request.answers == {
        "version": "18",
        "parts": ["hooks", "tests"],
        "strict": True,
        "words": "a loader\nor a fetcher",
    }


def test_one_question_is_sent_without_a_summary() -> None:
    request = sent(form(clarify(questions=[question(QuestionType.BOOLEAN)])).press("n"))
    assert request.answers == {"strict": False}


def test_who_extends_another_skill_is_asked_about_that_and_not_about_the_plan() -> None:
    options = [Option(id="new", label="Write a new skill"), Option(id="extend:react-hooks", label="Extend react-hooks")]
    overlap = Question(id="overlap", text="Write it all the same?", type=QuestionType.SINGLE, options=options)
    asked = form(confirm(questions=[overlap]))
    asked.press("1")
    assert (asked.step.title, asked.step.choices[0].label) == ("Is this the skill to write?", "Write it")
    asked.back()
    asked.press("2")
    assert (asked.step.title, asked.step.choices[0].label) == ("Extend react-hooks instead?", "Extend react-hooks")
    assert not asked.answers_to("e"), "the plan, which is made again, is not edited"
    assert sent(asked.press("p")).answers == {"overlap": "extend:react-hooks"}


def test_another_answer_is_typed() -> None:
    asked = form(clarify(questions=[question(QuestionType.SINGLE)]))
    assert asked.press("o") is None
    assert asked.step.kind is StepKind.TEXT
    asked.type("Preact")
    assert sent(asked.enter()).answers == {"version": {"other": "Preact"}}


def test_another_answer_can_go_with_chosen_ones() -> None:
    several = question(QuestionType.MULTI).model_copy(update={"allows_other": True})
    asked = form(clarify(questions=[several]))
    asked.press("1")
    asked.press("4")
    assert asked.enter() is None
    asked.type("Suspense")
    assert sent(asked.enter()).answers == {"parts": ["hooks", {"other": "Suspense"}]}


def test_an_option_may_be_called_like_anything_of_ours() -> None:
    options = [Option(id=name, label=name) for name in ("cancel", "feedback", "again", "file:x", "edit:y", "yes")]
    for digit in "123456":
        asked = form(clarify(questions=[Question(id="q", text="?", type=QuestionType.SINGLE, options=options)]))
        assert sent(asked.press(digit)).answers == {"q": options[int(digit) - 1].id}


def test_what_is_missing_is_said_and_nothing_is_sent() -> None:
    asked = form(clarify(questions=[question(QuestionType.TEXT)]))
    assert asked.enter() is None
    assert asked.problem == "Type an answer first."
    asked.type("x")
    assert asked.problem == ""
    several = form(clarify(questions=[question(QuestionType.MULTI)]))
    assert several.enter() is None
    assert several.problem == "Choose one or more with space."


def test_going_back_keeps_what_was_chosen() -> None:
    asked = form(clarify())
    asked.press("2")
    assert asked.back()
    assert asked.is_chosen("18")
    assert not asked.back()


def test_a_draft_outlives_its_form() -> None:
    draft = AnswerDraft()
    first = form(clarify(), draft)
    first.press("2")
    first.press("3")
    again = form(clarify(), draft)
    assert again.place == (2, 5)
    assert again.is_chosen("tests")


def test_structure_fix_accepts_all_or_takes_edits() -> None:
    assert sent(form(structure_fix()).press("a")).edits == {
        "name": "react-hooks",
        "description": "Write React hooks. Use when a component needs state.",
    }
    asked = form(structure_fix())
    assert asked.press("n") is None
    assert asked.text == "react-hooks"
    asked.type("our-react-hooks")
    assert asked.enter() is None
    assert sent(asked.press("a")).edits["name"] == "our-react-hooks"


@pytest.mark.parametrize("prompt", [confirm(), preview(), validate()])
def test_plans_drafts_and_reports_can_be_accepted_or_revised(prompt: Any) -> None:
    assert sent(form(prompt).press("p")).action is Action.PROCEED
    asked = form(prompt)
    assert asked.press("r") is None
    assert asked.enter() is None
    assert asked.problem == "Say what should change."
    asked.type("Shorter.")
    request = sent(asked.enter())
    assert (request.action, request.feedback) == (Action.REVISE, "Shorter.")


@pytest.mark.parametrize("prompt", [clarify(), structure_fix(), confirm(), preview(), validate()])
def test_cancelling_asks_twice_and_can_be_taken_back(prompt: Any) -> None:
    asked = form(prompt)
    assert asked.press("X") is None
    assert asked.step.title == "Really cancel this job?"
    assert asked.enter() is None
    assert asked.step.key == asked.main[0]
    asked.press("X")
    assert sent(asked.press("y")).action is Action.CANCEL


def test_what_a_prompt_does_not_offer_cannot_be_chosen() -> None:
    prompt = confirm().model_copy(update={"actions": [Action.PROCEED]})
    asked = form(prompt)
    assert [choice.label for choice in asked.step.choices] == ["Write it", "Edit the plan…"]
    assert asked.press("X") is None
    assert asked.step.key == asked.main[0]


def test_a_file_is_edited_in_place() -> None:
    asked = form(preview())
    assert asked.press("e") == EditFile("SKILL.md")
    asked.edit("SKILL.md", "---\nname: x\n---\n")
    request = sent(asked.press("p"))
    assert request.edits == {"SKILL.md": "---\nname: x\n---\n"}


def test_edits_are_said_with_the_choice_that_sends_them_and_can_be_dropped() -> None:
    asked = form(preview())
    asked.edit("SKILL.md", "new", "old")
    assert asked.step.choices[0].label == "Keep it and go on, with your edits"
    assert asked.press("d") is None
    assert sent(asked.press("p")).edits == {}
    assert asked.draft.originals == {}


def test_an_edit_that_comes_back_to_what_was_is_none() -> None:
    asked = form(preview())
    asked.edit("SKILL.md", "new", "old")
    asked.edit("SKILL.md", "old", "new")
    assert asked.draft.edits == {}


def test_the_plan_is_edited_in_place_and_what_cannot_be_read_stays_to_be_mended() -> None:
    prompt = confirm()
    asked, before = form(prompt), plan_text(prompt.plan)
    assert asked.press("e") == EditFile("plan")
    asked.edit("plan", "name: React Hooks\n", before)
    assert asked.press("p") is None
    assert asked.problem.startswith("Line 1: a name is of a-z")
    edited = before.replace("## Mistakes", "## Pitfalls")
    asked.edit("plan", edited, asked.draft.edits["plan"])
    assert sent(asked.press("p")).edits == {"plan": edited}


def drafted(*origins: Origin) -> Any:
    items = [
        Provenance(id=str(number), text=f"instruction {number}", line=number, origin=origin)
        for number, origin in enumerate(origins, 1)
    ]
    return preview().model_copy(update={"provenance": items})


def test_instructions_are_cut_or_vouched_for_and_never_both() -> None:
    asked = form(drafted(Origin.MODEL, Origin.SOURCE, Origin.MODEL))
    asked.press("c")
    assert [choice.value for choice in asked.step.choices] == ["1", "3", "2"]
    asked.press("1")
    asked.press("3")
    assert asked.enter() is None
    asked.press("v")
    asked.press("1")
    asked.enter()
    request = sent(asked.press("p"))
    assert request.answers == {"cut": ["2"], "confirm": ["1"]}
    check_answer(asked.prompt, request)


def test_how_many_instructions_there_are_to_decide_about_is_said_before_and_after() -> None:
    asked = form(drafted(Origin.MODEL, Origin.SOURCE, Origin.MODEL))

    def said() -> list[str]:
        return [choice.description for choice in asked.step.choices if choice.value in ("cut", "confirm")]

    assert said() == ["3 to choose from", "2 to choose from"]
    asked.press("c")
    asked.press("1")
    asked.press("2")
    asked.enter()
    assert said() == ["2 of 3", "2 to choose from"]


def test_what_is_to_be_cut_goes_with_a_revision_too_and_not_with_a_cancellation() -> None:
    asked = form(drafted(Origin.MODEL))
    asked.press("c")
    asked.press("1")
    asked.enter()
    asked.press("r")
    asked.type("Shorter.")
    assert sent(asked.enter()).answers == {"cut": ["1"]}
    asked.press("X")
    assert sent(asked.press("y")).answers == {}


def test_cutting_from_an_edited_text_is_refused_where_it_was_chosen() -> None:
    asked = form(drafted(Origin.MODEL))
    asked.edit("SKILL.md", "new", "old")
    asked.press("c")
    asked.press("1")
    asked.enter()
    assert asked.press("p") is None
    assert asked.step.key == "cut"
    assert "edit of SKILL.md" in asked.problem


def test_another_answer_can_be_written_in_the_editor_at_once() -> None:
    asked = form(clarify(questions=[question(QuestionType.SINGLE)]))
    assert asked.press("e") == EditFile()
    asked.type("Preact")
    assert sent(asked.enter()).answers == {"version": {"other": "Preact"}}


def test_a_plan_can_carry_questions() -> None:
    asked = form(confirm(questions=[question(QuestionType.BOOLEAN)]))
    assert asked.place == (1, 2)
    asked.press("y")
    assert sent(asked.press("p")).answers == {"strict": True}


def test_a_refusal_leads_to_the_field_it_is_about() -> None:
    asked = form(clarify())
    for key in ("1", "1"):
        asked.press(key)
    asked.refuse({"answers.version": "Choose one of 19."})
    assert asked.step.title == "Which React version should the skill assume?"
    assert asked.problem == "Choose one of 19."


def test_every_answer_fits_its_prompt() -> None:
    for prompt in (structure_fix(), confirm(), preview(), validate()):
        for key in ("p", "a"):
            outcome = form(prompt).press(key)
            if isinstance(outcome, AnswerRequest):
                check_answer(prompt, outcome)

"""Answers checked against their prompts: what fits is kept, what does not is said field by field."""

from typing import Any

import pytest

from skill_fleet_common import limits
from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import (
    AnswerInvalid,
    AnswerRequest,
    ClarifyPrompt,
    ConfirmPrompt,
    Default,
    FieldFix,
    Option,
    PreviewPrompt,
    Prompt,
    PromptFile,
    Question,
    QuestionType,
    StructureFixPrompt,
    check_answer,
    default_answer,
)
from skill_fleet_common.skills import Origin, Provenance, SkillPlan
from tests.support.events import NOON

CHOICES = [Option(id="a", label="A"), Option(id="b", label="B")]


def clarify(*questions: Question) -> ClarifyPrompt:
    return ClarifyPrompt(
        prompt_id="j.clarify.1",
        job_id="j",
        title="?",
        created_at=NOON,
        questions=list(questions),
        actions=[Action.PROCEED, Action.CANCEL],
    )


def question(kind: QuestionType, *, other: bool = False) -> Question:
    options = CHOICES if kind in (QuestionType.SINGLE, QuestionType.MULTI) else []
    return Question(id="q", text="?", type=kind, options=options, allows_other=other)


def preview() -> PreviewPrompt:
    file = PromptFile(path="SKILL.md", size=1, sha256="", revision=1, text="x")
    return PreviewPrompt(prompt_id="j.preview.1", job_id="j", title="?", created_at=NOON, files=[file])


def structure_fix() -> StructureFixPrompt:
    fix = FieldFix(field="name", current="Bad Name", problems=["Capitals."], suggestion="bad-name")
    return StructureFixPrompt(prompt_id="j.structure_fix.1", job_id="j", title="?", created_at=NOON, fixes=[fix])


def request(prompt: Prompt, **fields: Any) -> AnswerRequest:
    return AnswerRequest(prompt_id=prompt.prompt_id, version=prompt.version, **fields)


def errors_of(prompt: Prompt, **fields: Any) -> dict[str, str]:
    with pytest.raises(AnswerInvalid) as caught:
        check_answer(prompt, request(prompt, **fields))
    return {error.field: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("kind", "other", "value"),
    [
        (QuestionType.BOOLEAN, False, True),
        (QuestionType.BOOLEAN, False, False),
        (QuestionType.SINGLE, False, "b"),
        (QuestionType.SINGLE, True, {"other": "C"}),
        (QuestionType.MULTI, False, ["a", "b"]),
        (QuestionType.MULTI, True, ["a", {"other": "C"}]),
        (QuestionType.TEXT, False, "two\nlines"),
    ],
)
def test_answers_of_the_right_shape_are_kept(kind: QuestionType, other: bool, value: Any) -> None:
    prompt = clarify(question(kind, other=other))
    answer = check_answer(prompt, request(prompt, action=Action.PROCEED, answers={"q": value}))
    assert answer.answers == {"q": value}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (QuestionType.BOOLEAN, "yes"),
        (QuestionType.SINGLE, "c"),
        (QuestionType.SINGLE, ["a"]),
        (QuestionType.SINGLE, {"other": "C"}),
        (QuestionType.MULTI, []),
        (QuestionType.MULTI, "a"),
        (QuestionType.MULTI, ["a", "c"]),
        (QuestionType.MULTI, ["a", {"other": "C"}]),
        (QuestionType.TEXT, "  "),
        (QuestionType.TEXT, 3),
        (QuestionType.TEXT, "x" * (limits.ANSWER_CHARACTERS + 1)),
    ],
)
def test_answers_of_the_wrong_shape_are_said_at_their_question(kind: QuestionType, value: Any) -> None:
    errors = errors_of(clarify(question(kind)), action=Action.PROCEED, answers={"q": value})
    assert set(errors) == {"answers.q"}


def test_missing_and_unknown_questions_are_both_said() -> None:
    errors = errors_of(clarify(question(QuestionType.TEXT)), action=Action.PROCEED, answers={"z": "?"})
    assert set(errors) == {"answers.q", "answers.z"}


def test_a_revision_needs_feedback() -> None:
    assert set(errors_of(preview(), action=Action.REVISE)) == {"feedback"}
    answer = check_answer(preview(), request(preview(), action=Action.REVISE, feedback=" shorter "))
    assert answer.feedback == "shorter"


def test_an_action_that_is_not_offered_is_refused() -> None:
    errors = errors_of(clarify(question(QuestionType.TEXT)), action=Action.REVISE, feedback="x")
    assert set(errors) == {"action"}


def test_the_action_is_read_from_text_when_none_is_given() -> None:
    assert check_answer(preview(), request(preview(), text="looks good")).action is Action.PROCEED
    assert check_answer(preview(), request(preview(), text="shorter please")).feedback == "shorter please"
    assert set(errors_of(preview())) == {"action"}


def test_edits_go_with_proceed_and_only_to_what_was_shown() -> None:
    answer = check_answer(preview(), request(preview(), action=Action.PROCEED, edits={"SKILL.md": "new"}))
    assert answer.edits == {"SKILL.md": "new"}
    assert set(errors_of(preview(), action=Action.PROCEED, edits={"../x": "new"})) == {"edits.../x"}
    assert set(errors_of(preview(), action=Action.PROCEED, edits={"SKILL.md": " "})) == {"edits.SKILL.md"}
    assert set(errors_of(preview(), action=Action.CANCEL, edits={"SKILL.md": "new"})) == {"edits"}
    fixed = check_answer(structure_fix(), request(structure_fix(), action=Action.PROCEED, edits={"name": "good"}))
    assert fixed.edits == {"name": "good"}


def test_a_plan_without_questions_needs_no_answers() -> None:
    plan = SkillPlan(name="x", description="X. Use when x.")
    prompt = ConfirmPrompt(prompt_id="j.confirm.1", job_id="j", title="?", created_at=NOON, plan=plan)
    assert check_answer(prompt, request(prompt, action=Action.PROCEED)).action is Action.PROCEED


def test_the_default_answer_is_the_prompts() -> None:
    prompt = clarify(question(QuestionType.SINGLE)).model_copy(update={"default": Default(answers={"q": "a"})})
    assert default_answer(prompt).answers == {"q": "a"}
    assert check_answer(prompt, request(prompt, action=Action.PROCEED, answers={"q": "a"})) == default_answer(prompt)


def traced() -> PreviewPrompt:
    provenance = [
        Provenance(id="12", text="Pay in 30 days.", line=12, origin=Origin.SOURCE, reference="guide.md:1-4"),
        Provenance(id="14", text="Be careful.", line=14, origin=Origin.MODEL),
        Provenance(id="14.2", text="Ask twice.", line=14, origin=Origin.MODEL),
    ]
    return preview().model_copy(update={"provenance": provenance})


@pytest.mark.parametrize("action", ["proceed", "revise"])
def test_instructions_are_cut_and_confirmed_by_their_ids(action: str) -> None:
    prompt = traced()
    sent = request(prompt, action=action, feedback="Shorter.", answers={"cut": [14, "12", "14"], "confirm": ["14.2"]})
    assert check_answer(prompt, sent).answers == {"cut": ["14", "12"], "confirm": ["14.2"]}


@pytest.mark.parametrize(
    ("answers", "edits", "field"),
    [
        ({"cut": ["99"]}, {}, "answers.cut"),
        ({"cut": "14"}, {}, "answers.cut"),
        ({"confirm": ["12"]}, {}, "answers.confirm"),
        ({"cut": ["14"], "confirm": ["14"]}, {}, "answers.cut"),
        ({"keep": ["14"]}, {}, "answers.keep"),
        ({"cut": ["14"]}, {"SKILL.md": "text"}, "answers.cut"),
    ],
)
def test_what_cannot_be_cut_or_confirmed_is_said(answers: dict[str, Any], edits: dict[str, str], field: str) -> None:
    prompt = traced()
    with pytest.raises(AnswerInvalid) as invalid:
        check_answer(prompt, request(prompt, action="proceed", answers=answers, edits=edits))
    assert [error.field for error in invalid.value.errors] == [field]

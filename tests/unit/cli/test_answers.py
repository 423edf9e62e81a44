"""Answers from flags and from a person at a terminal fit the prompts they answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skill_fleet_common.actions import Action
from skill_fleet_common.plan_text import PLAN, plan_text
from skill_fleet_common.prompts import (
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
    ValidatePrompt,
    check_answer,
)
from skill_fleet_common.skills import Origin, Provenance, SkillPlan
from skill_fleet_tui.cli.answers import GivenAnswer, request_from_flags
from skill_fleet_tui.cli.ask import Asker
from skill_fleet_tui.cli.prompt_text import prompt_lines
from skill_fleet_tui.client.errors import UsageProblem

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OPTIONS = [Option(id="r19", label="React 19"), Option(id="r18", label="React 18")]
QUESTIONS = [
    Question(id="strict", text="Strict?", type=QuestionType.BOOLEAN),
    Question(id="version", text="Which?", type=QuestionType.SINGLE, options=OPTIONS, allows_other=True),
    Question(id="parts", text="Which parts?", type=QuestionType.MULTI, options=OPTIONS, allows_other=True),
    Question(id="why", text="Why?", type=QuestionType.TEXT),
]
COMMON: dict[str, Any] = {"prompt_id": "j.1", "job_id": "j", "title": "T", "created_at": NOON}
FILE = PromptFile(path="SKILL.md", size=5, sha256="", revision=2, text="hello")
CLARIFY = ClarifyPrompt(**COMMON, questions=QUESTIONS)
STRUCTURE_FIX = StructureFixPrompt(
    **COMMON,
    fixes=[
        FieldFix(field="name", current="My Skill", problems=["capitals"], suggestion="my-skill"),
        FieldFix(field="description", current="", problems=["empty"], suggestion="Says what."),
    ],
)
CONFIRM = ConfirmPrompt(**COMMON, plan=SkillPlan(name="n", description="d"))
PREVIEW = PreviewPrompt(**COMMON, files=[FILE])
VALIDATE = ValidatePrompt(**COMMON, files=[FILE], findings=[], measures=[])


class Person:
    """Types lines and, in the editor, leaves a text."""

    def __init__(self, lines: Sequence[str], edited: str = "") -> None:
        self._lines = list(lines)
        self._edited = edited
        self.saw: list[str] = []

    def answers(self, prompt: Prompt) -> AnswerRequest | None:
        asker = Asker(
            self.saw.append, read=self._read, edit=lambda text, name="": self._edited, fetch=lambda file: "raw"
        )
        answer = asker.ask(prompt)
        assert not self._lines, f"nobody asked for {self._lines}"
        if answer:
            check_answer(prompt, answer)
        return answer

    def _read(self, words: str) -> str:
        self.saw.append(words)
        return self._lines.pop(0)


def test_every_kind_of_question() -> None:
    answer = Person(["p", "y", "2", "1,o", "all", "of it", ".", "first", "", "second", "."]).answers(CLARIFY)

    assert answer is not None
    assert answer.action is Action.PROCEED
    assert answer.answers == {
        "strict": True,
        "version": "r18",
        "parts": ["r19", {"other": "all\nof it"}],
        "why": "first\n\nsecond",
    }


def test_an_other_answer_and_words_instead_of_numbers() -> None:
    answer = Person(["", "no", "o", "Preact", ".", "react 19, r18", "e"], edited="from the editor").answers(CLARIFY)

    assert answer is not None
    assert answer.answers == {
        "strict": False,
        "version": {"other": "Preact"},
        "parts": ["r19", "r18"],
        "why": "from the editor",
    }


def test_what_does_not_fit_is_asked_again() -> None:
    answer = Person(["x", "p", "perhaps", "n", "7", "1,2", "1", "", "1", ".", "w", "."]).answers(CLARIFY)

    assert answer is not None
    assert answer.answers == {"strict": False, "version": "r19", "parts": ["r19"], "why": "w"}


def test_the_plan_is_edited_in_place_and_checked_at_once() -> None:
    edited = plan_text(CONFIRM.plan).replace("# Outline", "# Outline\n## Never\n- log a token")
    person = Person(["e", "p"], edited=edited)
    answer = person.answers(CONFIRM)

    assert answer is not None
    assert answer.edits == {PLAN: edited}
    assert "The plan is changed; proceed to send it." in person.saw


def test_a_plan_that_cannot_be_read_is_said_with_its_line() -> None:
    person = Person(["e", "l"], edited="nonsense")
    assert person.answers(CONFIRM) is None
    assert any(said.startswith("Line 1: ") for said in person.saw)


def test_enter_takes_the_default() -> None:
    default = Default(answers={"strict": True, "version": "r18", "parts": ["r19"]})
    prompt = CLARIFY.model_copy(update={"questions": QUESTIONS[:3], "default": default})
    answer = Person(["", "", "", ""]).answers(prompt)

    assert answer is not None
    assert answer.answers == default.answers


def test_suggestions_are_accepted_or_replaced() -> None:
    answer = Person(["p", "", "Says what and when."]).answers(STRUCTURE_FIX)

    assert answer is not None
    assert answer.edits == {"description": "Says what and when."}


@pytest.mark.parametrize("prompt", [CLARIFY, STRUCTURE_FIX, CONFIRM, PREVIEW, VALIDATE])
def test_every_kind_can_be_revised_cancelled_and_left_for_later(prompt: Prompt) -> None:
    revised = Person(["r", "Shorter.", "Much.", "."]).answers(prompt)
    cancelled = Person(["X", "n", "X", "y"]).answers(prompt)

    assert revised is not None
    assert (revised.action, revised.feedback) == (Action.REVISE, "Shorter.\nMuch.")
    assert cancelled is not None
    assert cancelled.action is Action.CANCEL
    assert Person(["l"]).answers(prompt) is None


@pytest.mark.parametrize("prompt", [PREVIEW, VALIDATE])
def test_a_file_is_edited_as_it_is_and_sent_with_proceed(prompt: Prompt) -> None:
    answer = Person(["e", "p"], edited="better").answers(prompt)

    assert answer is not None
    assert answer.edits == {"SKILL.md": "better"}


def test_flags_are_read_by_the_type_of_the_question() -> None:
    values = ["strict=yes", "version=other:Preact", "parts=r19,r18", "parts=other:all", "why=because = yes"]
    request = request_from_flags(CLARIFY, GivenAnswer(values=values))

    assert request.action is Action.PROCEED
    assert request.answers == {
        "strict": True,
        "version": {"other": "Preact"},
        "parts": ["r19", "r18", {"other": "all"}],
        "why": "because = yes",
    }
    check_answer(CLARIFY, request)


def test_feedback_alone_asks_for_a_revision() -> None:
    assert request_from_flags(PREVIEW, GivenAnswer(feedback="Shorter.")).action is Action.REVISE


def test_free_text_is_left_for_the_server_to_read() -> None:
    request = request_from_flags(PREVIEW, GivenAnswer(text="looks good"))

    assert (request.action, request.text) == (None, "looks good")


def test_an_edit_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("better")
    request = request_from_flags(PREVIEW, GivenAnswer(edits=[f"SKILL.md={tmp_path / 'new.md'}"]))

    assert (request.action, request.edits) == (Action.PROCEED, {"SKILL.md": "better"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (GivenAnswer(values=["colour=red"]), "no such question"),
        (GivenAnswer(values=["strict"]), "name=value"),
        (GivenAnswer(values=["strict=perhaps"]), "true or false"),
        (GivenAnswer(edits=["SKILL.md=/nowhere/at/all"]), "cannot be read"),
    ],
)
def test_flags_that_do_not_fit_say_so(given: GivenAnswer, said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        request_from_flags(CLARIFY, given)


def test_instructions_are_cut_and_confirmed_by_the_ids_that_are_shown() -> None:
    provenance = [
        Provenance(id="12", text="Be careful.", line=12, origin=Origin.MODEL),
        Provenance(id="12.2", text="Ask twice.", line=12, origin=Origin.MODEL),
        Provenance(id="14", text="Pay in 30 days.", line=14, origin=Origin.SOURCE),
    ]
    prompt = PREVIEW.model_copy(update={"provenance": provenance})
    shown = "\n".join(prompt_lines(prompt))
    assert "   12  Be careful." in shown
    assert "Pay in 30 days." not in shown, "nobody has to decide about what a source says"
    request = request_from_flags(prompt, GivenAnswer(values=["cut=12, 14", "confirm=12.2"]))
    assert request.action is Action.PROCEED
    assert check_answer(prompt, request).answers == {"cut": ["12", "14"], "confirm": ["12.2"]}

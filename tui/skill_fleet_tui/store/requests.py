"""What is sent for a prompt: the answer request that a draft amounts to."""

from collections.abc import Sequence
from typing import Any

from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import (
    AnswerRequest,
    ClarifyPrompt,
    ConfirmPrompt,
    Prompt,
    Question,
    QuestionType,
    StructureFixPrompt,
)  # fmt: skip
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.steps import CHOICES, OTHER, QUESTION
from skill_fleet_tui.store.story import value_text


def questions_of(prompt: Prompt) -> Sequence[Question]:
    """The questions that a prompt carries."""
    return prompt.questions if isinstance(prompt, ClarifyPrompt | ConfirmPrompt) else []


def answers_of(prompt: Prompt, draft: AnswerDraft) -> dict[str, Any]:
    """What was answered so far, by question id."""
    given = {question.id: _value(question, draft) for question in questions_of(prompt)}
    return {name: value for name, value in given.items() if value is not None}


def summary_of(prompt: Prompt, draft: AnswerDraft) -> list[tuple[str, str]]:
    """What was answered so far, in words: question and answer."""
    answers = answers_of(prompt, draft)
    return [
        (question.text, value_text(answers.get(question.id, "—"), {each.id: each.label for each in question.options}))
        for question in questions_of(prompt)
    ]


def request_of(prompt: Prompt, draft: AnswerDraft, action: Action, feedback: str = "") -> AnswerRequest:
    """The whole request. It may not fit its prompt yet; `check_answer` says so."""
    proceeds = action is Action.PROCEED
    answers = answers_of(prompt, draft) if proceeds else {}
    return AnswerRequest(
        prompt_id=prompt.prompt_id,
        version=prompt.version,
        action=action,
        answers=answers | (_decided(draft) if action is not Action.CANCEL else {}),
        edits=_edits(prompt, draft) if proceeds else {},
        feedback=feedback,
    )


def _decided(draft: AnswerDraft) -> dict[str, Any]:
    """Which instructions are to be cut, and which are vouched for."""
    return {key: list(chosen) for key in CHOICES if (chosen := draft.choices.get(key))}


def _edits(prompt: Prompt, draft: AnswerDraft) -> dict[str, str]:
    if isinstance(prompt, StructureFixPrompt):
        return {fix.field: draft.edits.get(fix.field, fix.suggestion) for fix in prompt.fixes}
    return dict(draft.edits)


def _value(question: Question, draft: AnswerDraft) -> Any:
    key = f"{QUESTION}{question.id}"
    if question.type is QuestionType.TEXT:
        return draft.texts.get(key)
    chosen = draft.choices.get(key, [])
    other = {"other": draft.texts.get(f"{OTHER}{key}", "")}
    values: list[Any] = [other if value == OTHER else value for value in chosen]
    if not values:
        return None
    if question.type is QuestionType.MULTI:
        return values
    if question.type is QuestionType.BOOLEAN and not isinstance(values[0], dict):
        return values[0] == "yes"
    return values[0]

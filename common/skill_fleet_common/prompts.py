"""What a job asks a person, what the person answers, and the check of one against the other."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from skill_fleet_common import limits
from skill_fleet_common.actions import DEFAULT_KEYWORDS, Action, ActionKeywords, detect_action
from skill_fleet_common.choices import CUT, check_choices
from skill_fleet_common.plan_text import PLAN, PlanTextInvalid, read_plan
from skill_fleet_common.problems import FieldError
from skill_fleet_common.skills import (
    Finding,
    Measure,
    Origin,
    Provenance,
    Refinement,
    Remark,
    RoutedQuery,
    SkillFile,
    SkillPlan,
)

_MAIN_FILE: Final = "SKILL.md"


class Checkpoint(StrEnum):
    """The places in the workflow where a person is asked; also a prompt's kind."""

    CLARIFY = "clarify"
    STRUCTURE_FIX = "structure_fix"
    CONFIRM = "confirm"
    PREVIEW = "preview"
    VALIDATE = "validate"


class QuestionType(StrEnum):
    """The shape of a question's answer."""

    BOOLEAN = "boolean"
    SINGLE = "single"
    MULTI = "multi"
    TEXT = "text"


class Option(BaseModel):
    """One choice of a question."""

    id: str
    label: str
    description: str = ""


class Question(BaseModel):
    """One question. Its answer is a boolean, an option's id, a list of ids, or text, by `type`."""

    id: str
    text: str
    rationale: str = ""
    """Why it is asked."""
    type: QuestionType
    options: list[Option] = []
    allows_other: bool = False
    """Whether `{"other": "text"}` is an answer too."""


class FieldFix(BaseModel):
    """A field of the skill that would not pass the specification."""

    field: Literal["name", "description"]
    current: str
    problems: list[str]
    suggestion: str


class PromptFile(SkillFile):
    """A file of the skill as a prompt shows it."""

    text: str | None = None
    """The whole text, or `None` when it is too large for a frame and is fetched by reference."""


class Default(BaseModel):
    """The answer that is given when nobody is asked."""

    action: Action = Action.PROCEED
    answers: dict[str, Any] = {}
    edits: dict[str, str] = {}


class PromptBase(BaseModel):
    """What every prompt has."""

    prompt_id: str
    """Deterministic (job, checkpoint, ordinal), so that a replay finds the same prompt."""
    job_id: str
    version: int = 1
    title: str
    body: str = ""
    """Markdown."""
    default: Default = Default()
    actions: list[Action] = list(Action)
    created_at: datetime
    expires_at: datetime | None = None


class ClarifyPrompt(PromptBase):
    """The request is ambiguous: up to three questions."""

    kind: Literal[Checkpoint.CLARIFY] = Checkpoint.CLARIFY
    questions: list[Question]


class StructureFixPrompt(PromptBase):
    """The name or the description would not pass the specification: accept the suggestions, or edit."""

    kind: Literal[Checkpoint.STRUCTURE_FIX] = Checkpoint.STRUCTURE_FIX
    fixes: list[FieldFix]


class ConfirmPrompt(PromptBase):
    """The plan is ready. It may carry questions of its own (an unsure category, an overlap)."""

    kind: Literal[Checkpoint.CONFIRM] = Checkpoint.CONFIRM
    plan: SkillPlan
    questions: list[Question] = []


class PreviewPrompt(PromptBase):
    """The draft is written."""

    kind: Literal[Checkpoint.PREVIEW] = Checkpoint.PREVIEW
    files: list[PromptFile]
    diff: str = ""
    """Unified, from the last revision; empty for the first of a new skill. Cut when long."""
    provenance: list[Provenance] = []
    """Of each instruction; when they do not all fit, those from the model's general knowledge are kept first."""
    origins: dict[Origin, int] = {}
    """How many instructions come from where, over the whole skill."""


class ValidatePrompt(PromptBase):
    """The report is ready."""

    kind: Literal[Checkpoint.VALIDATE] = Checkpoint.VALIDATE
    files: list[PromptFile]
    findings: list[Finding]
    measures: list[Measure]
    remarks: list[Remark] = []
    diff: str = ""
    """Unified: what changed since the person last saw the text. Cut when long."""
    provenance: list[Provenance] = []
    """As in a preview, of the text as it is now."""
    origins: dict[Origin, int] = {}
    refinements: list[Refinement] = []
    """What was tried since the person last saw the text, with the measurements before and after."""
    routing: list[RoutedQuery] = []
    """Where each test query leads in the library."""


Prompt = Annotated[
    ClarifyPrompt | StructureFixPrompt | ConfirmPrompt | PreviewPrompt | ValidatePrompt,
    Field(discriminator="kind"),
]
"""Any prompt; `kind` tells which."""


class AnswerBody(BaseModel):
    """What somebody answers, whichever prompt it is for."""

    action: Action | None = None
    """May be left out when `text` says it."""
    answers: dict[str, Any] = {}
    """By question id; for a preview and a report `cut` and `confirm`, each a list of ids of instructions."""
    feedback: str = ""
    """What to change; needed with `revise`."""
    edits: dict[str, str] = {}
    """With `proceed`: new text by file path, by field name for `structure_fix`, or of the `plan` for `confirm`."""
    text: str = ""
    """Free text from which the action is read, instead of `action`."""


class AnswerRequest(AnswerBody):
    """What a client sends to answer a prompt."""

    prompt_id: str
    version: int


class Answer(BaseModel):
    """An answer that fits its prompt: what the workflow receives."""

    action: Action
    answers: dict[str, Any] = {}
    feedback: str = ""
    edits: dict[str, str] = {}


class AnswerInvalid(Exception):
    """The answer does not fit its prompt. The prompt stays open."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


def default_answer(prompt: Prompt) -> Answer:
    """The answer that a job which asks nobody gives to itself."""
    return Answer(action=prompt.default.action, answers=prompt.default.answers, edits=prompt.default.edits)


def check_answer(prompt: Prompt, request: AnswerRequest, keywords: ActionKeywords = DEFAULT_KEYWORDS) -> Answer:
    """Make an `Answer` of what was sent.

    Raises:
        AnswerInvalid: With one error per field that does not fit.
    """
    action, feedback = _action(prompt, request, keywords)
    errors: list[FieldError] = []
    if action is Action.REVISE and not feedback.strip():
        errors.append(FieldError(field="feedback", message="Say what should change."))
    if len(feedback) > limits.ANSWER_CHARACTERS:
        errors.append(FieldError(field="feedback", message=f"At most {limits.ANSWER_CHARACTERS:,} characters."))
    answers: dict[str, Any] = {}
    edits: dict[str, str] = {}
    if isinstance(prompt, PreviewPrompt | ValidatePrompt) and action is not Action.CANCEL:
        answers, problems = check_choices(prompt.provenance, request.answers)
        errors += problems
        if answers.get(CUT) and _MAIN_FILE in request.edits:
            message = f"Leave the lines out of your edit of {_MAIN_FILE} instead: their ids are of the text as it was."
            errors.append(FieldError(field=f"answers.{CUT}", message=message))
    elif action is Action.PROCEED:
        answers = _check_answers(prompt, request.answers, errors)
    if action is Action.PROCEED:
        edits = _check_edits(prompt, request.edits, errors)
    elif request.edits:
        errors.append(FieldError(field="edits", message="Edits go with the action `proceed`."))
    if errors:
        raise AnswerInvalid(errors)
    return Answer(action=action, answers=answers, feedback=feedback.strip(), edits=edits)


def _action(prompt: Prompt, request: AnswerRequest, keywords: ActionKeywords) -> tuple[Action, str]:
    action, feedback = request.action, request.feedback
    if action is None:
        detected = detect_action(request.text, keywords)
        if detected is None:
            raise AnswerInvalid([FieldError(field="action", message="Send an action, or text that says one.")])
        action, feedback = detected.action, feedback or detected.feedback
    if action not in prompt.actions:
        offered = ", ".join(prompt.actions)
        raise AnswerInvalid([FieldError(field="action", message=f"This prompt offers {offered}.")])
    return action, feedback


def _check_answers(prompt: Prompt, given: dict[str, Any], errors: list[FieldError]) -> dict[str, Any]:
    questions = prompt.questions if isinstance(prompt, ClarifyPrompt | ConfirmPrompt) else []
    known = {question.id for question in questions}
    errors.extend(
        FieldError(field=f"answers.{unknown}", message="There is no such question in this prompt.")
        for unknown in given.keys() - known
    )
    checked: dict[str, Any] = {}
    for question in questions:
        if question.id not in given:
            errors.append(FieldError(field=f"answers.{question.id}", message="This question needs an answer."))
        elif problem := _question_problem(question, given[question.id]):
            errors.append(FieldError(field=f"answers.{question.id}", message=problem))
        else:
            checked[question.id] = given[question.id]
    return checked


def _question_problem(question: Question, value: Any) -> str | None:
    if isinstance(value, dict):
        return _other_problem(question, value)
    ids = [option.id for option in question.options]
    match question.type:
        case QuestionType.BOOLEAN:
            return None if isinstance(value, bool) else "Answer with true or false."
        case QuestionType.SINGLE:
            return None if isinstance(value, str) and value in ids else f"Choose one of {', '.join(ids)}."
        case QuestionType.MULTI:
            return _choices_problem(question, value, ids)
        case QuestionType.TEXT:
            return _text_problem(value)


def _choices_problem(question: Question, value: Any, ids: list[str]) -> str | None:
    if not isinstance(value, list) or not value:
        return f"Choose a list of one or more of {', '.join(ids)}."
    for choice in value:
        if isinstance(choice, dict):
            if problem := _other_problem(question, choice):
                return problem
        elif not isinstance(choice, str) or choice not in ids:
            return f"Choose from {', '.join(ids)}."
    return None


def _other_problem(question: Question, value: dict[str, Any]) -> str | None:
    if not question.allows_other:
        return "This question takes no other answer than the ones it offers."
    if set(value) != {"other"}:
        return 'Another answer is written {"other": "text"}.'
    return _text_problem(value["other"])


def _text_problem(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "Answer with text."
    if len(value) > limits.ANSWER_CHARACTERS:
        return f"At most {limits.ANSWER_CHARACTERS:,} characters."
    return None


def _check_edits(prompt: Prompt, given: dict[str, str], errors: list[FieldError]) -> dict[str, str]:
    match prompt:
        case StructureFixPrompt():
            editable = {fix.field for fix in prompt.fixes}
        case PreviewPrompt() | ValidatePrompt():
            editable = {file.path for file in prompt.files}
        case ConfirmPrompt():
            editable = {PLAN}
        case _:
            editable = set()
    for name, text in given.items():
        if name not in editable:
            offered = ", ".join(sorted(editable)) or "nothing"
            errors.append(FieldError(field=f"edits.{name}", message=f"Only {offered} can be edited here."))
        elif len(text) > limits.EDIT_CHARACTERS:
            errors.append(FieldError(field=f"edits.{name}", message=f"At most {limits.EDIT_CHARACTERS:,} characters."))
        elif not text.strip():
            errors.append(FieldError(field=f"edits.{name}", message="An edit cannot be empty."))
        elif isinstance(prompt, ConfirmPrompt) and (problem := _plan_problem(prompt, text)):
            errors.append(FieldError(field=f"edits.{name}", message=problem))
    return given


def _plan_problem(prompt: ConfirmPrompt, text: str) -> str:
    try:
        read_plan(text, prompt.plan)
    except PlanTextInvalid as invalid:
        return str(invalid)
    return ""

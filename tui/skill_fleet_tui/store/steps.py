"""What a prompt asks, as a sequence of steps: a choice, several choices, or a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from skill_fleet_common.actions import Action
from skill_fleet_common.choices import CONFIRM, CUT, OVERLAP, extended
from skill_fleet_common.plan_text import PLAN
from skill_fleet_common.prompts import (
    ClarifyPrompt,
    ConfirmPrompt,
    PreviewPrompt,
    Prompt,
    Question,
    QuestionType,
    StructureFixPrompt,
    ValidatePrompt,
)  # fmt: skip
from skill_fleet_common.skills import Origin

QUESTION = "question:"
OTHER = "other:"
EDIT = "edit:"
FILE = "file:"
ACTION = "action"
SUMMARY = "summary"
AGAIN = "again"
FEEDBACK = "feedback"
CANCEL = "cancel"
DROP = "drop"
CHOICES = (CUT, CONFIRM)
"""Steps at which a person decides about single instructions, called as the answer calls them."""


class StepKind(StrEnum):
    """How a step is answered."""

    CHOICE = "choice"
    MULTI = "multi"
    TEXT = "text"


@dataclass(frozen=True)
class Choice:
    """One thing to choose."""

    value: str
    label: str
    description: str = ""
    mnemonic: str = ""
    """A letter that chooses it, besides its digit."""


@dataclass(frozen=True)
class Step:
    """One thing asked."""

    key: str
    kind: StepKind
    title: str
    why: str = ""
    choices: tuple[Choice, ...] = ()
    field: str = ""
    """What a refusal of this step's answer is called in the server's errors."""


_YES_NO = (Choice("yes", "Yes", mnemonic="y"), Choice("no", "No", mnemonic="n"))
_OTHER = Choice(OTHER, "other…", mnemonic="o")
_DECIDE = {
    CUT: ("Cut instructions", "They are taken out of the text. ⏎ goes back to the draft; nothing is sent yet."),
    CONFIRM: ("Vouch for instructions", "You know them to be right, though no source says so. ⏎ goes back."),
}
_ORIGINS = {Origin.MODEL: "general knowledge", Origin.SOURCE: "from a source", Origin.ANSWER: "from your answer"}
_PLAN = Choice(f"{FILE}{PLAN}", "Edit the plan…", mnemonic="e")
_STOP = Choice(CANCEL, "Cancel this job", mnemonic="X")


def steps_of(prompt: Prompt) -> list[Step]:
    """Everything that may be asked: first what everybody goes through, then what some choices lead to."""
    questions = prompt.questions if isinstance(prompt, ClarifyPrompt | ConfirmPrompt) else []
    steps = [step for question in questions for step in _question_steps(question)]
    match prompt:
        case ClarifyPrompt():
            if len(questions) > 1:
                again = Choice(AGAIN, "Go through them again", mnemonic="a")
                send = Choice("send", "Send these answers", mnemonic="s")
                choices = (send, again, *_offered(prompt, [_STOP]))
                steps.append(Step(SUMMARY, StepKind.CHOICE, "Send these answers?", choices=choices, field="answers"))
        case StructureFixPrompt():
            steps += _fix_steps(prompt)
        case ConfirmPrompt():
            steps.append(_action_step(prompt, "Is this the skill to write?", "Write it", [_PLAN]))
        case PreviewPrompt():
            steps.append(_action_step(prompt, "Keep this draft?", "Keep it and go on", _on_drafts(prompt)))
        case ValidatePrompt():
            steps.append(_action_step(prompt, "Accept the skill as it is?", "Accept it", _on_drafts(prompt)))
    steps += _instruction_steps(prompt)
    steps.append(Step(FEEDBACK, StepKind.TEXT, "What should change?", field="feedback"))
    stop = (Choice("no", "No, keep it", mnemonic="n"), Choice("yes", "Yes, cancel it", mnemonic="y"))
    steps.append(Step(CANCEL, StepKind.CHOICE, "Really cancel this job?", "Nothing more will be written.", stop))
    return steps


def _question_steps(question: Question) -> list[Step]:
    why = f"because: {question.rationale}" if question.rationale else ""
    key, name = f"question:{question.id}", f"answers.{question.id}"
    if question.type is QuestionType.TEXT:
        return [Step(key, StepKind.TEXT, question.text, why, field=name)]
    if question.type is QuestionType.BOOLEAN:
        choices: tuple[Choice, ...] = _YES_NO
    else:
        choices = tuple(Choice(option.id, option.label, option.description) for option in question.options)
    kind = StepKind.MULTI if question.type is QuestionType.MULTI else StepKind.CHOICE
    if not question.allows_other:
        return [Step(key, kind, question.text, why, choices, name)]
    return [
        Step(key, kind, question.text, why, (*choices, _OTHER), name),
        Step(f"{OTHER}{key}", StepKind.TEXT, question.text, "In your own words.", field=name),
    ]


def _action_step(prompt: Prompt, title: str, proceed: str, edits: list[Choice]) -> Step:
    offered = [Choice(Action.PROCEED, proceed, mnemonic="p"), *_offered(prompt, [_revise(), *edits, _STOP])]
    return Step(ACTION, StepKind.CHOICE, title, choices=tuple(offered), field="edits")


def _fix_steps(prompt: StructureFixPrompt) -> list[Step]:
    accept = Choice(Action.PROCEED, "Accept all, as shown", mnemonic="a")
    edits = [Choice(f"{EDIT}{fix.field}", f"Edit the {fix.field}", mnemonic=fix.field[0]) for fix in prompt.fixes]
    choices = (accept, *edits, *_offered(prompt, [_revise(), _STOP]))
    ask = Step(ACTION, StepKind.CHOICE, "Use these instead?", choices=choices, field="edits")
    texts = [
        Step(
            f"{EDIT}{fix.field}",
            StepKind.TEXT,
            f"The {fix.field}",
            " ".join(fix.problems),
            field=f"edits.{fix.field}",
        )
        for fix in prompt.fixes
    ]
    return [ask, *texts]


def _revise() -> Choice:
    return Choice(FEEDBACK, "Revise, with feedback…", mnemonic="r")


def _on_drafts(prompt: PreviewPrompt | ValidatePrompt) -> list[Choice]:
    steps = _instruction_steps(prompt)
    offered = [
        Choice(step.key, f"{_DECIDE[step.key][0]}…", _among(len(step.choices)), "c" if step.key == CUT else "v")
        for step in steps
    ]
    return [*offered, *_edit_choices(prompt)]


def _among(count: int, chosen: int = 0) -> str:
    return f"{chosen} of {count}" if chosen else f"{count} to choose from"


def with_counts(step: Step, chosen: Mapping[str, Sequence[str]], steps: Mapping[str, Step]) -> Step:
    """The step with how many instructions have been chosen, of how many, behind what leads to choosing them."""
    choices = [
        replace(choice, description=_among(len(steps[choice.value].choices), len(chosen.get(choice.value, ()))))
        if choice.value in CHOICES
        else choice
        for choice in step.choices
    ]
    return replace(step, choices=tuple(choices))


def as_extension(step: Step, chosen: Mapping[str, Sequence[str]]) -> Step:
    """The step about a plan, where a skill is to be extended: then this plan is not what is written."""
    name = next(filter(None, map(extended, chosen.get(f"{QUESTION}{OVERLAP}", ()))), "")
    if not name:
        return step
    proceed, *others = step.choices
    kept = tuple(choice for choice in others if choice != _PLAN)
    return replace(
        step,
        title=f"Extend {name} instead?",
        why="The plan is made again, from its text.",
        choices=(replace(proceed, label=f"Extend {name}"), *kept),
    )


def _instruction_steps(prompt: Prompt) -> list[Step]:
    """Which instructions to cut, and which of the model's own to vouch for."""
    if not isinstance(prompt, PreviewPrompt | ValidatePrompt):
        return []
    listed = [item for item in prompt.provenance if item.id]
    own = [item for item in listed if item.origin is Origin.MODEL]
    steps = []
    for key, items in ((CUT, [*own, *(item for item in listed if item not in own)]), (CONFIRM, own)):
        choices = tuple(
            Choice(item.id, f"line {item.line}: {' '.join(item.text.split())}", _ORIGINS[item.origin]) for item in items
        )
        if choices:
            steps.append(Step(key, StepKind.MULTI, *_DECIDE[key], choices, f"answers.{key}"))
    return steps


def _edit_choices(prompt: PreviewPrompt | ValidatePrompt) -> list[Choice]:
    return [
        Choice(f"{FILE}{file.path}", f"Edit {file.path}…", mnemonic="e" if index == 0 else "")
        for index, file in enumerate(prompt.files)
    ]


def _offered(prompt: Prompt, choices: list[Choice]) -> list[Choice]:
    withheld = set()
    if Action.REVISE not in prompt.actions:
        withheld.add(FEEDBACK)
    if Action.CANCEL not in prompt.actions:
        withheld.add(CANCEL)
    return [choice for choice in choices if choice.value not in withheld]

"""Answering a prompt, step by step, without a screen: what is asked next, what was chosen, what is sent.

What a person does changes the draft, which outlives the form: leaving a job, losing the connection or
resizing the terminal loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import (
    AnswerInvalid,
    AnswerRequest,
    ClarifyPrompt,
    ConfirmPrompt,
    Prompt,
    Question,
    QuestionType,
    StructureFixPrompt,
    check_answer,
)  # fmt: skip
from skill_fleet_tui.store.steps import AGAIN, CANCEL, EDIT, FEEDBACK, FILE, OTHER, QUESTION, Step, StepKind, steps_of
from skill_fleet_tui.store.story import value_text

_ANYWHERE = {"x": CANCEL, "r": FEEDBACK}
"""Letters that work at every step, where the prompt offers what they lead to."""


@dataclass
class AnswerDraft:
    """What a person has typed and chosen for one prompt, and how sending it goes."""

    choices: dict[str, list[str]] = field(default_factory=dict)
    """Chosen values by step."""
    texts: dict[str, str] = field(default_factory=dict)
    """Typed text by step."""
    edits: dict[str, str] = field(default_factory=dict)
    """New text by file or field."""
    at: str = ""
    """The step that is being answered; empty before the first."""
    trail: list[str] = field(default_factory=list)
    """Steps gone through to get there, for going back."""
    cursor: dict[str, int] = field(default_factory=dict)
    """The highlighted choice by step."""
    errors: dict[str, str] = field(default_factory=dict)
    """What the server, or the check before sending, said about a field."""
    notice: str = ""
    """What became of sending it."""
    sending: bool = False
    accepted: bool = False
    """The server has taken it; the job goes on any moment."""
    closed: bool = False
    """Somebody else answered, or the prompt is gone: nothing can be sent any more."""
    key: str = field(default_factory=lambda: uuid4().hex)
    """Idempotency key, the same until it is known what became of the answer."""
    version: int = 0
    """Counts up with every change."""

    @property
    def typed(self) -> str:
        """Everything that was written in words, to be copied when it can no longer be sent."""
        return "\n\n".join(text for text in (*self.texts.values(), *self.edits.values()) if text.strip())

    def touch(self) -> None:
        """Note that something changed."""
        self.version += 1

    def close(self, notice: str) -> None:
        """Nothing can be sent any more; what was typed stays to be read."""
        self.closed, self.sending, self.notice = True, False, notice
        self.touch()


@dataclass(frozen=True)
class EditFile:
    """A person wants to edit a file in place."""

    path: str


Outcome = AnswerRequest | EditFile | None
"""What a key leads to: an answer to send, a file to edit, or only the next step."""


class AnswerForm:
    """A prompt and its draft, as a sequence of steps."""

    def __init__(self, prompt: Prompt, draft: AnswerDraft) -> None:
        self.prompt = prompt
        self.draft = draft
        self._steps = {step.key: step for step in steps_of(prompt)}
        self.main = [key for key in self._steps if key not in (FEEDBACK, CANCEL) and not key.startswith((OTHER, EDIT))]
        """Keys of the steps that everybody goes through, in order."""
        if draft.at not in self._steps:
            draft.at, draft.trail = self.main[0], []

    # --- what is asked now ----------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step that is being answered."""
        return self._steps[self.draft.at]

    @property
    def place(self) -> tuple[int, int]:
        """Number of this step among those everybody goes through, and how many there are."""
        at = next((key for key in [self.draft.at, *reversed(self.draft.trail)] if key in self.main), self.main[0])
        return self.main.index(at) + 1, len(self.main)

    @property
    def cursor(self) -> int:
        """Index of the highlighted choice."""
        return min(self.draft.cursor.get(self.step.key, 0), max(len(self.step.choices) - 1, 0))

    def is_chosen(self, value: str) -> bool:
        """Whether a choice of this step has been made."""
        return value in self.draft.choices.get(self.step.key, [])

    @property
    def text(self) -> str:
        """What was typed at this step, or what there is to start from."""
        if self.step.key in self.draft.texts:
            return self.draft.texts[self.step.key]
        return self._starting_text()

    @property
    def problem(self) -> str:
        """What is wrong with this step's answer, if anything was said about it."""
        errors = self.draft.errors
        return errors.get(self.step.field, "") or next(
            (said for name, said in errors.items() if name.startswith(f"{self.step.field}.") and self.step.field), ""
        )

    def summary(self) -> list[tuple[str, str]]:
        """What has been answered so far: question and answer."""
        answers = self._answers()
        return [(question.text, _said(question, answers.get(question.id, "—"))) for question in self._questions()]

    # --- what a person does ---------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the highlight."""
        if self.step.choices:
            self.draft.cursor[self.step.key] = (self.cursor + by) % len(self.step.choices)
            self.draft.touch()

    def answers_to(self, letter: str) -> bool:
        """Whether a digit or letter means something at this step."""
        chosen = any(letter in (str(at + 1), choice.mnemonic) for at, choice in enumerate(self.step.choices))
        return chosen or letter in _ANYWHERE

    def press(self, letter: str) -> Outcome:
        """A digit or a mnemonic: highlights its choice, and takes it (in a choice of several: toggles it)."""
        for index, choice in enumerate(self.step.choices):
            if letter in (str(index + 1), choice.mnemonic):
                self.draft.cursor[self.step.key] = index
                if self.step.kind is StepKind.MULTI:
                    self.toggle()
                    return None
                return self.enter()
        if letter in _ANYWHERE and _ANYWHERE[letter] not in (self.step.key, *self.draft.trail):
            return self._offer(_ANYWHERE[letter])
        return None

    def toggle(self) -> None:
        """Take or leave the highlighted choice, where several may be taken."""
        if self.step.kind is not StepKind.MULTI:
            return
        value = self.step.choices[self.cursor].value
        chosen = self.draft.choices.setdefault(self.step.key, [])
        if value in chosen:
            chosen.remove(value)
        else:
            chosen.append(value)
        self._clear_error()

    def type(self, text: str) -> None:
        """What the text of this step is now."""
        if text != self.text:
            self.draft.texts[self.step.key] = text
            self._clear_error()

    def edit(self, name: str, text: str) -> None:
        """A file was edited in place; its new text goes with the answer."""
        self.draft.edits[name] = text
        self.draft.errors.pop(f"edits.{name}", None)
        self.draft.touch()

    def enter(self) -> Outcome:
        """Take what is chosen or typed, and go on."""
        self._clear_error()
        match self.step.kind:
            case StepKind.TEXT:
                return self._after_text()
            case StepKind.MULTI:
                return self._after_several()
        value = self.step.choices[self.cursor].value
        self.draft.choices[self.step.key] = [value]
        return self._after_choice(value)

    def back(self) -> bool:
        """One step back. False at the first: there is nothing to go back to."""
        if not self.draft.trail:
            return False
        self.draft.at = self.draft.trail.pop()
        self.draft.touch()
        return True

    def refuse(self, errors: dict[str, str]) -> None:
        """Say what is wrong with the answer, and go to the step it is about."""
        self.draft.errors = errors
        for step in self._steps.values():
            if step.field and any(name == step.field or name.startswith(f"{step.field}.") for name in errors):
                self.draft.trail = []
                self.draft.at = step.key
                break
        self.draft.touch()

    # --- inside ---------------------------------------------------------------------------------------

    def _questions(self) -> Sequence[Question]:
        return self.prompt.questions if isinstance(self.prompt, ClarifyPrompt | ConfirmPrompt) else []

    def _starting_text(self) -> str:
        if isinstance(self.prompt, StructureFixPrompt) and self.step.key.startswith(EDIT):
            name = self.step.key.removeprefix(EDIT)
            return next(
                (self.draft.edits.get(name, fix.suggestion) for fix in self.prompt.fixes if fix.field == name), ""
            )
        return ""

    def _offer(self, key: str) -> None:
        action = Action.CANCEL if key == CANCEL else Action.REVISE
        if action in self.prompt.actions:
            self._go(key)

    def _after_text(self) -> Outcome:
        key, text = self.step.key, self.text
        if not text.strip():
            return self._wrong("Say what should change." if key == FEEDBACK else "Type an answer first.")
        if key == FEEDBACK:
            return self._request(Action.REVISE, feedback=text)
        if key.startswith(EDIT):
            self.draft.edits[key.removeprefix(EDIT)] = text
            self.back()
            return None
        return self._onward()

    def _after_several(self) -> Outcome:
        chosen = self.draft.choices.get(self.step.key, [])
        if not chosen:
            return self._wrong("Choose one or more with space.")
        if OTHER in chosen:
            return self._go(f"{OTHER}{self.step.key}")
        return self._onward()

    def _after_choice(self, value: str) -> Outcome:
        if value == OTHER:
            return self._go(f"{OTHER}{self.step.key}")
        if self.step.key.startswith(QUESTION):
            return self._onward()
        if self.step.key == CANCEL:
            return self._request(Action.CANCEL) if value == "yes" else self._stay()
        if value == AGAIN:
            return self._restart()
        if value.startswith(FILE):
            return EditFile(value.removeprefix(FILE))
        if value in (FEEDBACK, CANCEL) or value.startswith(EDIT):
            return self._go(value)
        return self._onward()

    def _stay(self) -> None:
        self.back()

    def _restart(self) -> None:
        self.draft.at, self.draft.trail = self.main[0], []
        self.draft.touch()

    def _onward(self) -> Outcome:
        number, count = self.place
        if number < count:
            return self._go(self.main[number])
        return self._request(Action.PROCEED)

    def _go(self, key: str) -> None:
        self.draft.trail.append(self.draft.at)
        self.draft.at = key
        self.draft.touch()

    def _wrong(self, message: str) -> None:
        self.draft.errors[self.step.field] = message
        self.draft.touch()

    def _clear_error(self) -> None:
        field_ = self.step.field
        self.draft.errors = {
            name: said
            for name, said in self.draft.errors.items()
            if name != field_ and not name.startswith(f"{field_}.")
        }
        self.draft.notice = ""
        self.draft.touch()

    def _answers(self) -> dict[str, Any]:
        answers = {}
        for question in self._questions():
            value = self._answer(question)
            if value is not None:
                answers[question.id] = value
        return answers

    def _answer(self, question: Question) -> Any:
        key = f"{QUESTION}{question.id}"
        if question.type is QuestionType.TEXT:
            return self.draft.texts.get(key)
        chosen = self.draft.choices.get(key, [])
        other = {"other": self.draft.texts.get(f"{OTHER}{key}", "")}
        values: list[Any] = [other if value == OTHER else value for value in chosen]
        if not values:
            return None
        if question.type is QuestionType.MULTI:
            return values
        if question.type is QuestionType.BOOLEAN and not isinstance(values[0], dict):
            return values[0] == "yes"
        return values[0]

    def _edits(self) -> dict[str, str]:
        if isinstance(self.prompt, StructureFixPrompt):
            return {fix.field: self.draft.edits.get(fix.field, fix.suggestion) for fix in self.prompt.fixes}
        return dict(self.draft.edits)

    def _request(self, action: Action, feedback: str = "") -> Outcome:
        proceeds = action is Action.PROCEED
        request = AnswerRequest(
            prompt_id=self.prompt.prompt_id,
            version=self.prompt.version,
            action=action,
            answers=self._answers() if proceeds else {},
            edits=self._edits() if proceeds else {},
            feedback=feedback,
        )
        try:
            check_answer(self.prompt, request)
        except AnswerInvalid as invalid:
            self.refuse({error.field: error.message for error in invalid.errors})
            return None
        return request


def _said(question: Question, value: Any) -> str:
    return value_text(value, {option.id: option.label for option in question.options})

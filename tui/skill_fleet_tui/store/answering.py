"""Answering a prompt, step by step, without a screen: what is asked next, what was chosen, what is sent.

What a person does changes the draft, which outlives the form: leaving a job, losing the connection or
resizing the terminal loses nothing.
"""

from dataclasses import dataclass, replace

from skill_fleet_common.actions import Action
from skill_fleet_common.prompts import (
    AnswerInvalid,
    AnswerRequest,
    Prompt,
    StructureFixPrompt,
    check_answer,
)  # fmt: skip
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.requests import request_of, summary_of
from skill_fleet_tui.store.steps import (
    ACTION,
    AGAIN,
    CANCEL,
    CHOICES,
    DROP,
    EDIT,
    FEEDBACK,
    FILE,
    OTHER,
    QUESTION,
    Choice,
    Step,
    StepKind,
    as_extension,
    steps_of,
    with_counts,
)  # fmt: skip

EDITOR = "e"
"""The letter that writes another answer than the ones offered in the editor."""

_ANYWHERE = {"X": CANCEL, "r": FEEDBACK}
"""Letters that work at every step, where the prompt offers what they lead to."""


@dataclass(frozen=True)
class EditFile:
    """A person wants to edit a file in place; without a path, to write the text of the step in the editor."""

    path: str = ""


Outcome = AnswerRequest | EditFile | None
"""What a key leads to: an answer to send, a file to edit, or only the next step."""


class AnswerForm:
    """A prompt and its draft, as a sequence of steps."""

    def __init__(self, prompt: Prompt, draft: AnswerDraft) -> None:
        self.prompt = prompt
        self.draft = draft
        self._steps = {step.key: step for step in steps_of(prompt)}
        aside = (FEEDBACK, CANCEL, *CHOICES)
        self.main = [key for key in self._steps if key not in aside and not key.startswith((OTHER, EDIT))]
        """Keys of the steps that everybody goes through, in order."""
        if draft.at not in self._steps:
            draft.at, draft.trail = self.main[0], []

    # --- what is asked now ----------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step that is being answered."""
        step = self._steps[self.draft.at]
        if step.key != ACTION:
            return step
        step = as_extension(with_counts(step, self.draft.choices, self._steps), self.draft.choices)
        return _with_edits(step) if self._edited_files else step

    @property
    def busy(self) -> bool:
        """Whether nothing can be changed: the answer is on its way, or nobody waits for one any more."""
        return self.draft.sending or self.draft.accepted or self.draft.closed

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
        return summary_of(self.prompt, self.draft)

    # --- what a person does ---------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the highlight."""
        if self.step.choices:
            self.draft.cursor[self.step.key] = (self.cursor + by) % len(self.step.choices)
            self.draft.touch()

    def answers_to(self, letter: str) -> bool:
        """Whether a digit or letter means something at this step."""
        chosen = any(letter in (str(at + 1), choice.mnemonic) for at, choice in enumerate(self.step.choices))
        return chosen or letter in _ANYWHERE or (letter == EDITOR and self._other is not None)

    def press(self, letter: str) -> Outcome:
        """A digit or a mnemonic: highlights its choice, and takes it (in a choice of several: toggles it)."""
        for index, choice in enumerate(self.step.choices):
            if letter in (str(index + 1), choice.mnemonic):
                self.draft.cursor[self.step.key] = index
                if self.step.kind is StepKind.MULTI:
                    self.toggle()
                    return None
                return self.enter()
        if letter == EDITOR and self._other is not None:
            self.draft.cursor[self.step.key] = self._other
            self._take_other()
            return EditFile()
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
            self._leave_other_choice(value)
        self._clear_error()

    def type(self, text: str) -> None:
        """What the text of this step is now."""
        if text != self.text:
            self.draft.texts[self.step.key] = text
            self._clear_error()

    def edit(self, name: str, text: str, before: str = "") -> None:
        """A file was edited in place; its new text goes with the answer.

        Args:
            name: Of the file.
            text: What it says now.
            before: What it said before this edit, to show what changes.
        """
        if text == self.draft.originals.setdefault(name, before):
            self._drop(name)
        else:
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

    def _starting_text(self) -> str:
        if isinstance(self.prompt, StructureFixPrompt) and self.step.key.startswith(EDIT):
            name = self.step.key.removeprefix(EDIT)
            return next(
                (self.draft.edits.get(name, fix.suggestion) for fix in self.prompt.fixes if fix.field == name), ""
            )
        return ""

    @property
    def _edited_files(self) -> bool:
        return bool(self.draft.edits) and not isinstance(self.prompt, StructureFixPrompt)

    @property
    def _other(self) -> int | None:
        """Index of the choice that leads to an answer in one's own words."""
        return next((index for index, choice in enumerate(self.step.choices) if choice.value == OTHER), None)

    def _take_other(self) -> None:
        chosen = self.draft.choices.setdefault(self.step.key, [])
        if self.step.kind is not StepKind.MULTI:
            chosen.clear()
        if OTHER not in chosen:
            chosen.append(OTHER)
        self._go(f"{OTHER}{self.step.key}")

    def _leave_other_choice(self, value: str) -> None:
        """An instruction is cut or vouched for, never both."""
        for key in CHOICES:
            if self.step.key in CHOICES and key != self.step.key and value in self.draft.choices.get(key, []):
                self.draft.choices[key].remove(value)

    def _drop(self, name: str) -> None:
        self.draft.edits.pop(name, None)
        self.draft.originals.pop(name, None)

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
        if self.step.key in CHOICES:
            self.back()
            return None
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
        if value == DROP:
            return self._drop_all()
        if value.startswith(FILE):
            return EditFile(value.removeprefix(FILE))
        if value in (FEEDBACK, CANCEL, *CHOICES) or value.startswith(EDIT):
            return self._go(value)
        return self._onward()

    def _stay(self) -> None:
        self.back()

    def _restart(self) -> None:
        self.draft.at, self.draft.trail = self.main[0], []
        self.draft.touch()

    def _drop_all(self) -> None:
        for name in list(self.draft.edits):
            self._drop(name)
        self.draft.cursor.pop(self.step.key, None)
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

    def _request(self, action: Action, feedback: str = "") -> Outcome:
        request = request_of(self.prompt, self.draft, action, feedback)
        try:
            check_answer(self.prompt, request)
        except AnswerInvalid as invalid:
            self.refuse({error.field: error.message for error in invalid.errors})
            return None
        return request


def _with_edits(step: Step) -> Step:
    """The choices once files have been edited: what is sent with them, and a way to be rid of the edits."""
    first, *others = step.choices
    kept = replace(first, label=f"{first.label}, with your edits")
    stop = [choice for choice in others if choice.value == CANCEL]
    between = [choice for choice in others if choice.value != CANCEL]
    return replace(step, choices=(kept, *between, Choice(DROP, "Drop your edits", mnemonic="d"), *stop))

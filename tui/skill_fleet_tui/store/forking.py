"""Where a job can be forked from, as its events tell it: its finished steps and answered questions, in order.

Knows no screen. A question that a fork shares with its origin was asked there, and is found among that job's events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from skill_fleet_common.actions import Action
from skill_fleet_common.events import HitlPause, HitlResolved, HitlResolvedData, ModuleEnd, ModuleStart
from skill_fleet_common.jobs import Usage
from skill_fleet_common.prompts import Prompt, QuestionType
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.requests import questions_of
from skill_fleet_tui.store.steps import FEEDBACK, OTHER, QUESTION, steps_of
from skill_fleet_tui.store.story import usage_parts
from skill_fleet_tui.text.amounts import duration_text

ASKED: Final = "ask/"
"""What the name of a question's step begins with."""


@dataclass(frozen=True)
class ForkPoint:
    """A step that a fork can begin with."""

    step: str
    """As the server names it: `write_skill`, `ask/clarify.1`."""
    said: str
    """What became of it, for people."""
    prompt: Prompt | None = None
    """What was asked, if it is a question."""
    answer: HitlResolvedData | None = None
    """How the question ended."""
    shared: int = 0
    """How many steps ended before it began."""
    spared: Usage = field(default_factory=Usage)
    """What those have used, and a fork does not use again."""
    beside: tuple[str, ...] = ()
    """Steps at work at the same time: those that the workflow begins first are shared."""
    anew: int = 0
    """How many steps began after it had ended."""

    @property
    def can_revise(self) -> bool:
        """Whether it is a question that takes feedback."""
        return self.prompt is not None and Action.REVISE in self.prompt.actions

    @property
    def feedback(self) -> str:
        """What was said to be changed there."""
        return self.answer.feedback if self.answer is not None else ""


@dataclass
class _Step:
    began: int
    ended: int | None = None
    said: str = ""
    usage: Usage = field(default_factory=Usage)
    prompt: Prompt | None = None
    answer: HitlResolvedData | None = None


def fork_points(events: Iterable[Any]) -> list[ForkPoint]:
    """The steps that have an end, in the order they began; `events` are those of one job, oldest first."""
    steps: dict[str, _Step] = {}
    for at, event in enumerate(events):
        match event:
            case ModuleStart():
                steps.setdefault(event.data.step, _Step(at))
            case ModuleEnd():
                step = steps.setdefault(event.data.step, _Step(at))
                step.ended, step.usage, step.said = at, event.data.usage, _module_said(event)
            case HitlPause():
                prompt = event.data.prompt
                steps.setdefault(_asked(prompt.prompt_id, prompt.job_id), _Step(at, prompt=prompt))
            case HitlResolved() if (asked := steps.get(_asked(event.data.prompt_id, event.job_id))) is not None:
                asked.ended, asked.answer = at, event.data
                asked.said = _question_said(asked.prompt, event.data)
    return _points({name: step for name, step in steps.items() if step.ended is not None})


def nearest(points: list[ForkPoint], words: str) -> int | None:
    """Index of the step that a person means: by its name, or by all the words in it, the newest first."""
    named = [index for index, point in enumerate(points) if point.step == words]
    found = named or [index for index, point in enumerate(points) if matches(point, words)]
    return found[-1] if found else None


def matches(point: ForkPoint, words: str) -> bool:
    """Whether all words are in what is shown of it."""
    shown = f"{point.step} {point.said}".casefold()
    return all(word in shown for word in words.casefold().split())


def draft_of(point: ForkPoint) -> AnswerDraft:
    """The answer that was given there, ready to be changed."""
    draft = AnswerDraft()
    if point.prompt is None or point.answer is None:
        return draft
    for question in questions_of(point.prompt):
        if (value := point.answer.answers.get(question.id)) is None:
            continue
        key = f"{QUESTION}{question.id}"
        if question.type is QuestionType.TEXT:
            draft.texts[key] = str(value)
            continue
        for one in value if isinstance(value, list) else [value]:
            draft.choices.setdefault(key, []).append(_chosen(draft, key, one))
    if point.feedback:
        draft.texts[FEEDBACK] = point.feedback
    for step in steps_of(point.prompt):
        chosen = draft.choices.get(step.key, [""])[0]
        values = [choice.value for choice in step.choices]
        if chosen in values:
            draft.cursor[step.key] = values.index(chosen)
    return draft


def _chosen(draft: AnswerDraft, key: str, value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case {"other": text}:
            draft.texts[f"{OTHER}{key}"] = str(text)
            return OTHER
    return str(value)


def _points(steps: dict[str, _Step]) -> list[ForkPoint]:
    points = []
    for name, step in sorted(steps.items(), key=lambda named: named[1].began):
        before = [other for other in steps.values() if _end(other) < step.began]
        after = [other for other in steps.values() if other.began > _end(step)]
        apart = {id(one) for one in (step, *before, *after)}
        beside = [other for other, one in steps.items() if id(one) not in apart]
        points.append(
            ForkPoint(
                name,
                step.said,
                step.prompt,
                step.answer,
                len(before),
                sum((other.usage for other in before), Usage()),
                tuple(beside),
                len(after),
            )
        )
    return points


def _end(step: _Step) -> int:
    assert step.ended is not None
    return step.ended


def _asked(prompt_id: str, job_id: str) -> str:
    return f"{ASKED}{prompt_id.removeprefix(f'{job_id}.')}"


def _module_said(event: ModuleEnd) -> str:
    data = event.data
    if not data.ok:
        return f"failed: {data.error.message}" if data.error is not None else "failed"
    shared = ["from a checkpoint"] if data.replayed else []
    return " · ".join([duration_text(data.duration_s), *usage_parts(data.usage), *shared])


def _question_said(prompt: Prompt | None, data: HitlResolvedData) -> str:
    title = prompt.title if prompt is not None else ""
    answer = str(data.action or data.outcome) if data.outcome == "answered" else data.outcome
    return f"{title} → {answer}{f' “{_line(data.feedback)}”' if data.feedback else ''}"


def _line(text: str) -> str:
    return " ".join(text.split())

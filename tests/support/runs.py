"""Builders for runs of programs: inputs that fit, and an observer that remembers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from skill_fleet_server.lm.config import ModelsConfig
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.programs.runner import AttemptStart, StepRunner

TASK = "A skill for writing Python logging the way our team does it, with structlog and request ids. Never log secrets."

EXCERPTS = [
    {
        "ref": "guide.md:1-5",
        "text": "# Logging rules\n\n- Use structlog with bound loggers.\n- Every line carries a request id.\n",
    }
]
ANSWERS = [{"question": "Who will mostly work with this skill?", "answer": "Reviewers of pull requests"}]
PLAN = {
    "name": "python-logging",
    "description": "Guides Python logging. Use when a task mentions log lines.",
    "outline": [{"heading": "Steps", "points": ["Bind the request id"]}],
    "success_criteria": ["Every line carries a request id."],
}
REQUIREMENTS = {
    "domain": "Python logging",
    "target_level": "intermediate",
    "topics": ["Binding loggers", "Request ids", "Check the result"],
    "trigger_phrases": ["fix my log lines"],
    "suggested_name": "python-logging",
    "suggested_description": "Guides Python logging. Use when a task mentions log lines.",
}


def write_skill_inputs(**changes: Any) -> dict[str, Any]:
    return {
        "plan": PLAN, "requirements": REQUIREMENTS, "answers": ANSWERS, "excerpts": EXCERPTS,
        "went_wrong": [], "existing": "", "template": "", "feedback": "", "previous": "",
    } | changes  # fmt: skip


@dataclass
class Recorder:
    """A `StepObserver` that keeps what it is told."""

    starts: list[AttemptStart] = field(default_factory=list)
    texts: dict[tuple[int, str], str] = field(default_factory=dict)
    """Text by `gen` and field, in the order they began."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first text."""

    async def attempt_started(self, start: AttemptStart) -> None:
        self.starts.append(start)

    def text(self, attempt: int, gen: int, field: str, text: str) -> None:
        assert gen >> 8 == attempt
        self.texts[gen, field] = self.texts.get((gen, field), "") + text
        self.began.set()

    @property
    def failures(self) -> list[str]:
        """Codes of what ended attempts before the last."""
        return [start.failure.code for start in self.starts if start.failure]

    def last(self, field: str) -> str:
        """The text of a field in the newest reply that has it."""
        return next((text for (_, name), text in reversed(self.texts.items()) if name == field), "")


def runner(**settings: Any) -> StepRunner:
    """A runner that does not wait between attempts; with the demo model unless `default` says otherwise."""
    return StepRunner(ModelTable(ModelsConfig.model_validate({"backoff_s": 0.0} | settings), demo_delay=0))

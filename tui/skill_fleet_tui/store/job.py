"""One job as the dashboard knows it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from skill_fleet_common.events import DurableEvent, UnknownEvent
from skill_fleet_common.jobs import JobStatus, JobView, ModuleStatus, ModuleView
from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.store.files import FileHistory
from skill_fleet_tui.store.live import LiveFields, LiveText
from skill_fleet_tui.store.log import JobLog
from skill_fleet_tui.store.timeline import Timeline

if TYPE_CHECKING:
    from skill_fleet_common.library import Promoted

TITLE_CHARACTERS = 80
"""Longest title, in characters."""

DOCUMENT_FIELDS = {"write_skill": "body", "refine_skill": "refined"}
"""By module, the field whose text is SKILL.md."""


_OPENING = re.compile(
    r"^(?:(?:write|make|create)(?: me)? )?(?:an? |the )?(?:agent )?skill (?:for|to|about|on|that) ", re.I
)
"""How most people begin to ask for a skill: in a narrow list only what comes after it tells jobs apart."""


def _told_apart(asked: str) -> str:
    rest = _OPENING.sub("", asked)
    return rest[:1].upper() + rest[1:]


class Urgency(StrEnum):
    """The groups of the job list, the first on top."""

    ASKS = "asks"
    RUNS = "runs"
    RESTS = "rests"


@dataclass
class JobState:
    """A job's view, log and text in flight."""

    view: JobView
    log: JobLog = field(default_factory=JobLog)
    timeline: Timeline = field(default_factory=Timeline)
    files: FileHistory = field(default_factory=FileHistory)
    live: LiveFields = field(default_factory=LiveFields)
    unread: bool = False
    """Something worth reading happened while another job was selected."""
    loading: bool = False
    """Its past events are being fetched."""
    left_over: Prompt | None = None
    """The question that was asked last and is no longer: an answer to it may still be on its way, or in vain."""
    promoted: "Promoted | None" = None
    """The skill of the library that its draft has become, as far as it is known."""
    version: int = 0
    """Counts up with every change of `view`, `unread`, `loading`, `left_over` or `promoted`."""

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """The view says which steps are over, all of them once the job is: their texts are written no more."""
        for run in self.view.modules:
            if self.view.status.is_terminal or run.status is not ModuleStatus.RUNNING:
                self.live.settle(run.step)
            else:
                self.live.go_on(run.step)

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events for the log, the timeline and the files, in any order and however often they come."""
        events = list(events)
        self.log.add(events)
        self.timeline.add(events)
        self.files.add(events)

    @property
    def id(self) -> str:
        """The job's id."""
        return self.view.job_id

    @property
    def history_missing(self) -> bool:
        """Whether events that the view already contains have yet to be fetched for the log."""
        return self.log.whole_to < self.view.seq

    @property
    def title(self) -> str:
        """The skill's name once there is one, else the beginning of what was asked for."""
        named, asked = (
            " ".join(said[: 2 * TITLE_CHARACTERS].split()) for said in (self.view.name, self.view.task_description)
        )
        return (named or _told_apart(asked))[:TITLE_CHARACTERS] or self.view.job_id

    @property
    def urgency(self) -> Urgency:
        """Which group of the list the job is in."""
        if self.view.prompt is not None:
            return Urgency.ASKS
        return Urgency.RESTS if self.view.status.is_terminal else Urgency.RUNS

    @property
    def running(self) -> list[ModuleView]:
        """The modules at work now, in the order they began."""
        if self.view.status.is_terminal or self.view.status is JobStatus.PENDING_HITL:
            return []
        return [run for run in self.view.modules if run.status is ModuleStatus.RUNNING]

    def document(self) -> LiveText | None:
        """SKILL.md as it is being written; of several texts, the one that began last."""
        written = [held for held in self.live.all() if DOCUMENT_FIELDS.get(held.module) == held.field]
        return written[-1] if written else None

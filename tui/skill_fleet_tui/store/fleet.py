"""The one store: frames go in, every widget reads it. It owns what is true on the screen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from skill_fleet_common.events import (
    DurableEvent,
    Hello,
    HitlResolved,
    JobCreated,
    Keepalive,
    ModuleEnd,
    ModuleRetry,
    ModuleStart,
    Reset,
    Snapshot,
    SnapshotEnd,
    Token,
    TokenSync,
    UnknownEvent,
)  # fmt: skip
from skill_fleet_common.fold import apply
from skill_fleet_common.jobs import JobView
from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.store.connection import ConnectionState
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.job import JobState, Urgency
from skill_fleet_tui.store.listing import arranged

NOTABLE = frozenset({"hitl_pause", "artifact", "completed", "failed", "cancelled"})
"""Types of event that mark a job unread."""


FILES_KEPT = 64
"""Most texts of files that are held."""


@dataclass(frozen=True)
class Edge:
    """Something a person may want to be told about at once."""

    kind: str
    """The event's type: `hitl_pause`, `hitl_resolved`, `completed`, `failed` or `cancelled`."""
    job_id: str


EDGES = frozenset({"hitl_pause", "hitl_resolved", "completed", "failed", "cancelled"})


class FleetState:
    """Every job the dashboard knows, folded from the stream; which is selected; drafts; the connection.

    Args:
        clock: Monotonic seconds; tests give their own.
        heard: Called with every frame that says something, and with whatever else comes from the server.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, heard: Callable[[], None] = lambda: None) -> None:
        self.clock = clock
        self.heard = heard
        self.jobs: dict[str, JobState] = {}
        self.selected: str | None = None
        self.connection = ConnectionState()
        self.drafts: dict[str, AnswerDraft] = {}
        """What was typed, by prompt id."""
        self.files: dict[tuple[str, str, int], str] = {}
        """Texts of files that were looked at, by job, path and revision."""
        self.file_problems: dict[tuple[str, str, int], str] = {}
        """Why the server does not give a text that was asked for."""
        self.version = 0
        """Counts up with every change that the job list or the counters show."""
        self.wanted: set[str] = set()
        """Jobs that are talked about but not known, or of which events were missed: their views must be fetched."""
        self._edges: list[Edge] = []
        self._order: list[str] = []
        self._ordered_at = 0
        self.data_dir: Path | None = None
        """Where drafts are, when the server is of this machine."""
        self.model = ""
        """The model that the server lets write by default."""
        self.demo = False
        """Whether the server says that the demo model writes by default."""
        self._epoch = ""
        self._incoming: dict[str, JobView] | None = None
        self._met = False
        """Whether the server has said which jobs there are: what it tells after that is news."""

    # --- what comes in --------------------------------------------------------------------------------

    def apply(self, event: Any) -> None:
        """Take in one frame."""
        self.connection.last_frame = self.clock()
        if isinstance(event, Keepalive):  # nothing is other than before, but for how old it is
            return
        self.heard()
        match event:
            case Token() | TokenSync():
                if (job := self.jobs.get(event.job_id)) is not None and not job.view.status.is_terminal:
                    job.live.take(event, self.clock())
            case DurableEvent():
                self._durable(event)
            case UnknownEvent() if event.job_id and event.seq:
                self._durable(event)
            case Hello():
                self._hello(event)
            case Reset():
                self._incoming = {}
                self._forget()
            case Snapshot():
                if self._incoming is not None:
                    self._incoming[event.job_id] = event.data.job
            case SnapshotEnd():
                self._replace()

    def add_history(self, job_id: str, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in past events of a job. They complete its log; its view has them already."""
        if (job := self.jobs.get(job_id)) is not None:
            job.add(events)

    def adopt(self, view: JobView) -> None:
        """Take in a job's view that was asked for."""
        self.wanted.discard(view.job_id)
        job = self.jobs.get(view.job_id)
        if job is None:
            self.jobs[view.job_id] = JobState(view)
            self._changed()
        elif view.seq > job.view.seq:
            self._overtake(job, view)
            self._changed(job)

    # --- what a person does ---------------------------------------------------------------------------

    def select(self, job_id: str | None) -> None:
        """Show a job; it counts as read."""
        self.selected = job_id
        job = self.jobs.get(job_id or "")
        if job is not None and job.unread:
            job.unread = False
            job.version += 1
        self.version += 1

    def draft(self, prompt: Any) -> AnswerDraft:
        """What was typed for a prompt so far."""
        return self.drafts.setdefault(prompt.prompt_id, AnswerDraft())

    def keep_file(self, ref: tuple[str, str, int], text: str) -> None:
        """Keep a file's text, and of all files only those looked at last."""
        self.files.pop(ref, None)
        self.files[ref] = text
        while len(self.files) > FILES_KEPT:
            del self.files[next(iter(self.files))]

    # --- what widgets ask -----------------------------------------------------------------------------

    @property
    def current(self) -> JobState | None:
        """The selected job."""
        return self.jobs.get(self.selected or "")

    @property
    def told_at(self) -> datetime | None:
        """When the last thing happened that is known."""
        return max((job.view.updated_at for job in self.jobs.values()), default=None)

    def order(self) -> list[str]:
        """Ids as the list shows them when nothing is filtered."""
        if self._ordered_at != self.version:
            self._ordered_at, self._order = self.version, [row.job_id for row in arranged(self.jobs)]
        return self._order

    def question(self, job: JobState) -> Prompt | None:
        """What the panel shows for a job: an answer that came to nothing and is not read yet, else what it asks."""
        left = job.left_over
        if left is not None:
            draft = self.draft(left)
            if draft.sending or (draft.closed and draft.typed):
                return left
        return job.view.prompt

    def dismiss(self, job: JobState) -> None:
        """What became of an answer has been read."""
        job.left_over = None
        job.version += 1

    def count(self, urgency: Urgency) -> int:
        """How many jobs are in a group."""
        return sum(job.urgency is urgency for job in self.jobs.values())

    def next_question(self) -> str | None:
        """The next job after the selected one, in the list's order, that asks something."""
        asking = [job_id for job_id in self.order() if self.jobs[job_id].urgency is Urgency.ASKS]
        if self.selected in asking:
            after = asking.index(self.selected) + 1
            return asking[after % len(asking)]
        return asking[0] if asking else None

    def take_edges(self) -> list[Edge]:
        """What happened since the last call that a person may want to be told."""
        edges, self._edges = self._edges, []
        return edges

    # --- inside ---------------------------------------------------------------------------------------

    def _durable(self, event: DurableEvent | UnknownEvent) -> None:
        job_id = event.job_id or ""
        job = self.jobs.get(job_id)
        if job is None:
            if not isinstance(event, JobCreated):
                self.wanted.add(job_id)
                return
            job = self.jobs[job_id] = JobState(apply(None, event))
        elif event.seq <= job.view.seq:
            job.add([event])
            return
        else:
            if event.seq > job.view.seq + 1:
                self.wanted.add(job_id)
            asked, job.view = job.view.prompt, apply(job.view, event)
            if isinstance(event, HitlResolved):
                self._close_draft(event)
            self._leave(job, asked)
        job.add([event])
        self._steps(job, event)
        if event.type in NOTABLE and job_id != self.selected:
            job.unread = True
        if event.type in EDGES:
            self._edges.append(Edge(event.type, job_id))
        self._changed(job)

    def _close_draft(self, event: HitlResolved) -> None:
        draft = self.drafts.get(event.data.prompt_id)
        if draft is None or draft.accepted or draft.sending:
            return
        if event.data.outcome == "answered":
            action = f": {event.data.action}" if event.data.action else ""
            draft.close(f"Answered elsewhere{f' by {event.data.by}' if event.data.by else ''}{action}.")
        else:
            draft.close(f"This question was {event.data.outcome}.")

    def _leave(self, job: JobState, asked: Prompt | None) -> None:
        """A question that is no longer asked stays at hand for whoever was typing an answer to it."""
        now = job.view.prompt
        if asked is None or (now is not None and now.prompt_id == asked.prompt_id):
            return
        job.left_over = asked
        draft = self.drafts.get(asked.prompt_id)
        if draft is not None and not (draft.accepted or draft.sending or draft.closed):
            draft.close("This question is no longer asked: it was answered elsewhere, or the job is over.")

    def _overtake(self, job: JobState, view: JobView) -> None:
        """A job's view was told as a whole: what happened in between was missed, and is news all the same."""
        before, job.view = job.view, view
        self._leave(job, before.prompt)
        if view.prompt is not None and (before.prompt is None or view.prompt.prompt_id != before.prompt.prompt_id):
            self._edges.append(Edge("hitl_pause", job.id))
            job.unread |= job.id != self.selected
        if view.revision > before.revision or (view.status.is_terminal and not before.status.is_terminal):
            job.unread |= job.id != self.selected
        job.settle()

    def _steps(self, job: JobState, event: DurableEvent | UnknownEvent) -> None:
        match event:
            case ModuleStart():
                job.live.begin(event.data.step)
            case ModuleRetry() if event.data.code == "restarted":
                job.live.begin(event.data.step)
            case ModuleRetry():
                job.live.void(event.data.step)
            case ModuleEnd():
                job.live.settle(event.data.step)
        if job.view.status.is_terminal:
            job.settle()

    def _hello(self, hello: Hello) -> None:
        if self._epoch and hello.data.epoch != self._epoch:
            self._forget()
        self._epoch = hello.data.epoch
        self.demo, self.model = hello.data.demo, hello.data.model
        self._incoming = None if hello.data.resume == "resumed" else {}
        for job in self.jobs.values():
            job.live.doubt()

    def _forget(self) -> None:
        """Sequence numbers may mean other events now: nothing that was told counts."""
        for job in self.jobs.values():
            self.jobs[job.id] = JobState(job.view, unread=job.unread, left_over=job.left_over)

    def _replace(self) -> None:
        if self._incoming is None:
            return
        held, self.jobs = self.jobs, {}
        for job_id, view in self._incoming.items():
            job = held.get(job_id)
            if job is None:
                job = JobState(view)
                if self._met and view.prompt is not None:
                    job.unread = True
                    self._edges.append(Edge("hitl_pause", job_id))
            elif view != job.view:
                self._overtake(job, view)
                job.version += 1
            self.jobs[job_id] = job
        self._incoming, self._met = None, True
        self._changed()

    def _changed(self, job: JobState | None = None) -> None:
        if job is not None:
            job.version += 1
        if self.selected not in self.jobs and self.selected not in self.wanted:
            self.selected = None
        self.version += 1

"""A job as a client sees it: the view that the fold makes of its events."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from skill_fleet_common.prompts import Prompt
from skill_fleet_common.skills import Finding, Measure, SkillFile


class JobStatus(StrEnum):
    """Where a job is in its life."""

    PENDING = "pending"
    """Accepted, not begun."""
    RUNNING = "running"
    PENDING_HITL = "pending_hitl"
    """Waits for a person's answer."""
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    PENDING_REVIEW = "pending_review"
    """Finished with errors nobody was asked about: needs a person's eyes."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing will happen to the job any more."""
        return self in _TERMINAL


_TERMINAL = {JobStatus.COMPLETED, JobStatus.PENDING_REVIEW, JobStatus.FAILED, JobStatus.CANCELLED}


class Phase(StrEnum):
    """The three phases of the workflow, in order."""

    UNDERSTANDING = "understanding"
    GENERATION = "generation"
    VALIDATION = "validation"


class Usage(BaseModel):
    """What model calls have used."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """US dollars, over the calls whose price is known."""
    unpriced_calls: int = 0
    """Calls whose price is not known; with any of these, `cost` is a lower bound."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
            unpriced_calls=self.unpriced_calls + other.unpriced_calls,
        )


class ModuleStatus(StrEnum):
    """Where one run of a module is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CUT_OFF = "cut_off"
    """The job ended while it ran."""


class ModuleView(BaseModel):
    """The latest run of one module of a job."""

    step: str
    """Names this run among all of the job's: the module, and what tells runs apart (`write_resource/scripts/a.py`)."""
    module: str
    phase: Phase | None = None
    label: str = ""
    status: ModuleStatus = ModuleStatus.RUNNING
    attempt: int = 1
    model: str = ""
    started_at: datetime | None = None
    duration_s: float | None = None
    usage: Usage = Usage()
    degraded: bool = False
    """A fallback model did it."""
    replayed: bool = False
    """Its result was taken from a checkpoint."""


class JobError(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    """A sentence for a person."""
    hint: str = ""
    """What to try."""
    step: str = ""
    retryable: bool = True


class JobResult(BaseModel):
    """What a finished job has made."""

    draft_path: str
    """Relative to the server's data directory."""
    name: str
    description: str
    findings: list[Finding] = []
    measures: list[Measure] = []
    errors_accepted: int = 0
    """Errors among the findings that a person saw and accepted."""
    extends: str = ""
    """The skill of the library that the draft is a new revision of; empty for a new one."""
    new_category: str = ""
    """The category that the person proposed, when the library's closed list does not have it yet."""


class JobView(BaseModel):
    """Everything a client needs to show a job, bounded in size; its history is paged from its events."""

    job_id: str
    status: JobStatus = JobStatus.PENDING
    phase: Phase | None = None
    module: str | None = None
    """The module that started last."""
    progress: float | None = None
    """Between 0 and 1, where it is known."""
    progress_text: str = ""
    task_description: str = ""
    source_names: list[str] = []
    name: str = ""
    """The skill's name, once the plan has one."""
    model: str = ""
    demo: bool = False
    """Whether the offline demo model writes it."""
    auto_approve: bool = False
    created_by: str = ""
    """Who asked for it."""
    created_at: datetime
    updated_at: datetime
    seq: int = 0
    """Of the last event folded in; contiguous per job."""
    pos: int = 0
    """Of the last event folded in."""
    prompt: Prompt | None = None
    modules: list[ModuleView] = []
    """The latest run of each step, in the order they first started."""
    files: list[SkillFile] = []
    """Of the newest revision."""
    revision: int = 0
    draft_path: str | None = None
    result: JobResult | None = None
    error: JobError | None = None
    usage: Usage = Usage()
    forked_from: str | None = None
    """The job whose first steps it shares: a failed one that is tried again, or one that somebody wanted otherwise."""
    fork_step: str = ""
    """With `forked_from`: the first step that is not shared."""
    run: int = 0
    """How often its work was taken up: 0 before it starts, then one more with each server or worker that goes on with
    it. What an earlier run still has to say is not heard."""

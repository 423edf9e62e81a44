"""What happened to a job: frames that stay in the log, with a position and a sequence number.

A new event gets its class here, its place among all frames in `events.frames`, and its place in the fold if it changes
a job's view.
"""

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.events.envelope import Frame, NoData
from skill_fleet_common.jobs import JobError, JobResult, JobStatus, Phase, Usage
from skill_fleet_common.prompts import Checkpoint, Prompt
from skill_fleet_common.skills import Origin, Provenance, SkillFile


class DurableEvent(Frame):
    """Something that happened to a job, and stays in the log."""

    pos: int = 0
    """Global, rising in commit order. 0 until the log has stamped it."""
    job_id: str
    seq: int = 0
    """Contiguous per job, from 1. 0 until the log has stamped it."""
    ts: datetime | None = None
    """UTC. `None` until the log has stamped it."""
    phase: Phase | None = None
    module: str | None = None
    attempt: int | None = None


class SourceSummary(BaseModel):
    """A source of a job, without its text."""

    name: str
    characters: int
    lines: int


class JobCreatedData(BaseModel):
    """What was asked for."""

    task_description: str
    sources: list[SourceSummary] = []
    auto_approve: bool = False
    checkpoints: list[Checkpoint] = list(Checkpoint)
    model: str = ""
    demo: bool = False
    by: str = ""
    """Who asked for it."""
    forked_from: str | None = None
    fork_step: str = ""
    """With `forked_from`: the first step that is not shared, as people name it."""
    retried: bool = False
    """With `forked_from`: that job had failed, and this one tries again."""


class JobCreated(DurableEvent):
    """A job was accepted. Always its first event."""

    type: Literal["job_created"] = "job_created"
    data: JobCreatedData


class JobStarted(DurableEvent):
    """The job's workflow began."""

    type: Literal["job_started"] = "job_started"
    data: NoData = NoData()


class JobResumedData(BaseModel):
    """Why a job goes on."""

    reason: Literal["answered", "restarted", "taken_over"]


class JobResumed(DurableEvent):
    """The job goes on after a wait or an interruption."""

    type: Literal["job_resumed"] = "job_resumed"
    data: JobResumedData


class ByData(BaseModel):
    """Who did it."""

    by: str = ""


class JobCancelling(DurableEvent):
    """Somebody asked to cancel the job."""

    type: Literal["job_cancelling"] = "job_cancelling"
    data: ByData = ByData()


class PhaseStart(DurableEvent):
    """A phase began."""

    type: Literal["phase_start"] = "phase_start"
    data: NoData = NoData()


class PhaseEndData(BaseModel):
    """How a phase went."""

    duration_s: float = 0.0


class PhaseEnd(DurableEvent):
    """A phase ended."""

    type: Literal["phase_end"] = "phase_end"
    data: PhaseEndData = PhaseEndData()


class ModuleStartData(BaseModel):
    """Which run of which module, on which model."""

    step: str
    label: str = ""
    """What tells this run from others of the module: a file's path, a round."""
    model: str = ""
    """Empty for a step that needs no model."""


class ModuleStart(DurableEvent):
    """A module began its first attempt."""

    type: Literal["module_start"] = "module_start"
    data: ModuleStartData


class ModuleRetryData(BaseModel):
    """Why a module begins another attempt, and on which model. The text of the last attempt is void."""

    step: str
    code: str
    """Of what ended the last attempt, such as `rate_limit`, `timeout`, `malformed`, `restarted`."""
    message: str = ""
    model: str = ""
    """Of the attempt that begins."""
    delay_s: float = 0.0
    """How long the module waits before that attempt."""


class ModuleRetry(DurableEvent):
    """A module begins another attempt; `attempt` is the new one's number."""

    type: Literal["module_retry"] = "module_retry"
    data: ModuleRetryData


class ModuleEndData(BaseModel):
    """How a module's run ended."""

    step: str
    ok: bool = True
    outputs: dict[str, Any] = {}
    """The module's outputs by field; those too large for a frame are left out and named in `omitted`."""
    omitted: list[str] = []
    model: str = ""
    duration_s: float = 0.0
    usage: Usage = Usage()
    degraded: bool = False
    replayed: bool = False
    error: JobError | None = None


class ModuleEnd(DurableEvent):
    """A module's run ended."""

    type: Literal["module_end"] = "module_end"
    data: ModuleEndData


class ReasoningData(BaseModel):
    """A model's reasoning, whole."""

    step: str
    text: str


class Reasoning(DurableEvent):
    """What the model thought on the way, once per module run."""

    type: Literal["reasoning"] = "reasoning"
    data: ReasoningData


class ProgressData(BaseModel):
    """A line for people and, where it is known, how far the job is."""

    text: str = ""
    fraction: float | None = None
    name: str = ""
    """The skill's name, when it has just become known."""


class Progress(DurableEvent):
    """Something worth a line in the log."""

    type: Literal["progress"] = "progress"
    data: ProgressData


class HitlPauseData(BaseModel):
    """The whole prompt: a client needs no further request to show it."""

    prompt: Prompt


class HitlPause(DurableEvent):
    """The job asks a person, and waits."""

    type: Literal["hitl_pause"] = "hitl_pause"
    data: HitlPauseData


class HitlResolvedData(BaseModel):
    """How a prompt ended."""

    prompt_id: str
    outcome: Literal["answered", "expired", "withdrawn", "auto"]
    action: Action | None = None
    by: str = ""
    answers: dict[str, Any] = {}
    feedback: str = ""
    edited: list[str] = []
    """Names of what was edited in place."""


class HitlResolved(DurableEvent):
    """A prompt was answered, expired or was withdrawn."""

    type: Literal["hitl_resolved"] = "hitl_resolved"
    data: HitlResolvedData


class Artifact(DurableEvent):
    """A file of the skill was written."""

    type: Literal["artifact"] = "artifact"
    data: SkillFile


class TracedData(BaseModel):
    """Where the instructions of SKILL.md come from, at a revision of the skill."""

    revision: int
    """Of the skill; SKILL.md may be that of an earlier one."""
    provenance: list[Provenance] = []
    """In the order of the text. Of very many, those that are the model's own are kept first."""
    origins: dict[Origin, int] = {}
    """How many come from where; counts all of them."""


class Traced(DurableEvent):
    """It is known where the skill's instructions come from, or known anew: the last one about a revision counts."""

    type: Literal["traced"] = "traced"
    data: TracedData


class CompletedData(JobResult):
    """The result, and whether it still needs a person's eyes."""

    status: Literal[JobStatus.COMPLETED, JobStatus.PENDING_REVIEW] = JobStatus.COMPLETED


class Completed(DurableEvent):
    """The job's last event: the skill is written."""

    type: Literal["completed"] = "completed"
    data: CompletedData


class Failed(DurableEvent):
    """The job's last event: it could not go on."""

    type: Literal["failed"] = "failed"
    data: JobError


class Cancelled(DurableEvent):
    """The job's last event: somebody cancelled it."""

    type: Literal["cancelled"] = "cancelled"
    data: ByData = ByData()


TERMINAL_TYPES: Final = frozenset({"completed", "failed", "cancelled"})
"""Exactly one of these ends a job's events."""

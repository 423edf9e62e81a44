"""The frames of the stream: durable events, text in flight, and control frames.

Every frame's JSON has one envelope; what is particular to a type is under `data`. A type this version
does not know parses as `UnknownEvent`, so that newer servers can say more.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter

from skill_fleet_common.actions import Action
from skill_fleet_common.jobs import JobError, JobResult, JobStatus, JobView, Phase, Usage
from skill_fleet_common.prompts import Checkpoint, Prompt
from skill_fleet_common.skills import Origin, Provenance, SkillFile

VERSION: Final = 1
"""Of the envelope. A change that breaks clients counts it up."""


class Frame(BaseModel):
    """What every frame has. Frames are facts: they do not change."""

    model_config = ConfigDict(frozen=True)

    v: int = VERSION
    type: str


class NoData(BaseModel):
    """A type that says all by happening."""


# --- durable: in the log, with a position and a sequence number -------------------------------------


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

# --- ephemeral: text in flight, never in the log ----------------------------------------------------


class TokenData(BaseModel):
    """A piece of a field's text."""

    step: str
    gen: int
    """Names one reply of a model; rises within a step. A new one voids the text of the last."""
    field: str
    off: int
    """Where `text` begins in the field, in characters."""
    text: str


class TextInFlight(Frame):
    """What the two frames of text in flight share."""

    job_id: str
    phase: Phase | None = None
    module: str
    attempt: int
    data: TokenData


class Token(TextInFlight):
    """Text that has just been written by a model."""

    type: Literal["token"] = "token"


class TokenSync(TextInFlight):
    """The whole text so far of a field in flight (`off` is 0): replaces what a client holds."""

    type: Literal["token_sync"] = "token_sync"


# --- control ----------------------------------------------------------------------------------------


class HelloData(BaseModel):
    """Who answers, where the log stands, and how this connection begins."""

    epoch: str
    head: int
    oldest: int
    """Position of the oldest event a cursor may stand before."""
    resume: Literal["snapshot", "resumed", "reset"]
    keepalive_s: float
    server: str = ""
    """Name and version."""
    model: str = ""
    """The model that writes when a job does not choose one."""
    demo: bool = False
    """Whether that is the offline demo model, which people must be told."""


class Hello(Frame):
    """Always the first frame."""

    type: Literal["hello"] = "hello"
    data: HelloData


class SnapshotData(BaseModel):
    """A job's view."""

    job: JobView


class Snapshot(Frame):
    """The view of one job at the position that `snapshot_end` names."""

    type: Literal["snapshot"] = "snapshot"
    job_id: str
    seq: int
    data: SnapshotData


class SnapshotEndData(BaseModel):
    """How many jobs the snapshot had."""

    jobs: int


class SnapshotEnd(Frame):
    """The snapshot is whole: true at `pos`."""

    type: Literal["snapshot_end"] = "snapshot_end"
    pos: int
    data: SnapshotEndData


class Keepalive(Frame):
    """Nothing matched for a while; carries the position up to which that is so."""

    type: Literal["keepalive"] = "keepalive"
    pos: int
    data: NoData = NoData()


class ResetData(BaseModel):
    """Why a cursor could not be honoured."""

    reason: Literal["epoch", "ahead", "trimmed"]
    requested: str
    oldest: int
    head: int


class Reset(Frame):
    """Forget everything: a snapshot follows."""

    type: Literal["reset"] = "reset"
    data: ResetData


class ByeData(BaseModel):
    """Why the server closes, and when to come back."""

    reason: Literal["shutdown", "complete", "slow", "max_age", "auth", "error"]
    retry_ms: int = 0


class Bye(Frame):
    """The last frame before the server closes."""

    type: Literal["bye"] = "bye"
    data: ByeData


class UnknownEvent(Frame):
    """A frame of a type this version does not know. It still moves the cursor."""

    pos: int = 0
    job_id: str | None = None
    seq: int = 0
    ts: datetime | None = None
    phase: str | None = None
    module: str | None = None
    attempt: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)


_KNOWN: Final[tuple[type[Frame], ...]] = (
    JobCreated, JobStarted, JobResumed, JobCancelling, PhaseStart, PhaseEnd, ModuleStart, ModuleRetry, ModuleEnd,
    Reasoning, Progress, HitlPause, HitlResolved, Artifact, Traced, Completed, Failed, Cancelled,
    Token, TokenSync, Hello, Snapshot, SnapshotEnd, Keepalive, Reset, Bye,
)  # fmt: skip
_KNOWN_TYPES: Final = frozenset(str(model.model_fields["type"].default) for model in _KNOWN)


def _tag(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return str(kind) if kind in _KNOWN_TYPES else "unknown"


Event = Annotated[
    Annotated[JobCreated, Tag("job_created")]
    | Annotated[JobStarted, Tag("job_started")]
    | Annotated[JobResumed, Tag("job_resumed")]
    | Annotated[JobCancelling, Tag("job_cancelling")]
    | Annotated[PhaseStart, Tag("phase_start")]
    | Annotated[PhaseEnd, Tag("phase_end")]
    | Annotated[ModuleStart, Tag("module_start")]
    | Annotated[ModuleRetry, Tag("module_retry")]
    | Annotated[ModuleEnd, Tag("module_end")]
    | Annotated[Reasoning, Tag("reasoning")]
    | Annotated[Progress, Tag("progress")]
    | Annotated[HitlPause, Tag("hitl_pause")]
    | Annotated[HitlResolved, Tag("hitl_resolved")]
    | Annotated[Artifact, Tag("artifact")]
    | Annotated[Traced, Tag("traced")]
    | Annotated[Completed, Tag("completed")]
    | Annotated[Failed, Tag("failed")]
    | Annotated[Cancelled, Tag("cancelled")]
    | Annotated[Token, Tag("token")]
    | Annotated[TokenSync, Tag("token_sync")]
    | Annotated[Hello, Tag("hello")]
    | Annotated[Snapshot, Tag("snapshot")]
    | Annotated[SnapshotEnd, Tag("snapshot_end")]
    | Annotated[Keepalive, Tag("keepalive")]
    | Annotated[Reset, Tag("reset")]
    | Annotated[Bye, Tag("bye")]
    | Annotated[UnknownEvent, Tag("unknown")],
    Discriminator(_tag),
]
"""Any frame; `type` tells which."""

EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
"""Parses and describes any frame."""


def parse_event(data: str | bytes) -> Event:
    """Read a frame's JSON.

    Raises:
        pydantic.ValidationError: If it is not JSON, or a known type with data that does not fit it.
    """
    return EVENT.validate_json(data)

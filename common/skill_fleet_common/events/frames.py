"""All frames together: the type that tells any of them apart, and how one is read."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag, TypeAdapter

from skill_fleet_common.events.control import Bye, Hello, Keepalive, Reset, Snapshot, SnapshotEnd
from skill_fleet_common.events.durable import (
    Artifact,
    Cancelled,
    Completed,
    Failed,
    HitlPause,
    HitlResolved,
    JobCancelling,
    JobCreated,
    JobResumed,
    JobStarted,
    ModuleEnd,
    ModuleRetry,
    ModuleStart,
    PhaseEnd,
    PhaseStart,
    Progress,
    Reasoning,
    Traced,
)
from skill_fleet_common.events.envelope import Frame
from skill_fleet_common.events.in_flight import Token, TokenSync


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


FRAMES: Final[tuple[type[Frame], ...]] = (
    JobCreated, JobStarted, JobResumed, JobCancelling, PhaseStart, PhaseEnd, ModuleStart, ModuleRetry, ModuleEnd,
    Reasoning, Progress, HitlPause, HitlResolved, Artifact, Traced, Completed, Failed, Cancelled,
    Token, TokenSync, Hello, Snapshot, SnapshotEnd, Keepalive, Reset, Bye,
)  # fmt: skip
"""Every type of frame that this version knows."""

_KNOWN_TYPES: Final = frozenset(str(model.model_fields["type"].default) for model in FRAMES)


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

"""What a connection says of itself: where it stands, that it lives, how it ends."""

from typing import Literal

from pydantic import BaseModel

from skill_fleet_common.events.envelope import Frame, NoData
from skill_fleet_common.jobs import JobView


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

"""Where a job comes from that is not made from nothing: another job, up to one of its steps."""

from dataclasses import dataclass

from skill_fleet_server.hitl.prepared import PreparedAnswer


@dataclass(frozen=True)
class Origin:
    """A job, and what of it is shared."""

    job_id: str
    checkpoint: int
    """Number of the first checkpoint that is not shared."""
    step: str
    """Its name, for people; empty where that is not known."""
    retried: bool = False
    """It had failed, and is tried again."""
    answer: PreparedAnswer | None = None
    """For the question where the new job begins."""

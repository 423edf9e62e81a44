"""Bodies of requests and responses, named for what they say. Errors are in `problems`, frames in `events`."""

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from skill_fleet_common import limits
from skill_fleet_common.events import TokenSync
from skill_fleet_common.jobs import JobView
from skill_fleet_common.library import Promoted
from skill_fleet_common.prompts import AnswerBody, Checkpoint, Prompt


class Source(BaseModel):
    """Text that a skill is to be made from: a file, a note, a transcript."""

    name: str = Field(min_length=1, max_length=limits.SOURCE_NAME_CHARACTERS)
    """How excerpts of it are named; a path relative to what was given, never opened by the server."""
    text: str = Field(max_length=limits.SOURCE_CHARACTERS)

    @field_validator("text")
    @classmethod
    def _is_text(cls, text: str) -> str:
        if "\0" in text:
            raise ValueError("This source is binary; give text.")
        if not text.strip():
            raise ValueError("This source is empty.")
        return text


class CreateJob(BaseModel):
    """What `POST /jobs` takes."""

    task_description: str = Field(max_length=limits.TASK_CHARACTERS)
    sources: list[Source] = Field(default=[], max_length=limits.SOURCES)
    auto_approve: bool = False
    """Answer every prompt with its default, and say so in the log."""
    checkpoints: list[Checkpoint] = list(Checkpoint)
    """Where a person wants to be asked."""
    model: str | None = None
    """Instead of the configured default."""

    @field_validator("task_description")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("Describe the skill you want in a sentence or more.")
        return text.replace("\0", "").strip()

    @field_validator("sources")
    @classmethod
    def _fit_together(cls, sources: list[Source]) -> list[Source]:
        if sum(len(source.text) for source in sources) > limits.SOURCES_CHARACTERS:
            raise ValueError(f"Together at most {limits.SOURCES_CHARACTERS:,} characters; leave some out.")
        names = [source.name for source in sources]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"Given twice: {', '.join(sorted(twice))}.")
        return sources


class ForkJob(BaseModel):
    """What `POST /jobs/{job_id}/fork` takes."""

    from_step: str = Field(default="", max_length=limits.SOURCE_NAME_CHARACTERS)
    """The first step that is done anew: a module's `step`, or a question as in `ask/clarify.1`. All before it is
    shared and costs nothing. Left out: from the beginning."""
    answer: AnswerBody | None = None
    """With a question: the answer to it, instead of asking again."""
    task_description: str | None = Field(default=None, max_length=limits.TASK_CHARACTERS)
    """Instead of the old one, for the steps that are done anew."""

    @field_validator("task_description")
    @classmethod
    def _says_something(cls, text: str | None) -> str | None:
        if text is not None and not text.strip():
            raise ValueError("Describe the skill you want in a sentence or more, or leave the description out.")
        return text.replace("\0", "").strip() if text else text


class Prune(BaseModel):
    """What `POST /jobs/prune` takes."""

    days: float = Field(ge=0, le=36_500)
    """Only jobs that ended longer ago than this."""
    dry_run: bool = False
    """Only count them."""


class Pruned(BaseModel):
    """What was forgotten, or would be."""

    jobs: int


class JobAccepted(BaseModel):
    """A job was created (or found again by its idempotency key)."""

    job: JobView
    position: int
    """Of its first event."""


class JobDetail(JobView):
    """One job, and the position its view is true at."""

    as_of: int
    """Position of the log read in the same database snapshot."""
    cursor: str
    """`as_of` as an event id, ready for `Last-Event-ID`."""
    live: list[TokenSync] = []
    """Text in flight."""
    promoted: Promoted | None = None
    """The skill of the library that its draft has become; `None` while it is a draft, or once that was removed."""


class JobPage(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobView]
    next: str | None = None
    """`cursor` of the next page; `None` on the last."""
    promoted: dict[str, Promoted] = {}
    """By job, the skills of the library that drafts have become."""


class EventPage(BaseModel):
    """Events of one job, oldest first, as their frames' JSON."""

    events: list[dict[str, Any]]
    after: int
    """`after` of the next page."""
    more: bool


class CancelAccepted(BaseModel):
    """Where the job is after the request."""

    status: str


class AnswerAccepted(BaseModel):
    """The answer was taken."""

    status: Literal["accepted"] = "accepted"
    position: int
    replayed: bool = False
    """The same answer had been taken before, under the same key."""


class OpenPrompts(BaseModel):
    """Every open prompt, oldest first."""

    prompts: list[Prompt]


class Health(BaseModel):
    """Whether the server lives, or is ready."""

    status: Literal["ok", "unavailable"]
    version: str
    checks: dict[str, str] = {}
    """What was checked, and `ok` or what is wrong."""

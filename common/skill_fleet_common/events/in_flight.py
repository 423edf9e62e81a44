"""Text that models are writing: frames that are never in the log, and that a connection may do without."""

from typing import Literal

from pydantic import BaseModel

from skill_fleet_common.events.envelope import Frame
from skill_fleet_common.jobs import Phase


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

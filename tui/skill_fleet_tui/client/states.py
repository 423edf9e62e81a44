"""The states a connection to the stream can be in, for showing. Times are of the stream's clock (monotonic)."""

from dataclasses import dataclass

from skill_fleet_tui.client.errors import ClientError


@dataclass(frozen=True, slots=True)
class Connecting:
    """A request for the stream is under way."""

    attempt: int
    """1 for the first since the last time it was live."""


@dataclass(frozen=True, slots=True)
class Live:
    """Events arrive as they happen."""

    since: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """The connection is lost, and is tried again at `retry_at` or on `retry_now()`."""

    attempt: int
    """Of the attempt that comes next."""
    retry_at: float
    reason: str
    """Why it was lost, in a sentence."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The stream is over and is not tried again."""

    reason: str
    error: ClientError | None = None
    """`None` when nothing is wrong: the job that was watched is over."""


ConnectionState = Connecting | Live | Waiting | Stopped

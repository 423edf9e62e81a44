"""What a connection asks for, and who it is for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.events.live_reader import Deltas


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a connection is for."""

    name: str = ""
    sees: str | None = None
    """Whose jobs it is shown; `None` for everybody's."""
    is_welcome: Callable[[], Awaitable[bool]] = _always
    """Whether it may still watch. Asked every few seconds."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a connection asks for."""

    jobs: frozenset[str] | None = None
    """Only these; `None` for every job, those created later included."""
    deltas: Deltas = "all"
    cursor: Cursor | None = None
    """Where the client stands; `None` when it knows nothing."""
    until: str | None = None
    """The job after whose last event the stream is complete; it is also the only one in `jobs`."""
    viewer: Viewer = Viewer()

"""How the dashboard stands with its server."""

from dataclasses import dataclass
from enum import StrEnum

from skill_fleet_tui.text.clean import clean_line


class Link(StrEnum):
    """The states of the connection."""

    STARTING = "starting"
    """A local server is being looked for or started."""
    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    """Cut; tried again at `retry_at`."""
    STOPPED = "stopped"
    """Not tried again unless somebody asks."""
    REPLAY = "replay"
    """A recorded log is played; there is no server."""


@dataclass
class ConnectionState:
    """What the status bar says. Times are monotonic seconds."""

    link: Link = Link.STARTING
    detail: str = ""
    """A sentence: what is being done, or what went wrong."""
    server: str = ""
    """Host and port."""
    attempt: int = 0
    retry_at: float | None = None
    last_frame: float | None = None
    """When the server was last heard."""
    version: int = 0
    """Counts up with every change of state."""

    def become(self, link: Link, detail: str = "", *, attempt: int = 0, retry_at: float | None = None) -> None:
        """Enter a state."""
        self.link, self.detail, self.attempt, self.retry_at = link, clean_line(detail), attempt, retry_at
        self.version += 1

    @property
    def is_stale(self) -> bool:
        """Whether what is on the screen may be older than what the server knows."""
        return self.link not in (Link.LIVE, Link.REPLAY)

    def silent_for(self, now: float) -> float | None:
        """Seconds since the server was last heard; `None` before the first frame."""
        return None if self.last_frame is None else max(now - self.last_frame, 0.0)

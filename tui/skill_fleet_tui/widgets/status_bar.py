"""The top line: how the connection stands, with which server, and how many jobs there are."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from skill_fleet_tui.text.amounts import elapsed_text

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState

QUIET_SECONDS = 5.0
"""A live connection that has said nothing for longer than this says how long."""


class Part(NamedTuple):
    """A piece of the line."""

    text: str
    style: str = ""
    spare: int = 0
    """Where there is no room for all, pieces with the highest number are left out first; those with 0 stay."""


class StatusBar(Widget):
    """One line that never lies: what is stale says how old it is."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; color: $text; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.zone: tzinfo | None = None
        self._said: tuple[Part, ...] = (Part(" Skill Fleet", "bold"),)
        self._time = ""

    def sync(self, fleet: "FleetState", now: datetime) -> None:
        """Say what is true now."""
        said = (*self._connection(fleet), *self._counts(fleet))
        time = now.astimezone(self.zone).strftime("%H:%M")
        if (said, time) != (self._said, self._time):
            self._said, self._time = said, time
            self.refresh()

    def render(self) -> Content:
        """The line, with the time of day at its end where there is room."""
        parts = list(self._said)
        while sum(cell_len(part.text) for part in parts) > self.size.width:
            last = max(parts, key=lambda part: part.spare)
            if not last.spare:
                break
            parts.remove(last)
        said = Content.assemble(*((part.text, part.style) for part in parts))
        room = self.size.width - cell_len(said.plain) - len(self._time) - 1
        return said if room < 1 else Content.assemble(said, " " * room, (self._time, "dim"))

    def _connection(self, fleet: "FleetState") -> tuple[Part, ...]:
        connection = fleet.connection
        parts: list[Part] = [Part(" Skill Fleet", "bold", 1), Part("  ")]
        match str(connection.link):
            case "live":
                silent = connection.silent_for(fleet.clock()) or 0.0
                late = f" · silent for {elapsed_text(silent)}" if silent > QUIET_SECONDS else ""
                parts.append(Part(f"● live{late}", "$text-success"))
            case "replay":
                parts.append(Part("▶ replay", "$text-accent"))
            case "waiting":
                parts.append(Part(f"◐ reconnecting{_soon(fleet)} · r now", "$text-warning"))
            case "stopped":
                parts.append(Part(f"○ offline · r try again · {connection.detail}".rstrip(" ·"), "$text-error"))
            case state:
                parts.append(Part(f"◌ {connection.detail or f'{state}…'}", "$text-warning"))
        if connection.is_stale and connection.last_frame is not None:
            parts.append(Part(f" · as of {elapsed_text(connection.silent_for(fleet.clock()) or 0)} ago", "dim"))
        if connection.server and str(connection.link) in ("live", "waiting", "connecting"):
            parts.append(Part(f" · {connection.server}", "dim", 4))
        return tuple(parts)

    def _counts(self, fleet: "FleetState") -> tuple[Part, ...]:
        jobs = list(fleet.jobs.values())
        parts: list[Part] = []
        if fleet.demo or any(job.view.demo for job in jobs):
            parts.append(Part(" · demo model", "bold $text-warning"))
        elif fleet.model:
            parts.append(Part(f" · {fleet.model}", "dim", 3))
        if not jobs:
            return tuple(parts)
        running = sum(job.urgency == "runs" for job in jobs)
        asking = sum(job.urgency == "asks" for job in jobs)
        parts.append(Part(f" · {len(jobs)} {'job' if len(jobs) == 1 else 'jobs'}", "", 2))
        if running:
            parts.append(Part(f"  {running} running", "$text-primary"))
        if asking:
            parts.append(Part(f"  {asking} {'asks' if asking == 1 else 'ask'}", "bold $text-warning"))
        return tuple(parts)


def _soon(fleet: "FleetState") -> str:
    connection = fleet.connection
    if connection.retry_at is None:
        return ""
    seconds = max(round(connection.retry_at - fleet.clock()), 0)
    tries = f" ({connection.attempt})" if connection.attempt > 1 else ""
    return f" in {seconds} s{tries}"

"""What every part of a screen stands on: the app it belongs to, the store, the commands that are possible.

The jobs screen is put together in `main` from parts, one file each: `panes`, `questions`, `finding`, `views`, `jobs`;
the Skills screen in `skills`. What both can do is in `program`. A new command is an entry in
`skill_fleet_tui.commands.registry` and an `action_…` method in the part where it belongs.
"""

from typing import TYPE_CHECKING, ClassVar

from skill_fleet_tui.commands.command import JOBS, Command
from skill_fleet_tui.commands.possible import possible
from skill_fleet_tui.commands.registry import WHILE_FINDING, bottom_line, offered
from skill_fleet_tui.widgets.job_list import JobList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from textual.screen import Screen

    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState

    _Screen = Screen[None]
else:
    # Textual sets up every subclass of a widget, for a millisecond each: only the whole is one.
    _Screen = object


class StoreScreen(_Screen):
    """A part of a screen over the store, with commands of the registry."""

    app: "SkillFleetApp"

    KIND: ClassVar[str] = JOBS
    """What the registry calls the screen."""

    @property
    def fleet(self) -> "FleetState | None":
        """The store; `None` until there is one."""
        return self.app.fleet

    @property
    def job(self) -> "JobState | None":
        """The selected job."""
        return self.app.fleet.current if self.app.fleet is not None else None

    def possible(self) -> frozenset[str]:
        """What there is for commands to work on."""
        return possible(self.fleet, self.app.library)

    def commands(self) -> list[Command]:
        """Those that something is there for."""
        return offered(self.possible(), self.KIND)

    def hints(self, pane: str) -> "Sequence[tuple[str, str]]":
        """Key and label of what can be done now, for the bottom line."""
        if self.focused is not None and self.focused.id == "find":
            return WHILE_FINDING
        return bottom_line(self.possible(), self.app.keys, pane, self.KIND)

    def paint(self, fleet: "FleetState", now: "datetime", *, slow: bool) -> None:
        """Bring to the screen what has changed."""
        raise NotImplementedError


class FleetScreen(StoreScreen):
    """A part of the jobs screen."""

    def select(self, job_id: str) -> None:
        """Show a job."""
        if (fleet := self.fleet) is not None:
            fleet.select(job_id)
            self.query_one(JobList).show_selected()
            self.app.beat(urgent=True)

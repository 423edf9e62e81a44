"""What every part of the jobs screen stands on: the app it belongs to, and the selected job.

The screen is put together in `main` from parts, one file each: `panes`, `questions`, `finding`, `views`, `jobs`.
A new command is an entry in `skill_fleet_tui.commands.registry` and an `action_…` method in the part where it belongs.
"""

from typing import TYPE_CHECKING

from skill_fleet_tui.widgets.job_list import JobList

if TYPE_CHECKING:
    from textual.screen import Screen

    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState

    _Screen = Screen[None]
else:
    # Textual sets up every subclass of a widget, for a millisecond each: only the whole is one.
    _Screen = object


class FleetScreen(_Screen):
    """A part of a screen over the store."""

    app: "SkillFleetApp"

    @property
    def fleet(self) -> "FleetState | None":
        """The store; `None` until there is one."""
        return self.app.fleet

    @property
    def job(self) -> "JobState | None":
        """The selected job."""
        return self.app.fleet.current if self.app.fleet is not None else None

    def select(self, job_id: str) -> None:
        """Show a job."""
        if (fleet := self.fleet) is not None:
            fleet.select(job_id)
            self.query_one(JobList).show_selected()
            self.app.beat(urgent=True)

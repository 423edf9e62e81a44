"""The jobs and the skills: which of the two screens is shown.

What is particular to the skills is imported when somebody wants to see them.
"""

from typing import TYPE_CHECKING

from skill_fleet_tui.terminal.one_by_one import OneByOne

if TYPE_CHECKING:
    from skill_fleet_tui.screens.base import StoreScreen
    from skill_fleet_tui.screens.main import MainScreen
    from skill_fleet_tui.screens.skills import SkillsScreen
    from skill_fleet_tui.setup.configured import Configured
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.library import LibraryState


class TwoScreens(OneByOne):
    """The part of the app that goes from one screen to the other."""

    fleet: "FleetState | None"
    configured: "Configured"
    _main: "MainScreen"

    def __init__(self) -> None:
        super().__init__()
        self.library: LibraryState | None = None
        """The skills; `None` until somebody wants to see or to keep one."""
        self._skills: SkillsScreen | None = None

    def beat(self, *, urgent: bool = False) -> None:
        """Bring the screen up to date with the store."""
        raise NotImplementedError

    @property
    def shown(self) -> "StoreScreen":
        """The jobs or the skills, whichever is shown, be it below something else."""
        skills = self._skills
        return skills if skills is not None and skills in self.screen_stack else self._main

    def show_jobs(self) -> None:
        """Go to the jobs, which went on meanwhile."""
        if self.shown is not self._main and self.screen is self._skills:
            self.pop_screen()
            self.beat(urgent=True)

    def describe(self, text: str) -> None:
        """Describe a skill, beginning with this."""
        self._main.describe(text)

    def show_skills(self, name: str = "") -> None:
        """Go to the skills, to one of them if it is named."""
        library = self.open_library()
        if library is None or self.screen not in (self._main, self._skills):
            return
        if name:
            library.select(name)
        if self._skills is None:
            from skill_fleet_tui.screens.skills import SkillsScreen

            self._skills = SkillsScreen(compact=self.configured.settings.density == "compact")
            self.install_screen(self._skills, "skills")
        if self.screen is self._main:
            self.push_screen(self._skills)
        self.beat(urgent=True)

    def open_library(self) -> "LibraryState | None":
        """The skills; read when they are wanted for the first time. `None` before there is a store."""
        if self.library is None and self.fleet is not None:
            from skill_fleet_tui.store.library import LibraryState

            self.library = LibraryState()
        return self.library

    def run_command(self, action: str) -> None:
        """Do a command of the registry, wherever the keys are."""
        self.call_later(self.shown.run_action, action)

    def go_to(self, job_id: str) -> None:
        """Select a job."""
        self.show_jobs()
        self._main.select(job_id)

"""Textual's command palette, filled with our commands and jobs. Names of jobs are never markup here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch

from skill_fleet_tui.text.clean import clean_line

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp

TASK_CHARACTERS = 100


@dataclass(frozen=True)
class Entry:
    """One line of the palette."""

    text: str
    said: str
    run: Callable[[], Any]


class Entries(Provider):
    """Finds entries by some letters."""

    def entries(self) -> Iterator[Entry]:
        """All that can be found now."""
        raise NotImplementedError

    @property
    def dashboard(self) -> "SkillFleetApp":
        """The app, by its own name."""
        return cast("SkillFleetApp", self.app)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for one in self.entries():
            yield DiscoveryHit(Content(one.text), one.run, one.text, _help(one))

    async def search(self, query: str) -> Hits:
        """What has the letters in their order."""
        search = FuzzySearch()
        for one in self.entries():
            score, _ = max(search.match(query, one.text), search.match(query, one.said))
            if score > 0:
                yield Hit(score, Content(one.text), one.run, one.text, _help(one))


class FleetCommands(Entries):
    """Every command that is possible now."""

    def entries(self) -> Iterator[Entry]:
        """From the registry."""
        app = self.dashboard
        for command in app.shown.commands():
            shown = app.keys.shown(command.id, command.keys)
            text = f"{command.label.capitalize()}  ({shown})" if shown else command.label.capitalize()
            yield Entry(text, command.help, lambda action=command.action: app.run_command(action))


class FleetJobs(Entries):
    """Every job, to go to."""

    def entries(self) -> Iterator[Entry]:
        """In the list's order; found by name, task and id."""
        app = self.dashboard
        fleet = app.fleet
        for job_id in fleet.order() if fleet is not None else ():
            view = fleet.jobs[job_id].view if fleet is not None else None
            if view is None:
                continue
            title = clean_line(fleet.jobs[job_id].title) if fleet is not None else ""
            said = f"{clean_line(view.task_description)[:TASK_CHARACTERS]} · {job_id}"
            yield Entry(f"Go to {title}", said, lambda job_id=job_id: app.go_to(job_id))


def _help(one: Entry) -> str:
    # Textual takes a text for markup, and Content for what it is, whatever its annotation says.
    return cast("str", Content(one.said))


def job_palette() -> CommandPalette:
    """The palette with nothing but jobs."""
    return CommandPalette(providers=[FleetJobs], placeholder="Go to job: some letters of its name, task or id")

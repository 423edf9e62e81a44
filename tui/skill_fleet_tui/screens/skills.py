"""The Skills screen: the library as a list, the selected skill's text, and what is known beside it."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from skill_fleet_tui.commands.command import SKILLS
from skill_fleet_tui.commands.possible import possible_with_skills
from skill_fleet_tui.commands.registry import bindings
from skill_fleet_tui.running.librarian import read_evidence, read_library, read_skill, read_text
from skill_fleet_tui.screens.keeping import Keeping
from skill_fleet_tui.screens.looking_around import LookingAround
from skill_fleet_tui.screens.panes import WIDTHS
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.evidence_lines import evidence_lines, not_kept_lines
from skill_fleet_tui.text.skill_lines import about_lines, budget_lines, refusal_lines, routing_lines
from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.widgets.facts import Facts
from skill_fleet_tui.widgets.find_line import FindLine
from skill_fleet_tui.widgets.key_bar import KeyBar
from skill_fleet_tui.widgets.row_view import RowView
from skill_fleet_tui.widgets.skill_list import SkillList
from skill_fleet_tui.widgets.skill_text import SkillText
from skill_fleet_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.library import LibraryState

SETTLES_SECONDS: Final = 0.12
"""How long a skill is selected before it is read: who holds a key down reads none on the way."""


class SkillsScreen(Keeping, LookingAround, Screen[None]):
    """Reads the store; every change of it comes through `paint`, called by the app's one tick.

    Args:
        compact: Without frames.
    """

    KIND = SKILLS
    AUTO_FOCUS = "#skills"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SKILLS)]

    def __init__(self, *, compact: bool = False) -> None:
        super().__init__(classes=f"-on-skills{' -compact' if compact else ''}")
        self.zone: tzinfo | None = None
        """For times; the machine's, if `None`."""
        self._titles: dict[str, str] = {}
        self._painted: tuple[object, ...] = ()
        self._wanted = ("", 0.0)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield StatusBar(id="status")
        with Horizontal(id="panes"):
            yield SkillList(id="skills")
            yield SkillText(id="text")
            yield Facts(id="about")
        yield FindLine(id="find")
        yield KeyBar(id="keys")

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        """Come here, or back here: other people keep the library, too."""
        live = self.fleet is not None and str(self.fleet.connection.link) == "live"
        if live and self.library is not None and not self.library.loading:
            self.app.tend("list", read_library)

    def possible(self) -> frozenset[str]:
        """What there is for commands to work on."""
        return possible_with_skills(self.fleet, self.app.library, disk=not self.app.is_web)

    # --- bringing up to date --------------------------------------------------------------------------

    def paint(self, fleet: "FleetState", now: datetime, *, slow: bool) -> None:
        """Bring to the screen what has changed."""
        library = self.app.open_library()
        if library is None:
            return
        self._fetch(library, fleet)
        # What was selected or typed is shown with the next beat, the rest a few times a second.
        painted = (id(library), library.version, str(fleet.connection.link))
        text = self.query_one(SkillText)
        if slow or painted != self._painted:
            self._painted = painted
            self.query_one(SkillList).sync(library, self._instead(library, fleet))
            text.sync(library)
            self.query_one(Facts).tell(*self._told(library))
            self._name_panes(library)
        text.flush()
        if slow:
            self._subtitle(text, text.subtitle)
            self.query_one(StatusBar).sync(fleet, now)
            self.query_one(KeyBar).show(self.hints(self.pane))
            self.query_one("#panes").set_class(fleet.connection.is_stale, "-stale")

    def _fetch(self, library: "LibraryState", fleet: "FleetState") -> None:
        """Ask for what is missing: the list, the selected skill once the selection rests, then those in view."""
        if str(fleet.connection.link) != "live":
            return
        if not library.loaded:
            if not library.loading and not library.trouble:
                self.app.tend("list", read_library)
            return
        name, now = library.selected, fleet.clock()
        if name != self._wanted[0]:
            self._wanted = (name, now)
        if name and name not in library.details and name not in library.detail_problems:
            if now - self._wanted[1] >= SETTLES_SECONDS and not self._asks("skill"):
                self.app.tend("skill", read_skill(name))
        elif (revision := library.evidence_to_ask()) and not self._asks("evidence"):
            newest = library.detail is not None and revision == library.detail.revision
            self.app.tend("evidence", read_evidence(name, revision, newest=newest))
        elif not self._asks("survey"):
            unseen = (each for each in self.query_one(SkillList).in_view if each not in library.faults)
            if (following := next((each for each in unseen if each not in library.detail_problems), "")) != "":
                self.app.tend("survey", read_skill(following))

    def _asks(self, group: str) -> bool:
        return any(each.group == f"library-{group}" and not each.is_finished for each in self.app.workers)

    def _told(self, library: "LibraryState") -> tuple[str, list[Line]]:
        refused = refusal_lines(library.refusal)
        match library.about:
            case "which":
                return "which", [*refused, *routing_lines(library.query, library.routing)]
            case "budget":
                return "budget", [*refused, *budget_lines(library.budget)]
        detail = library.detail
        if detail is None:
            return library.selected, refused
        shown = library.shown_revision
        known = not_kept_lines()
        if any(each.revision == shown and each.evidence for each in detail.revisions):
            known = evidence_lines(library.evidence.get((detail.name, shown)), library.led.get(detail.name))
        about = about_lines(detail, at=library.finding, shown=shown, known=known, zone=self.zone)
        return detail.name, [*refused, *about]

    def _instead(self, library: "LibraryState", fleet: "FleetState") -> tuple[str, ...]:
        """What the list says while it has no row."""
        key = {one.id: self.app.keys.first(one.id, one.keys) for one in self.commands()}
        if library.trouble:
            return ("The library cannot be read.", library.trouble, f"{key.get('library.refresh', '^r')}  look again")
        if not library.loaded:
            said = {"live": "Reading the library…", "replay": "A recording has no library."}
            return (said.get(str(fleet.connection.link), "Waiting for the server…"),)
        if library.filter.strip():
            return (f"No skill has these words: {clean_line(library.filter)}", "esc shows all skills again")
        first = "A finished job leaves a draft. Keep it here: P" if "library.promote" in key else ""
        said = (
            "There are no skills in the library yet.",
            first or "A finished job leaves a draft, which you can keep here.",
            f"{key.get('library.create', 'c')}  describe a skill",
            f"{key['library.import']}  import a folder or a zip" if "library.import" in key else "",
            f"{key.get('screen.jobs', '1')}  back to the jobs",
        )
        return tuple(each for each in said if each)

    def _name_panes(self, library: "LibraryState") -> None:
        text, about = self.query_one(SkillText), self.query_one(Facts)
        total, shown = len(library.skills), sum(bool(row.name) for row in library.rows)
        narrowed = f" · {shown} of {total} · {clean_line(library.filter)}" if library.filter.strip() else f" · {total}"
        self._title("skills", f"Skills{narrowed if library.loaded else ''}")
        self._title("text", text.title)
        self._title("about", {"which": "Which skill?", "budget": "Listing budget"}.get(library.about, "About"))
        self._subtitle(text, text.subtitle)
        self._subtitle(about, about.found)

    def _title(self, pane: str, said: str) -> None:
        if self._titles.get(pane) != said:
            self._titles[pane] = said
            self.query_one(f"#{pane}").border_title = Content(said)

    def _subtitle(self, pane: Widget, said: str) -> None:
        if self._titles.get(f"{pane.id}-subtitle") != said:
            self._titles[f"{pane.id}-subtitle"] = said
            pane.border_subtitle = Content(said) if said else None

    # --- what widgets say -----------------------------------------------------------------------------

    def on_skill_list_selected(self, _: SkillList.Selected) -> None:
        """Shown at once, not with the next beat."""
        if self.library is not None and self.library.about != "skill" and self.library.query == "":
            self.library.about = "skill"
        self.app.beat(urgent=True)

    def on_skill_list_opened(self, _: SkillList.Opened) -> None:
        """Read it."""
        self.show_pane("text")

    def action_mark(self, by: int) -> None:
        """The next instruction, and where it comes from."""
        text = self.query_one(SkillText)
        if text.document.has_marks:
            text.document.go_to_mark(by)
            self._subtitle(text, text.subtitle)
            self.show_pane("text")
        else:
            self.app.toast("It is not kept where the instructions of this text come from.")

    def on_skill_text_wanted(self, message: SkillText.Wanted) -> None:
        """Fetch it."""
        self.app.tend("text", read_text(message.ref, newest=message.newest))

    def on_row_view_changed(self, _: RowView.Changed) -> None:
        """Say what is found."""
        if self.library is not None:
            self._name_panes(self.library)

"""Looking around in the library: panes, finding words, files and revisions, findings, where a query leads."""

from typing import TYPE_CHECKING, Final

from textual import events

from skill_fleet_tui.screens.program import Program
from skill_fleet_tui.widgets.find_line import FindLine
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.skill_text import SkillText

if TYPE_CHECKING:
    from skill_fleet_tui.store.library import LibraryState

PANES: Final = ("skills", "text", "about")

QUERY_SECONDS: Final = 0.15
"""How long a query rests before it is asked."""


class LookingAround(Program):
    """Commands that change nothing."""

    _line_is_for = "filter"
    """What is typed in the line: a `filter`, words to `find` in a text, or `which` skill a query leads to."""
    _searched: LineView | None = None

    @property
    def library(self) -> "LibraryState | None":
        """The skills."""
        return self.app.library

    # --- panes ----------------------------------------------------------------------------------------

    @property
    def pane(self) -> str:
        """Where the keys are."""
        return next((place for place in PANES if self.has_class(f"-on-{place}")), "skills")

    def show_pane(self, pane: str) -> None:
        """Give the keys to a pane."""
        self._mark(pane)
        self.query_one(f"#{pane}").focus()
        self.app.beat(urgent=True)

    def _mark(self, pane: str) -> None:
        for place in PANES:
            self.set_class(place == pane, f"-on-{place}")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Narrow terminals show the pane that has the focus."""
        for place in PANES:
            if self.query_one(f"#{place}") in event.widget.ancestors_with_self:
                self._mark(place)

    def action_pane(self, by: int) -> None:
        """The next pane."""
        self.show_pane(PANES[(PANES.index(self.pane) + by) % len(PANES)])

    def action_zoom(self) -> None:
        """One pane, or all of them."""
        self.toggle_class("-zoom")
        self.app.beat(urgent=True)

    def action_back(self) -> None:
        """One step: out of the selection, the search, the comparison, the zoom, the query, the pane, the filter."""
        if any(end() for end in (self._end_search, self._end_comparison, self._end_zoom)):
            self.app.beat(urgent=True)
            return
        if not self._end_about() and self.pane == "skills" and self.library is not None and self.library.filter:
            self.library.narrow("")
        self.show_pane("skills")

    def _end_search(self) -> bool:
        if self.selections:
            self.clear_selection()
        elif isinstance(self.focused, LineView) and self.focused.is_searched:
            self.focused.end_search()
        else:
            return False
        return True

    def _end_about(self) -> bool:
        library = self.library
        if library is None or (library.about == "skill" and not library.refusal):
            return False
        library.about, library.refusal = "skill", ""
        library.ask("")
        return True

    def _end_comparison(self) -> bool:
        if self.library is None or not self.library.look.compares:
            return False
        self.library.look.compares = False
        self.library.touch()
        return True

    def _end_zoom(self) -> bool:
        zoomed = self.has_class("-zoom")
        self.remove_class("-zoom")
        return zoomed

    # --- the line -------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Type words: to narrow the list, or to find in the text that has the focus."""
        self._searched = self.focused if isinstance(self.focused, LineView) else None
        line = self.query_one(FindLine)
        if self._searched is not None:
            self._line_is_for = "find"
            line.open(self._searched.words, "find in this text")
        elif self.library is not None:
            self._line_is_for = "filter"
            line.open(self.library.filter, "words of name, description or category · esc shows all")

    def action_which(self) -> None:
        """Type a query."""
        if self.library is None:
            return
        self._line_is_for = "which"
        self.show_about("which")
        self.query_one(FindLine).open(self.library.query, "what a user might say · ⏎ goes to the skill · esc ends")

    def on_find_line_typed(self, message: FindLine.Typed) -> None:
        """Narrow, find or ask as it is typed."""
        library = self.library
        if library is None:
            return
        match self._line_is_for:
            case "find" if self._searched is not None:
                self._searched.search(message.words)
            case "which":
                self.ask(message.words)
            case _:
                library.narrow(message.words)
        self.app.beat(urgent=True)

    def on_find_line_left(self, message: FindLine.Left) -> None:
        """Back to the list or the text, with or without what was typed."""
        library, view = self.library, self._searched
        if library is None:
            return
        match self._line_is_for:
            case "find" if view is not None:
                if not message.kept:
                    view.end_search(back=True)
                view.focus()
            case "which":
                self._leave_query(library, kept=message.kept)
            case _:
                if not message.kept:
                    library.narrow("")
                self.show_pane("skills")
        self.app.beat(urgent=True)

    def _leave_query(self, library: "LibraryState", *, kept: bool) -> None:
        if not kept:
            self._end_about()
        elif library.routing is not None and library.routing.query == library.query and library.routing.ranked:
            library.filter = ""
            library.select(library.routing.picked or library.routing.ranked[0].name)
        self.show_pane("skills")

    def typed_filter(self, words: str) -> None:
        """List only the skills that match."""
        if self.library is not None:
            self.library.narrow(words)
            self.show_pane("skills")

    def typed_which(self, query: str) -> None:
        """See where a query leads."""
        self.show_about("which")
        self.ask(query)

    def ask(self, query: str) -> None:
        """Ask where a query leads, once it rests; an answer to one before is dropped."""
        from skill_fleet_tui.running.librarian import read_routing

        if self.library is None:
            return
        self.library.ask(query)
        if query.strip():
            self.app.tend("which", read_routing(query, rests=QUERY_SECONDS))

    # --- beside the text ------------------------------------------------------------------------------

    def show_about(self, about: str) -> None:
        """Show something beside the text; where there is no room, in its place."""
        if self.library is None:
            return
        self.library.about = about
        self.library.touch()
        if not self.query_one("#about").display:
            self._mark("about")
        self.app.beat(urgent=True)

    def action_budget(self) -> None:
        """What all descriptions take, or the skill again."""
        from skill_fleet_tui.running.librarian import read_budget

        if self.library is None:
            return
        if self.library.about == "budget":
            self._end_about()
            self.app.beat(urgent=True)
            return
        self.show_about("budget")
        self.query_one("#about").focus()
        self.app.tend("which", read_budget)

    def action_finding(self, by: int) -> None:
        """The next finding."""
        from skill_fleet_tui.text.skill_lines import finding_said

        found = self.library.go_to_finding(by) if self.library is not None else None
        self.app.toast(finding_said(found) if found is not None else "Rules find nothing in this skill.")
        self.app.beat(urgent=True)

    # --- the text -------------------------------------------------------------------------------------

    def action_rendered(self) -> None:
        """Rendered or source."""
        text = self.query_one(SkillText)
        text.rendered = not text.rendered
        self._looked("")

    def action_file(self, by: int) -> None:
        """Another file."""
        if self.library is not None and self.library.detail is not None:
            self.library.finding = -1
            self.library.look.next_file(self.library.detail.files, by)
            self._looked("")

    def action_compare(self) -> None:
        """What changed, or the file."""
        if self.library is not None:
            self._looked(self.library.look.compare(self.library.versions()))

    def action_revision(self, by: int) -> None:
        """A newer or an older one."""
        if self.library is not None:
            self._looked(self.library.look.move(self.library.versions(), by))

    def action_compared(self, by: int) -> None:
        """A newer or an older revision to compare with."""
        if self.library is not None:
            self._looked(self.library.look.move_base(self.library.versions(), by))

    def _looked(self, problem: str) -> None:
        if problem:
            self.app.toast(problem)
        elif self.library is not None:
            self.library.touch()
            if not self.query_one(SkillText).display:
                self.show_pane("text")
        self.app.beat(urgent=True)

    def action_copy(self) -> None:
        """What is selected, else the skill's name."""
        if said := self.get_selected_text() or (self.library.selected if self.library is not None else ""):
            self.app.copy(said)

    def action_refresh_library(self) -> None:
        """Read it again."""
        from skill_fleet_tui.running.librarian import read_library

        if self.library is not None:
            self.library.trouble = ""
        self.app.tend("list", read_library)

    # --- to the jobs ----------------------------------------------------------------------------------

    def action_made_by(self) -> None:
        """The job that wrote the skill."""
        detail = self.library.detail if self.library is not None else None
        if detail is not None and self.fleet is not None and detail.job_id in self.fleet.jobs:
            self.app.go_to(detail.job_id)

    def action_next_question(self) -> None:
        """The next question, among the jobs."""
        self._among_jobs("next_question")

    def action_create(self) -> None:
        """Describe a skill, among the jobs."""
        self._among_jobs("create")

    def typed_create(self, text: str) -> None:
        """Describe a skill, beginning with this."""
        self.app.show_jobs()
        self.app.describe(text)

    def action_retry(self) -> None:
        """Connect now."""
        if self.app.session is not None:
            self.app.session.retry_now()
        else:
            self.app.go_live()

    def _among_jobs(self, action: str) -> None:
        self.app.show_jobs()
        self.app.run_command(action)

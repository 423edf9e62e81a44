"""The jobs screen: list, log, preview, and the question of the selected job. Its parts are in the files beside."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from skill_fleet_tui.commands.command import JOBS
from skill_fleet_tui.commands.registry import bindings, welcome
from skill_fleet_tui.screens.commanding import Commanding
from skill_fleet_tui.screens.files import Files
from skill_fleet_tui.screens.questions import Questions
from skill_fleet_tui.screens.views import Views
from skill_fleet_tui.screens.widths import Widths
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.key_bar import KeyBar
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.preview import Preview
from skill_fleet_tui.widgets.row_view import RowView
from skill_fleet_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skill_fleet_tui.store.fleet import FleetState


class Panes(Horizontal):
    """What stands side by side. Nothing of itself can be seen, so nothing of it is drawn with every change in it."""

    BLANK = True


class MainScreen(Widths, Questions, Views, Files, Commanding, Screen[None]):
    """Reads the store; every change of it comes through `paint`, called by the app's one tick.

    Args:
        pane: Which pane has the keys at first; a narrow terminal shows it.
        compact: Without frames.
    """

    AUTO_FOCUS = "#jobs"
    BLANK = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(JOBS)]

    def __init__(self, *, pane: str = "jobs", compact: bool = False) -> None:
        super().__init__(classes=f"-on-{pane}{' -compact' if compact else ''}")
        self._first_pane = pane
        self._titles: dict[str, str] = {}
        self._seen: tuple[object, ...] = ()
        self._asked_of: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield StatusBar(id="status")
        with Panes(id="panes"):
            yield JobList(id="jobs")
            yield LogView(id="log")
            yield Preview(id="preview")
        yield KeyBar(id="keys")

    async def complete(self) -> None:
        """Mount what the first paint does not show, and give the keys to whom they are for at first.

        Called once, right after that paint; `paint` comes later.
        """
        from skill_fleet_tui.widgets import find_line, prompt_panel, timeline

        prompt = prompt_panel.PromptPanel(id="prompt")
        words = find_line.FindLine(id="find")
        await self.mount(prompt, words, before="#keys")
        await self.query_one("#panes").mount(timeline.TimelineView(id="timeline"), after="#log")
        await self.query_one(Preview).complete()
        self.prompt, self.words = prompt, words
        self.query_one(JobList).welcome = welcome(self.app.keys)
        if self._first_pane != "jobs":
            self.query_one(f"#{self._first_pane}").focus()

    # --- bringing up to date --------------------------------------------------------------------------

    def paint(self, fleet: "FleetState", now: datetime, *, slow: bool) -> None:
        """Bring to the screen what has changed."""
        job = fleet.current
        seen = (job.id, job.version, job.log.version, job.live.version) if job is not None else ()
        if not slow and seen == self._seen:
            return
        self._seen = seen
        log, preview = self.query_one(LogView), self.query_one(Preview)
        if log.display:
            log.sync(fleet.current, now, fleet.clock(), document=not preview.display)
            log.flush()
        if preview.display:
            preview.sync(fleet)
            preview.flush()
        if self.prompt is not None:
            self.prompt.sync(fleet)
        if slow:
            self.query_one(JobList).sync(fleet, now)
            self.query_one(StatusBar).sync(fleet, now)
            self.query_one(KeyBar).show(self.hints(self.pane))
            self._welcome(not fleet.jobs and not fleet.connection.is_stale)
            self._paint_timeline(fleet, now)
            self._name_panes(fleet)
            self._ask_what_was_kept(fleet)
            self.query_one("#panes").set_class(fleet.connection.is_stale, "-stale")

    def hints(self, pane: str) -> "Sequence[tuple[str, str]]":
        """Without the keys that are choices or letters of the question that is being answered."""
        prompt = self.prompt
        return [hint for hint in super().hints(pane) if prompt is None or not prompt.takes(hint[0])]

    def on_screen_resume(self) -> None:
        """Come back here: other people keep drafts, too."""
        self._asked_of = ()

    def _ask_what_was_kept(self, fleet: "FleetState") -> None:
        """Which drafts are in the library, whenever there are others than before."""
        drafts = tuple(id(job) for job in fleet.jobs.values() if job.view.result is not None)
        if not drafts or drafts == self._asked_of or str(fleet.connection.link) != "live":
            return
        if self.app.session is not None and self.app.session.api is not None:
            from skill_fleet_tui.running.librarian import read_promotions

            self._asked_of = drafts
            self.app.tend("promotions", read_promotions(fleet))

    def _welcome(self, is_first: bool) -> None:
        if is_first != self.has_class("-first"):
            self.set_class(is_first, "-first")
            self.apply_widths()
            self.query_one(JobList).refresh()

    def _paint_timeline(self, fleet: "FleetState", now: datetime) -> None:
        if self.has_class("-timeline"):
            from skill_fleet_tui.widgets.timeline import TimelineView

            view = self.query_one(TimelineView)
            view.sync(fleet, now)
            view.flush()
            self._subtitle(view, view.found)
            self._title(
                "timeline", f"{' '.join(fleet.current.title.split())} · Timeline" if fleet.current else "Timeline"
            )

    def _name_panes(self, fleet: "FleetState") -> None:
        job, log = fleet.current, self.query_one(LogView)
        at = [job.title, str(job.view.phase or "").capitalize(), job.view.module or ""] if job else ["Log"]
        if job is not None and job.promoted is not None:
            from skill_fleet_tui.text.skill_lines import kept_said

            at = [job.title, kept_said(job.promoted, self.query_one(StatusBar).zone)]
        self._title("log", " · ".join(" ".join(part.split()) for part in at if part))
        self._title("jobs", self.query_one(JobList).heading)
        preview = self.query_one(Preview)
        self._title("preview", preview.title or "Preview")
        following = "" if log.follow else f"▼ {log.unseen} new · space follows" if log.unseen else "space follows"
        self._subtitle(log, " · ".join(part for part in (log.found, log.narrowing, following) if part))
        self._subtitle(preview, preview.subtitle)

    def _subtitle(self, pane: Widget, said: str) -> None:
        if self._titles.get(f"{pane.id}-subtitle") != said:
            self._titles[f"{pane.id}-subtitle"] = said
            pane.border_subtitle = Content(said) if said else None

    def _title(self, pane: str, said: str) -> None:
        if self._titles.get(pane) != said:
            self._titles[pane] = said
            self.query_one(f"#{pane}").border_title = Content(said)

    def on_row_view_changed(self, _: RowView.Changed) -> None:
        """Say whether the log follows, and what is found."""
        if self.fleet is not None:
            self._name_panes(self.fleet)

    # --- the program ----------------------------------------------------------------------------------

    def action_back(self) -> None:
        """One step: out of the selection, the search, the timeline, the source, the zoom, the filter, the pane."""
        ends = (self.end_search, self.end_timeline, self.end_source, self.end_zoom, self.end_filter)
        if not any(end() for end in ends):
            self.show_pane("jobs")

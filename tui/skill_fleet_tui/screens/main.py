"""The jobs screen: list, log, preview, and the question of the selected job."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen

from skill_fleet_tui.actions import bindings, bottom_line
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.key_bar import KeyBar
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.preview import Preview
from skill_fleet_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from textual.widgets import Input

    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.widgets.filter_input import FilterInput
    from skill_fleet_tui.widgets.prompt_panel import PromptPanel

PANES = ("jobs", "log", "preview")

WIDTHS = [(0, "-narrow"), (80, "-medium"), (120, "-wide"), (160, "-huge")]
"""From how many columns on the screen wears which class."""


class MainScreen(Screen[None]):
    """Reads the store; every change of it comes through `paint`, called by the app's one tick."""

    app: "SkillFleetApp"

    AUTO_FOCUS = "#jobs"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self) -> None:
        # A narrow terminal shows the jobs first.
        super().__init__(classes="-on-jobs")
        self._prompt: PromptPanel | None = None
        self._words: FilterInput | None = None
        """The question and the filter: `None` until `complete` has mounted them."""
        self._put_off = ""
        """The prompt that was left unanswered last."""
        self._titles: dict[str, str] = {}
        self._seen: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield StatusBar(id="status")
        with Horizontal(id="panes"):
            yield JobList(id="jobs")
            yield LogView(id="log")
            yield Preview(id="preview")
        yield KeyBar(id="keys")

    async def complete(self) -> None:
        """Mount what the first paint does not show. Called once, right after it; `paint` comes later."""
        from skill_fleet_tui.widgets import filter_input, prompt_panel

        prompt = prompt_panel.PromptPanel(id="prompt")
        words = filter_input.FilterInput(id="filter")
        await self.mount(prompt, words, before="#keys")
        self._prompt, self._words = prompt, words

    def expect_width(self, columns: int) -> None:
        """Look right from the first layout on: a class that came with it would style every widget once more."""
        self.add_class(max(width for width in WIDTHS if width[0] <= columns)[1])

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
            log.sync(fleet.current, now, document=not preview.display)
            log.flush()
        if preview.display:
            preview.sync(fleet)
            preview.flush()
        if self._prompt is not None:
            self._prompt.sync(fleet)
        if slow:
            self.query_one(JobList).sync(fleet, now)
            self.query_one(StatusBar).sync(fleet, now)
            self.query_one(KeyBar).show(bottom_line(self.possible(fleet)))
            self._name_panes(fleet)
            self.query_one("#panes").set_class(fleet.connection.is_stale, "-stale")

    def possible(self, fleet: "FleetState") -> frozenset[str]:
        """What is there for commands to work on."""
        job, found = fleet.current, set()
        if job is not None:
            found.add("job")
            if job.view.prompt is not None:
                found.add("question")
            if not job.view.status.is_terminal:
                found.add("alive")
            if job.view.files:
                found.add("files")
            if job.view.status == "failed":
                found.add("retry")
        if str(fleet.connection.link) in ("waiting", "stopped"):
            found.add("retry")
        if fleet.next_question() is not None:
            found.add("questions")
        return frozenset(found)

    def _name_panes(self, fleet: "FleetState") -> None:
        job, log = fleet.current, self.query_one(LogView)
        at = [job.title, str(job.view.phase or "").capitalize(), job.view.module or ""] if job else ["Log"]
        self._title("log", " · ".join(" ".join(part.split()) for part in at if part))
        self._title("jobs", self.query_one(JobList).heading)
        self._title("preview", self.query_one(Preview).title or "Preview")
        said = "" if log.follow else f"▼ {log.unseen} new · space follows" if log.unseen else "space follows"
        if self._titles.get("log-subtitle") != said:
            self._titles["log-subtitle"] = said
            log.border_subtitle = Content(said) if said else None

    def _title(self, pane: str, said: str) -> None:
        if self._titles.get(pane) != said:
            self._titles[pane] = said
            self.query_one(f"#{pane}").border_title = Content(said)

    # --- selection ------------------------------------------------------------------------------------

    def on_job_list_selected(self, message: JobList.Selected) -> None:
        """Log, preview and question are the selected job's, at once."""
        self.select(message.job_id)

    def select(self, job_id: str) -> None:
        """Show a job."""
        if (fleet := self.app.fleet) is not None:
            fleet.select(job_id)
            self.query_one(JobList).show_selected()
            self.app.beat(urgent=True)

    def action_job(self, by: int) -> None:
        """The job above or below."""
        self.query_one(JobList).action_move(by)

    def action_next_question(self) -> None:
        """The selected job's question, unless it is being answered or was put off; else that of the next job."""
        fleet = self.app.fleet
        if fleet is not None and self._asked_anew(fleet) and self._take_up_question():
            return
        job_id = fleet.next_question() if fleet is not None else None
        if job_id is None:
            self.app.toast("No job asks anything.")
            return
        self.select(job_id)
        self._take_up_question()

    def action_answer(self) -> None:
        """The selected job's question; without one, its log."""
        if not self._take_up_question():
            self._show_pane("log")

    def _asked_anew(self, fleet: "FleetState") -> bool:
        """Whether the selected job asks something that nobody here has taken up yet."""
        prompt = fleet.current.view.prompt if fleet.current is not None else None
        if prompt is None or prompt.prompt_id == self._put_off:
            return False
        return self.focused is None or self._prompt not in self.focused.ancestors_with_self

    def _take_up_question(self) -> bool:
        """Let the keys go to the selected job's question; false if it asks nothing."""
        return self._prompt is not None and self._prompt.take_focus()

    def on_prompt_panel_left(self, _: "PromptPanel.Left") -> None:
        """The keys go back to the list."""
        job = self.app.fleet.current if self.app.fleet is not None else None
        self._put_off = job.view.prompt.prompt_id if job is not None and job.view.prompt is not None else ""
        self._show_pane("jobs" if not self.has_class("-zoom") else self._pane())

    def on_prompt_panel_answered(self, message: "PromptPanel.Answered") -> None:
        """Send it."""
        self.app.answer(message.job_id, message.request)

    def on_prompt_panel_editor_wanted(self, message: "PromptPanel.EditorWanted") -> None:
        """To the person's editor, and back."""
        self.app.edit(message.job_id, message.form, message.path)

    def on_preview_wanted(self, message: Preview.Wanted) -> None:
        """Fetch it."""
        self.app.fetch_file(message.ref, self.query_one(Preview).forget_asked)

    def on_line_view_follow_changed(self, _: LineView.FollowChanged) -> None:
        """Say whether the log follows."""
        if self.app.fleet is not None:
            self._name_panes(self.app.fleet)

    # --- panes ----------------------------------------------------------------------------------------

    def _pane(self) -> str:
        return next((pane for pane in (*PANES, "prompt") if self.has_class(f"-on-{pane}")), "jobs")

    def _show_pane(self, pane: str) -> None:
        for other in (*PANES, "prompt"):
            self.set_class(other == pane, f"-on-{other}")
        if pane == "prompt":
            self._take_up_question()
        else:
            self.query_one(f"#{pane}").focus()
        self.app.beat(urgent=True)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Zoom and narrow terminals show the pane that has the focus."""
        for pane in (*PANES, "prompt"):
            if any(here in event.widget.ancestors_with_self for here in self.query(f"#{pane}")):
                for other in (*PANES, "prompt"):
                    self.set_class(other == pane, f"-on-{other}")

    def action_pane(self, by: int) -> None:
        """The next pane that there is at this width; the question is one."""
        panes = list(PANES)
        if self.has_class("-medium") and not self.has_class("-zoom"):
            panes.remove("preview")
        if self._prompt is not None and self._prompt.form is not None:
            panes.append("prompt")
        at = panes.index(self._pane()) if self._pane() in panes else 0
        self._show_pane(panes[(at + by) % len(panes)])

    def action_zoom(self) -> None:
        """One pane, or all of them."""
        self.toggle_class("-zoom")
        self.app.beat(urgent=True)

    def action_back(self) -> None:
        """Out of the zoom, the filter, the pane."""
        if self.has_class("-zoom"):
            self.action_zoom()
        elif self.query_one(JobList).filter:
            self._filter("")
        else:
            self._show_pane("jobs")

    # --- what the views do ----------------------------------------------------------------------------

    def action_follow(self) -> None:
        """Follow the log's end, or stay."""
        log = self.query_one(LogView)
        log.set_follow(not log.follow)

    def action_details(self) -> None:
        """Reasoning and outputs."""
        log = self.query_one(LogView)
        log.details = not log.details
        self.app.beat(urgent=True)

    def action_rendered(self) -> None:
        """Rendered or source."""
        preview = self.query_one(Preview)
        preview.rendered = not preview.rendered
        self.app.beat(urgent=True)

    def action_next_file(self) -> None:
        """Another file."""
        if self.app.fleet is not None and self.app.fleet.current is not None:
            self.query_one(Preview).next_file(self.app.fleet.current)
            self.app.beat(urgent=True)

    # --- filter ---------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Type words to narrow the list."""
        if self._words is not None:
            self._words.add_class("-open")
            self._words.focus()

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Narrow as it is typed."""
        self.query_one(JobList).filter = event.value
        self.app.beat(urgent=True)

    def on_input_submitted(self, _: "Input.Submitted") -> None:
        """Back to the list, narrowed, to a job that is in it."""
        self._leave_filter()
        self.query_one(JobList).settle_on_match()

    def _leave_filter(self) -> None:
        if self._words is not None:
            self._words.remove_class("-open")
        self._show_pane("jobs")

    def _filter(self, words: str) -> None:
        if self._words is not None:
            self._words.value = words
        self.query_one(JobList).filter = words
        self._leave_filter()

    def on_key(self, event: events.Key) -> None:
        """Escape in the filter clears it."""
        if event.key == "escape" and self._words is not None and self.focused is self._words:
            event.stop()
            self._filter("")

    # --- jobs -----------------------------------------------------------------------------------------

    def action_create(self) -> None:
        """Describe a skill."""
        self.app.open_create()

    def action_retry(self) -> None:
        """A failed job, or the connection."""
        self.app.retry()

    def action_cancel(self) -> None:
        """Cancel the job, after asking once more."""
        self.app.cancel()

    def action_copy(self) -> None:
        """Where the draft is, or which job it is."""
        fleet = self.app.fleet
        job = fleet.current if fleet is not None else None
        if fleet is None or job is None:
            return
        draft = job.view.draft_path
        self.app.copy(str(fleet.data_dir / draft) if draft and fleet.data_dir else draft or job.id)

    def action_palette(self) -> None:
        """Commands by name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Every key."""
        self.app.open_help()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Single letters are text while text is typed; Textual sees to that. All else is always possible."""
        return True

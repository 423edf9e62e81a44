"""The line in which words are typed to find something."""

from typing import TYPE_CHECKING

from textual import events

from skill_fleet_tui.screens.panes import Panes
from skill_fleet_tui.widgets.job_list import JobList

if TYPE_CHECKING:
    from textual.widgets import Input

    from skill_fleet_tui.widgets.filter_input import FilterInput


class Finding(Panes):
    """Narrows the job list."""

    words: "FilterInput | None" = None
    """The line; mounted after the first paint."""

    def filter_jobs(self, words: str) -> None:
        """List only the jobs that match; all of them for no words."""
        if self.words is not None:
            self.words.value = words
        self.query_one(JobList).filter = words
        self._leave_filter()

    def end_filter(self) -> bool:
        """List all jobs again; false if they are listed."""
        if not self.query_one(JobList).filter:
            return False
        self.filter_jobs("")
        return True

    def action_filter(self) -> None:
        """Type words to narrow the list."""
        if self.words is not None:
            self.words.add_class("-open")
            self.words.focus()

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Narrow as it is typed."""
        self.query_one(JobList).filter = event.value
        self.app.beat(urgent=True)

    def on_input_submitted(self, _: "Input.Submitted") -> None:
        """Back to the list, narrowed, to a job that is in it."""
        self._leave_filter()
        self.query_one(JobList).settle_on_match()

    def on_key(self, event: events.Key) -> None:
        """Escape in the filter clears it."""
        if event.key == "escape" and self.words is not None and self.focused is self.words:
            event.stop()
            self.filter_jobs("")

    def _leave_filter(self) -> None:
        if self.words is not None:
            self.words.remove_class("-open")
        self.show_pane("jobs")

"""Finding: words narrow the job list, or are looked for in the log or the preview, as they are typed."""

from typing import TYPE_CHECKING

from skill_fleet_tui.screens.panes import Panes
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from skill_fleet_tui.widgets.find_line import FindLine


class Finding(Panes):
    """What `/` does, wherever the focus is."""

    words: "FindLine | None" = None
    """The line; mounted after the first paint."""
    _searched: LineView | None = None
    """The view in which words are looked for as they are typed; `None` is the job list."""

    @property
    def read_view(self) -> LineView | None:
        """The log or the preview, if one has the focus."""
        return self.focused if isinstance(self.focused, LineView) else None

    def filter_jobs(self, words: str) -> None:
        """List only the jobs that match; all of them for no words."""
        self.query_one(JobList).filter = words
        self.show_pane("jobs")

    def end_filter(self) -> bool:
        """List all jobs again; false if they are listed."""
        if not self.query_one(JobList).filter:
            return False
        self.filter_jobs("")
        return True

    def end_search(self) -> bool:
        """Let go what is selected, or end the search of the view that has the focus; false if there is neither."""
        if self.selections:
            self.clear_selection()
        elif (view := self.read_view) is not None and view.is_searched:
            view.end_search()
        else:
            return False
        return True

    def action_filter(self) -> None:
        """Type words: to narrow the list, or to find in the log or preview that has the focus."""
        if self.words is None:
            return
        self._searched = view = self.read_view
        if view is not None:
            self.words.open(view.words, f"find in the {view.id}")
        else:
            self.words.open_for_jobs(self.query_one(JobList).filter)

    def action_matches(self) -> None:
        """Only the lines of the log that match, or all of them; what is to match is asked for, if that is not known."""
        log = self.query_one(LogView)
        self.remove_class("-timeline")
        self.show_pane("log")
        if log.words:
            log.show_only_matches(on=not log.only_matches)
            self.app.beat(urgent=True)
        elif self.words is not None:
            log.show_only_matches(on=True)
            self._searched = log
            self.words.open("", "show only the lines of the log that have these words")

    def on_find_line_typed(self, message: "FindLine.Typed") -> None:
        """Narrow or find as it is typed."""
        if self._searched is not None:
            self._searched.search(message.words)
        else:
            self.query_one(JobList).filter = message.words
        self.app.beat(urgent=True)

    def on_find_line_left(self, message: "FindLine.Left") -> None:
        """Back to the list or the view, with or without what was typed."""
        view, self._searched = self._searched, None
        if view is None:
            jobs = self.query_one(JobList)
            self.filter_jobs(jobs.filter if message.kept else "")
            if message.kept:
                jobs.settle_on_match()
            return
        if not message.kept:
            view.end_search(back=True)
        view.focus()
        self.app.beat(urgent=True)

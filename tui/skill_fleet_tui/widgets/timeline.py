"""The timeline of the selected job: what took how long, drawn with bars, growing while the job runs."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.timeline_rows import timeline_lines

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState

LOADING = Line("The job's past is being read…", "quote")


class TimelineView(LineView):
    """One view for all jobs; `sync` swaps them."""

    DEFAULT_CSS = """
    TimelineView {
        padding: 0 1;
        & > .line--total { text-style: bold; }
        & > .line--phase { color: $text-accent; text-style: bold; }
        & > .line--strong { text-style: bold; }
        & > .line--quote, & > .line--replayed, & > .line--queue, & > .line--cut_off { color: $text-muted; }
        & > .line--open { color: $text-primary; }
        & > .line--done { color: $text-success; }
        & > .line--failed, & > .line--away { color: $text-error; }
        & > .line--wait { color: $text-warning; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}"
        for name in (
            "total", "phase", "strong", "quote", "replayed", "queue", "cut_off", "open", "done", "failed", "away",
            "wait",
        )
    }  # fmt: skip
    follows_at_end = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._seen: tuple[object, ...] = ()
        self._told: tuple[FleetState, datetime] | None = None

    def sync(self, fleet: "FleetState", now: datetime) -> None:
        """Draw the selected job's timeline as it is at a moment; once only, for a job that is over."""
        self._told = fleet, now
        if not self.scrollable_content_region.width:
            return
        job = fleet.current
        moment = now if job is not None and not job.view.status.is_terminal else None
        width = self.scrollable_content_region.width
        seen = (job.id, job.timeline.version, job.history_missing, moment, width) if job is not None else ()
        if seen == self._seen:
            return
        if seen[:1] != self._seen[:1]:
            self.show([])
        self._seen = seen
        if job is None:
            return
        silent = fleet.connection.silent_for(fleet.clock()) if fleet.connection.is_stale else None
        told = now - timedelta(seconds=silent) if silent is not None else now
        lines = timeline_lines(job.timeline.chart(told), width)
        self.set_tail([LOADING, *lines] if job.history_missing else lines)

    def width_changed(self) -> None:
        """Bars are as long as there is room, at once: the next beat may be a second away."""
        if self._told is not None:
            self.sync(*self._told)


if __name__ == "__main__":
    from skill_fleet_tui.widgets.looking import look

    def _bring(view: TimelineView, fleet: "FleetState", now: datetime) -> None:
        view.sync(fleet, now)
        view.flush()

    look(TimelineView(), _bring)

"""The list of jobs, one row each, drawn row by row when one changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skill_fleet_tui.text.amounts import elapsed_text
from skill_fleet_tui.text.wrap import wrap

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState

STILL_SECONDS = 1.5
"""How long rows keep their places after a person has moved the selection."""

WIDE = 38
"""From this many columns on, rows say what a job is at, not only how far."""

EMPTY = (
    "No jobs yet.",
    "c  describe a skill and start",
    "?  every key",
)

_GLYPHS = {
    "pending": "·", "running": "⠿", "pending_hitl": "❯", "cancelling": "◌",
    "completed": "✓", "pending_review": "!", "failed": "✗", "cancelled": "–",
}  # fmt: skip
_STYLES = {
    "pending_hitl": "asks", "running": "runs", "pending": "rests", "cancelling": "asks",
    "completed": "good", "pending_review": "asks", "failed": "bad", "cancelled": "rests",
}  # fmt: skip


class JobList(ScrollView, can_focus=True):
    """Every job: its state, name, what it is at, how far, and whether it needs a person."""

    DEFAULT_CSS = """
    JobList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        & > .job--selected { background: $surface-lighten-2; text-style: bold; }
        &:focus > .job--selected { background: $primary 60%; }
        & > .job--asks { color: $text-warning; text-style: bold; }
        & > .job--runs { color: $text-primary; }
        & > .job--good { color: $text-success; }
        & > .job--bad { color: $text-error; }
        & > .job--rests { color: $text-muted; }
        & > .job--detail { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"job--{name}" for name in ("selected", "asks", "runs", "good", "bad", "rests", "detail")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next job", show=False, id="jobs.down"),
        Binding("k,up", "move(-1)", "Previous job", show=False, id="jobs.up"),
        Binding("g,home", "move_to(0)", "First job", show=False, id="jobs.first"),
        Binding("G,end", "move_to(-1)", "Last job", show=False, id="jobs.last"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="jobs.page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="jobs.page-up"),
    ]

    class Selected(Message):
        """A person moved to another job."""

        def __init__(self, job_id: str) -> None:
            super().__init__()
            self.job_id = job_id

    class Opened(Message):
        """A person wants to go on with the selected job: its question, else its log."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._fleet: FleetState | None = None
        self._now: datetime | None = None
        self._order: list[str] = []
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._instead: tuple[int, str] = (-1, "")
        self._moved = float("-inf")
        self._styles: dict[str, Style] = {}
        self.filter = ""
        """Only jobs that contain all of these words are listed."""

    def sync(self, fleet: "FleetState", now: datetime) -> None:
        """Take over order, rows and selection."""
        self._fleet, self._now = fleet, now
        order = self._matching(fleet)
        known = [job_id for job_id in self._order if job_id in fleet.jobs]
        settled = fleet.clock() - self._moved >= STILL_SECONDS or set(known) != set(order)
        if settled and order != self._order:
            self._order = order
            self._resize()
        if fleet.selected is None and self._order:
            self.post_message(self.Selected(self._order[0]))
        if not self._order and self._instead != (fleet.connection.version, self.filter):
            self._instead = (fleet.connection.version, self.filter)
            self.refresh()
        self._repaint_changed()

    @property
    def order(self) -> list[str]:
        """Ids of the rows, as they stand."""
        return self._order

    def _matching(self, fleet: "FleetState") -> list[str]:
        words = self.filter.casefold().split()
        order = fleet.order()
        if not words:
            return order
        return [job_id for job_id in order if all(word in _searched(fleet.jobs[job_id]) for word in words)]

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._order))
        self._drawn.clear()
        self._show_selected()
        self.refresh()

    def _repaint_changed(self) -> None:
        top, width = self.scroll_offset.y, self.size.width
        for row in range(top, min(len(self._order), top + self.size.height)):
            job_id = self._order[row]
            looks = self._looks(job_id)
            if self._drawn.get(job_id) != looks:
                self._drawn[job_id] = looks
                self.refresh(Region(0, row - top, width, 1))

    def _looks(self, job_id: str) -> tuple[object, ...]:
        assert self._fleet is not None
        job = self._fleet.jobs[job_id]
        return (job.version, self._elapsed(job), job_id == self._fleet.selected)

    # --- moving ---------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Select another job."""
        if self._fleet is None or not self._order:
            return
        at = self._order.index(self._fleet.selected) if self._fleet.selected in self._order else 0
        self._select(min(max(at + by, 0), len(self._order) - 1))

    def action_move_to(self, row: int) -> None:
        """Select the first or the last job."""
        if self._order:
            self._select(row % len(self._order))

    def action_page(self, by: int) -> None:
        """Select a job a page away."""
        self.action_move(by * max(self.size.height - 1, 1))

    def on_click(self, event: events.Click) -> None:
        """Select the row."""
        row = event.y + self.scroll_offset.y
        if row < len(self._order):
            self._select(row)

    def _select(self, row: int) -> None:
        assert self._fleet is not None
        self._moved = self._fleet.clock()
        self.post_message(self.Selected(self._order[row]))

    def show_selected(self) -> None:
        """The selection has moved: repaint, and bring it into view."""
        self._show_selected()
        self._drawn.clear()
        self.refresh()

    def _show_selected(self) -> None:
        if self._fleet is None or self._fleet.selected not in self._order:
            return
        row, top, height = self._order.index(self._fleet.selected), self.scroll_offset.y, self.size.height
        if row < top or row >= top + height:
            self.scroll_to(y=row if row < top else row - height + 1, animate=False, immediate=True)

    # --- drawing --------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Colours have changed."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str, selected: bool = False) -> Style:
        key = f"{name}{'+' if selected else ''}"
        style = self._styles.get(key)
        if style is None:
            style = self.get_component_rich_style(f"job--{name}") if name else self.rich_style
            if selected:
                chosen = self.get_component_rich_style("job--selected")
                style = chosen if not name else style + Style(bgcolor=chosen.bgcolor, bold=True)
            self._styles[key] = style
        return style

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The selected row looks different while the list has the focus."""
        super().watch_has_focus(_has_focus)
        self._styles.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, row = self.size.width, self.scroll_offset.y + y
        if self._fleet is None or row >= len(self._order):
            said = self._said_instead(y) if not self._order else ""
            return Strip([Segment(f" {said}", self._style("detail"))]).adjust_cell_length(width, self._style(""))
        job = self._fleet.jobs.get(self._order[row])
        if job is None:
            return Strip.blank(width, self._style(""))
        return self._row(job, width, selected=job.id == self._fleet.selected)

    def _said_instead(self, y: int) -> str:
        """What an empty list says in a row."""
        if self._fleet is None:
            return ""
        connection = self._fleet.connection
        lines: Sequence[str] = EMPTY
        if self.filter and self._fleet.jobs:
            lines = ("No job matches; esc shows all.",)
        elif connection.is_stale and connection.last_frame is None:
            said = connection.detail
            lines = [said[start:end] for start, end in wrap(said, max(self.size.width - 2, 1))]
        return lines[y] if y < len(lines) else ""

    def _row(self, job: "JobState", width: int, *, selected: bool) -> Strip:
        status = str(job.view.status)
        mark = "●" if job.unread else " "
        right = f"{self._elapsed(job):>4} "
        detail_width = 15 if width >= WIDE else 7 if width >= 24 else 0
        name_width = max(width - 4 - detail_width - len(right), 4)
        kind = _STYLES.get(status, "rests")
        parts = [
            Segment(f" {_GLYPHS.get(status, '?')}", self._style(kind, selected)),
            Segment(mark + " ", self._style("asks", selected)),
            Segment(_fitted(job.title, name_width), self._style("", selected)),
        ]
        if detail_width:
            said = _detail(job) if width >= WIDE else _short_detail(job)
            detail = _fitted(f" {said}", detail_width)
            parts.append(Segment(detail, self._style(kind if status != "running" else "detail", selected)))
        parts.append(Segment(right, self._style("detail", selected)))
        return Strip(parts).adjust_cell_length(width, self._style("", selected))

    def _elapsed(self, job: "JobState") -> str:
        until = job.view.updated_at if job.view.status.is_terminal else self._now or job.view.updated_at
        return elapsed_text((until - job.view.created_at).total_seconds())


def _detail(job: "JobState") -> str:
    view = job.view
    if view.prompt is not None:
        return f"asks {str(view.prompt.kind).replace('_', ' ')}"
    if view.status == "running":
        percent = f" {view.progress:.0%}" if view.progress is not None else ""
        return f"{str(view.phase or 'starting')[:9]}{percent}"
    if view.status == "failed" and view.error is not None:
        return view.error.code.replace("_", " ") or "failed"
    return {"pending_review": "needs review"}.get(str(view.status), str(view.status))


def _short_detail(job: "JobState") -> str:
    view = job.view
    if view.prompt is not None:
        return "asks"
    if view.status == "running":
        return f"{view.progress:.0%}" if view.progress is not None else str(view.phase or "starts")
    return {"completed": "done", "pending_review": "review", "cancelled": "ended"}.get(
        str(view.status), str(view.status)
    )


def _searched(job: "JobState") -> str:
    view = job.view
    return f"{job.title} {view.job_id} {view.status} {view.phase or ''} {view.task_description}".casefold()


def _fitted(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"

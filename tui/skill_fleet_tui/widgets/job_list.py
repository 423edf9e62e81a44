"""The list of jobs, one row each, drawn row by row when one changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skill_fleet_tui.text.amounts import elapsed_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.wrap import wrap
from skill_fleet_tui.widgets.job_row import row_parts
from skill_fleet_tui.widgets.welcome import Part, welcome_rows

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.listing import Entry

STILL_SECONDS = 1.5
"""How long rows keep their places after a person has moved the selection."""

CLEARS = "esc shows all jobs again"


class JobList(ScrollView, can_focus=True):
    """Every job: its state, name, what it is at, how far, and whether it needs a person."""

    DEFAULT_CSS = """
    JobList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        & > .job--selected { background: $surface-lighten-2; text-style: bold; }
        &:ansi > .job--selected { text-style: bold underline; }
        &:focus > .job--selected {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
        & > .job--asks { color: $text-warning; text-style: bold; }
        & > .job--runs { color: $text-primary; }
        & > .job--good { color: $text-success; }
        & > .job--bad { color: $text-error; }
        & > .job--rests { color: $text-muted; }
        & > .job--detail { color: $text-muted; }
        & > .job--title { text-style: bold; }
        & > .job--key { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"job--{name}" for name in ("selected", "asks", "runs", "good", "bad", "rests", "detail", "title", "key")
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
        self._rows: list[Entry] = []
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._arranged: list[Entry] = []
        self._arranged_for = (-1, "")
        self._instead: tuple[object, ...] = ()
        self._hidden: tuple[int, int] = (0, 0)
        self._moved = float("-inf")
        self._styles: dict[str, Style] = {}
        self.filter = ""
        """What narrows the list, as it was typed: see `store.listing.JobFilter`."""

        self.welcome: Sequence[tuple[str, str]] = ()
        """What is said while there is no job: key and sentence."""

    @property
    def heading(self) -> str:
        """The pane's title: how many of all jobs are listed, and how old that is while the connection is cut."""
        if self._fleet is None:
            return "Jobs"
        parts = ["Jobs"]
        if words := self.filter.strip():
            parts += [f"{len(self._rows)} of {len(self._fleet.jobs)}", clean_line(words)]
        connection = self._fleet.connection
        if self._rows and connection.is_stale and connection.last_frame is not None:
            parts.append(f"as of {elapsed_text(connection.silent_for(self._fleet.clock()) or 0.0)} ago")
        return " · ".join(parts)

    @property
    def order(self) -> list[str]:
        """Ids of the rows, as they stand."""
        return [row.job_id for row in self._rows]

    # --- bringing up to date --------------------------------------------------------------------------

    def sync(self, fleet: "FleetState", now: datetime) -> None:
        """Take over order, rows and selection."""
        from skill_fleet_tui.store.listing import JobFilter, arranged

        self._fleet, self._now = fleet, _as_told(fleet, now)
        if (fleet.version, self.filter) != self._arranged_for:
            self._arranged_for = (fleet.version, self.filter)
            self._arranged = arranged(fleet.jobs, JobFilter(self.filter))
        if self._arranged != self._rows and self._may_move(fleet, self._arranged):
            self._rearrange(self._arranged)
        if fleet.selected is None and self._rows:
            self.post_message(self.Selected(self._rows[0].job_id))
        instead = (fleet.connection.version, self.filter, bool(fleet.jobs))
        if not self._rows and instead != self._instead:
            self._instead = instead
            self.refresh()
        self._repaint_changed()
        self._tell_hidden()

    def _may_move(self, fleet: "FleetState", rows: "list[Entry]") -> bool:
        """Rows stay where they are while a person moves among them, unless one comes or goes."""
        is_still = fleet.clock() - self._moved >= STILL_SECONDS
        return is_still or {row.job_id for row in rows} != {row.job_id for row in self._rows}

    def _rearrange(self, rows: "list[Entry]") -> None:
        """Draw other rows, with the selected one where it was on the screen."""
        top, before = self.scroll_offset.y, self._row_of_selected()
        self._rows = rows
        after = self._row_of_selected()
        self.virtual_size = Size(self.size.width, len(rows))
        if before is not None and after is not None and top <= before < top + self.size.height:
            self.scroll_to(y=top + after - before, animate=False, immediate=True)
        self._drawn.clear()
        self.refresh()

    def _row_of_selected(self) -> int | None:
        selected = self._fleet.selected if self._fleet is not None else None
        return next((at for at, row in enumerate(self._rows) if row.job_id == selected), None)

    def _repaint_changed(self) -> None:
        top, width = self.scroll_offset.y, self.size.width
        for at, row in enumerate(self._rows[top : top + self.size.height]):
            looks = self._looks(row.job_id)
            if self._drawn.get(row.job_id) != looks:
                self._drawn[row.job_id] = looks
                self.refresh(Region(0, at, width, 1))

    def _tell_hidden(self) -> None:
        """Questions of jobs that are scrolled out of sight are counted in the frame."""
        assert self._fleet is not None
        top = self.scroll_offset.y
        bottom = top + self.size.height
        asking = [at for at, row in enumerate(self._rows) if self._asks(row.job_id)]
        hidden = sum(at < top for at in asking), sum(at >= bottom for at in asking)
        if hidden != self._hidden:
            self._hidden = hidden
            counts = zip("▲▼", hidden, strict=True)
            said = [f"{arrow} {count} {'asks' if count == 1 else 'ask'}" for arrow, count in counts if count]
            self.border_subtitle = Content(" · ".join(said)) if said else None

    def _asks(self, job_id: str) -> bool:
        job = self._fleet.jobs.get(job_id) if self._fleet is not None else None
        return job is not None and job.view.prompt is not None

    def _looks(self, job_id: str) -> tuple[object, ...]:
        assert self._fleet is not None
        job = self._fleet.jobs.get(job_id)
        return (job.version, self._elapsed(job), job_id == self._fleet.selected) if job is not None else ()

    # --- moving ---------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Select another job; where the selected one is not listed, the first or the last."""
        if not self._rows:
            return
        at = self._row_of_selected()
        if at is None:
            self._select(0 if by > 0 else len(self._rows) - 1)
        else:
            self._select(min(max(at + by, 0), len(self._rows) - 1))

    def action_move_to(self, row: int) -> None:
        """Select the first or the last job."""
        if self._rows:
            self._select(row % len(self._rows))

    def action_page(self, by: int) -> None:
        """Select a job a page away."""
        self.action_move(by * max(self.size.height - 1, 1))

    def settle_on_match(self) -> None:
        """After filtering: the selected job is one that is listed."""
        if self._rows and self._row_of_selected() is None:
            self._select(0)

    def on_click(self, event: events.Click) -> None:
        """Select the row."""
        offset = event.get_content_offset(self)
        if offset is not None and (row := offset.y + self.scroll_offset.y) < len(self._rows):
            self._select(row)

    def _select(self, row: int) -> None:
        assert self._fleet is not None
        self._moved = self._fleet.clock()
        self.post_message(self.Selected(self._rows[row].job_id))

    def show_selected(self) -> None:
        """The selection has moved: repaint the rows that look different, and bring it into view."""
        self._show_selected()
        if self._fleet is not None:
            self._repaint_changed()

    def _show_selected(self) -> None:
        row, top, height = self._row_of_selected(), self.scroll_offset.y, self.size.height
        if row is not None and not top <= row < top + height:
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
                style = chosen if not name or self.has_focus else style + chosen.without_color + chosen.background_style
            self._styles[key] = style
        return style

    def on_resize(self) -> None:
        """A question that opens below takes rows away: the selected one stays in view."""
        self._show_selected()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The selected row looks different while the list has the focus."""
        super().watch_has_focus(_has_focus)
        self._styles.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, at = self.size.width, self.scroll_offset.y + y
        if self._fleet is None or at >= len(self._rows):
            instead = self._said_instead() if not self._rows else []
            segments = [Segment(text, self._style(name)) for text, name in (instead[y] if y < len(instead) else ())]
            return Strip(segments).adjust_cell_length(width, self._style(""))
        row = self._rows[at]
        job = self._fleet.jobs.get(row.job_id)
        if job is None:
            return Strip.blank(width, self._style(""))
        selected = job.id == self._fleet.selected
        parts = row_parts(job, row.lead, self._elapsed(job), width)
        segments = [Segment(text, self._style(name, selected)) for text, name in parts]
        return Strip(segments).adjust_cell_length(width, self._style("", selected))

    def _said_instead(self) -> list[list[Part]]:
        """What an empty list says, row by row."""
        if self._fleet is None:
            return []
        connection = self._fleet.connection
        if self.filter.strip() and self._fleet.jobs:
            return self._wrapped(f"None of {len(self._fleet.jobs)} jobs matches {clean_line(self.filter)}", CLEARS)
        if connection.is_stale and connection.last_frame is None:
            return self._wrapped(connection.detail)
        return welcome_rows(self.welcome, *self.size)

    def _wrapped(self, *paragraphs: str) -> list[list[Part]]:
        width = max(self.size.width - 2, 1)
        return [[(f" {said[start:end]}", "detail")] for said in paragraphs for start, end in wrap(said, width)]

    def _elapsed(self, job: "JobState") -> str:
        until = job.view.updated_at if job.view.status.is_terminal else self._now or job.view.updated_at
        return elapsed_text((until - job.view.created_at).total_seconds())


def _as_told(fleet: "FleetState", now: datetime) -> datetime:
    """The moment that the rows are true of: while the connection is cut, when the server was last heard."""
    connection = fleet.connection
    silent = connection.silent_for(fleet.clock()) if connection.is_stale else None
    return now - timedelta(seconds=silent) if silent is not None else now


if __name__ == "__main__":
    from skill_fleet_tui.widgets.looking import look

    look(JobList(), JobList.sync)

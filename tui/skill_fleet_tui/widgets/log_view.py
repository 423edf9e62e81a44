"""The log of the selected job: one view for all of them, which swaps documents and remembers each one's place."""

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip

from skill_fleet_tui.store.lines import Lines, Name
from skill_fleet_tui.store.narrowed import Narrowed
from skill_fleet_tui.store.outline import Folds, Outline
from skill_fleet_tui.text.rows import TAIL, Place
from skill_fleet_tui.text.search import Match, Search
from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.widgets.log_lines import DEPTHS, Margin, entry_line, live_lines, those_that_match
from skill_fleet_tui.widgets.outlined_view import OutlinedView

if TYPE_CHECKING:
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.log import JobLog

NARROW = 46
"""Below this many columns the time of day is left out."""

NO_MATCH = " No line has these words. esc shows the whole log."

_DETAILS = ("reasoning", "output")


@dataclass
class _Reading:
    """How a person left the log of one job."""

    folds: Folds = field(default_factory=Folds)
    follow: bool = True
    unseen: int = 0
    top: Name | None = None
    """The line in the first row, by its name in the log."""


class LogView(OutlinedView):
    """What has happened to a job, and below it what is being written right now."""

    DEFAULT_CSS = """
    LogView {
        & > .line--job { text-style: bold; }
        & > .line--phase { color: $text-accent; text-style: bold; }
        & > .line--module { color: $text; }
        & > .line--retry { color: $text-warning; }
        & > .line--progress { color: $text-muted; }
        & > .line--quote { color: $text-muted; text-style: italic; }
        & > .line--prompt { color: $text-warning; text-style: bold; }
        & > .line--answer { color: $text-success; }
        & > .line--file { color: $text-accent; }
        & > .line--reasoning { color: $text-muted; text-style: italic; }
        & > .line--output { color: $text-muted; }
        & > .line--error { color: $text-error; }
        & > .line--running { color: $text-primary; }
        & > .line--live { color: $text; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{kind}" for kind in (*DEPTHS, *_DETAILS, "quote", "running", "live")
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=True, id=id)
        self.only_matches = False
        """Whether, while words are looked for, only the lines that have them are shown, under their headings."""
        self.details = False
        """Whether reasoning and outputs are unfolded, but where a person folded them."""
        self.zone: tzinfo | None = None
        """Where the times of day are from; `None` is this machine's."""
        self._job: JobState | None = None
        self._log: JobLog | None = None
        self._told, self._taken = Lines(), 0
        self._readings: dict[str, _Reading] = {}
        self._margin = Margin()
        self._now: datetime | None = None

    # --- bringing up to date --------------------------------------------------------------------------

    def sync(self, job: "JobState | None", now: datetime, seconds: float, *, document: bool = True) -> None:
        """Take over what has changed in the job that is shown.

        Args:
            job: The selected one.
            now: The time of day.
            seconds: Of the monotonic clock, as the texts in flight have it.
            document: Whether the skill's text in flight is shown here.
        """
        self._now = now if job is not None and not job.view.status.is_terminal else None
        margin = Margin(self.columns >= NARROW, self.zone)
        if (job.id if job else None) != (self._job.id if self._job else None):
            self._margin = margin
            self._swap(job)
        self._job = job
        if job is None:
            return
        if job.log.lines is not self._told:
            self._margin = margin
            self._read_anew()
        if margin != self._margin:
            self._margin = margin
            self.show(self._lines(0), same=True)
        self._take_new(job.log.lines)
        folded = self._outline.open_phase and not self._folds.is_open(self._outline.open_phase)
        tail = [] if folded else live_lines(job, now, seconds, margin, document=document)
        self.set_tail(those_that_match(tail, self._search.finds) if self._narrows and self._search else tail)

    def _take_new(self, lines: Lines) -> None:
        changed: set[int] = set()
        if self._taken < len(lines):
            new, self._taken = lines[self._taken :], len(lines)
            taken = self._outline.take(new)
            changed.update(taken.changed)
            self.append(self._lines(taken.added))
        if phase := self._outline.open_phase:
            changed.add(self._outline.numbers[phase])
        for number in changed:
            line = self._line(number)
            if line != self.lines[number]:
                self.replace(number, line)

    def _swap(self, job: "JobState | None") -> None:
        self._leave_mark()
        self._job, self._marked = job, ""
        reading = self._reading
        if reading.folds.details != self.details:
            reading.folds.turn_details()
        self.follow = reading.follow
        self._read_anew(reading.top)
        self.unseen = reading.unseen
        self.post_message(self.Changed(self))

    def _leave_mark(self) -> None:
        """Remember what of the whole log is read."""
        if self._job is not None and not self.only_matches:
            self._readings[self._job.id] = replace(self._reading, follow=self.follow, unseen=self.unseen, top=self._top)

    def _read_anew(self, kept: Name | None = None, below: int = 0) -> None:
        """Begin the document again; a line stays where it was on the screen."""
        log = self._job.log if self._job is not None else None
        kept, unseen = kept or (self._top if log is self._log else None), self.unseen
        match = self._match if log is self._log else None
        matched = self._named(match.line) if match is not None else None
        self._outline = self._new_outline()
        self._log, self._told = log, log.lines if log is not None else Lines()
        self._taken = len(self._told)
        self._outline.take(self._told)
        self.show(self._lines(0))
        if match is not None and matched is not None:
            entry = self._outline.nearest(self._told.number(matched))
            self._match = Match(entry, match.nth) if self._named(entry) == matched else None
        if kept is not None and not self.follow:
            self.unseen = unseen
            self.go_to(Place(self._outline.nearest(self._told.number(kept)), 0), below=below)

    def _new_outline(self) -> Outline:
        if self._search is None:
            return Outline(self._folds)
        folds = replace(self._folds, phases=set())
        return Narrowed(folds, self._search.finds) if self._narrows else Outline(folds)

    @property
    def _narrows(self) -> bool:
        return self.only_matches and bool(self.words)

    @property
    def _reading(self) -> _Reading:
        return self._readings.setdefault(self._job.id if self._job is not None else "", _Reading())

    @property
    def _folds(self) -> Folds:
        return self._reading.folds

    @property
    def _top(self) -> Name | None:
        return self._named(self.place.line)

    def _named(self, entry: int) -> Name | None:
        return self._told.name(self._outline.told[entry]) if entry < len(self._outline.told) else None

    def _lines(self, first: int) -> list[Line]:
        return [self._line(number) for number in range(first, len(self._outline.entries))]

    def _line(self, number: int) -> Line:
        return entry_line(number, self._outline, self._margin, self._now)

    # --- finding --------------------------------------------------------------------------------------

    def search(self, words: str) -> None:
        """Look for words, also in phases that are folded: they are open while something is looked for."""
        if self.only_matches or (not self.is_searched and self._folds.phases):
            super().search("")
            self._search = Search(words)
            self._read_anew()
        super().search(words)

    def end_search(self, *, back: bool = False) -> None:
        """Look for nothing any more; what was folded is folded. Who sees only matches sees the whole log first."""
        if self.only_matches:
            self.show_only_matches(on=False, back=True)
            if not back:
                return
        super().end_search(back=back)
        if self._folds.phases:
            self._read_anew()

    def show_only_matches(self, *, on: bool, back: bool = False) -> None:
        """Show only the lines that match, or the whole log again.

        Args:
            on: Only those.
            back: Whether the whole log is shown where it was left; else where the match is that is shown.
        """
        self._leave_mark()
        self.only_matches = on
        reading = self._reading
        if back:
            self._match = None
            self.follow = reading.follow
        self._read_anew(reading.top if back else None)
        if back:
            self.unseen = reading.unseen
        elif self._match is not None and self._search is not None:
            self._show_match(self._search.number_of(self._match))
        self.redraw()
        self.post_message(self.Changed(self))

    @property
    def narrowing(self) -> str:
        """Whether only what matches is shown, or could be; empty while there is nothing to choose."""
        if self._narrows:
            return "only these · esc all"
        return "& only these" if self._search is not None and self._search.total else ""

    def render_line(self, y: int) -> Strip:
        """One row of the screen; where no line matches, that is said."""
        if y == 0 and self._narrows and not self.row_count:
            said = Segment(NO_MATCH, self._style("progress"))
            return Strip([said]).adjust_cell_length(self.scrollable_content_region.width, self._style(""))
        return super().render_line(y)

    def kept_place(self) -> tuple[Name | None, int]:
        """The line in the first row, and from which column on."""
        return self._top, self.place.column

    def place_kept(self, kept: object) -> Place:
        """That line; the nearest one before it, while it is not shown."""
        assert isinstance(kept, tuple)
        name, column = kept
        if name is None:
            return Place(TAIL, 0)
        entry = self._outline.nearest(self._told.number(name))
        return Place(entry, column if self._named(entry) == name else 0)

    def turn_details(self) -> None:
        """Unfold or fold every module's reasoning and outputs."""
        self.details = not self.details
        self._folds.turn_details()
        self._read_anew()


def _look() -> None:
    """A log alone, one event after the other: `python -m skill_fleet_tui.widgets.log_view EVENTS.jsonl`."""
    import sys
    import time
    from datetime import UTC
    from pathlib import Path

    from textual.app import App

    from skill_fleet_tui.client.sse import read_event
    from skill_fleet_tui.store.fleet import FleetState

    fleet = FleetState()
    told = iter(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())

    class Look(App[None]):
        BINDINGS: ClassVar = [("t", "details"), ("q", "quit")]

        def on_mount(self) -> None:
            self.mount(view := LogView())
            view.focus()
            self.set_interval(0.1, lambda: self._tell(view))

        def _tell(self, view: LogView) -> None:
            if line := next(told, ""):
                fleet.apply(read_event(line))
            view.sync(next(iter(fleet.jobs.values()), None), datetime.now(UTC), time.monotonic())
            view.flush()

        def action_details(self) -> None:
            self.query_one(LogView).turn_details()

    Look().run()


if __name__ == "__main__":
    _look()

"""The log of the selected job: one view for all of them, which swaps documents and remembers each one's place."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType

from skill_fleet_tui.store.lines import Lines, Name
from skill_fleet_tui.store.outline import Folds, Outline
from skill_fleet_tui.text.rows import Place
from skill_fleet_tui.text.styled import Line, Span, outside
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.log_lines import DEPTHS, Margin, entry_line, live_lines

if TYPE_CHECKING:
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.log import JobLog

NARROW = 46
"""Below this many columns the time of day is left out."""

_DETAILS = ("reasoning", "output")


def _bound(keys: str, action: str, name: str, said: str) -> Binding:
    return Binding(keys, action, said, show=False, id=name, tooltip=said)


@dataclass
class _Reading:
    """How a person left the log of one job."""

    folds: Folds = field(default_factory=Folds)
    follow: bool = True
    unseen: int = 0
    top: Name | None = None
    """The line in the first row, by its name in the log."""


class LogView(LineView):
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
        & > .line--marked { background: $primary; color: $text; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{kind}" for kind in (*DEPTHS, *_DETAILS, "quote", "running", "live", "marked")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        _bound("J", "heading(1)", "log.heading-next", "Mark the next heading."),
        _bound("K", "heading(-1)", "log.heading-previous", "Mark the heading before."),
        _bound("left,h", "fold", "log.fold", "Fold the marked heading, or its phase. A click does it too."),
        _bound("right,l", "unfold", "log.unfold", "Unfold the marked heading."),
        _bound("enter", "turn", "log.turn", "Fold or unfold the marked heading."),
        _bound("minus", "fold_all", "log.fold-all", "Fold every phase that is over."),
        _bound("plus,equals_sign", "unfold_all", "log.unfold-all", "Unfold every phase."),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=True, id=id)
        self.details = False
        """Whether reasoning and outputs are unfolded, but where a person folded them."""
        self.zone: tzinfo | None = None
        """Where the times of day are from; `None` is this machine's."""
        self._job: JobState | None = None
        self._log: JobLog | None = None
        self._told, self._taken = Lines(), 0
        self._readings: dict[str, _Reading] = {}
        self._outline = Outline(Folds())
        self._margin = Margin()
        self._marked = ""
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
        self.set_tail([] if folded else live_lines(job, now, seconds, margin, document=document))

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
        if self._job is not None:
            self._readings[self._job.id] = replace(self._reading, follow=self.follow, unseen=self.unseen, top=self._top)
        self._job, self._marked = job, ""
        reading = self._reading
        if reading.folds.details != self.details:
            reading.folds.turn_details()
        self.follow = reading.follow
        self._read_anew(reading.top)
        self.unseen = reading.unseen
        self.post_message(self.Changed(self))

    def _read_anew(self, kept: Name | None = None, below: int = 0) -> None:
        """Begin the document again; a line stays where it was on the screen."""
        log = self._job.log if self._job is not None else None
        kept, unseen = kept or (self._top if log is self._log else None), self.unseen
        folds = self._folds
        self._outline = Outline(replace(folds, phases=set()) if self.is_searched else folds)
        self._log, self._told = log, log.lines if log is not None else Lines()
        self._taken = len(self._told)
        self._outline.take(self._told)
        self.show(self._lines(0))
        if kept is not None and not self.follow:
            self.unseen = unseen
            self.go_to(Place(self._outline.nearest(self._told.number(kept)), 0), below=below)

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
        begins = not self.is_searched and self._folds.phases
        super().search("" if begins else words)
        if begins:
            self._read_anew()
            super().search(words)

    def end_search(self, *, back: bool = False) -> None:
        """Look for nothing any more; what was folded is folded."""
        super().end_search(back=back)
        if self._folds.phases:
            self._read_anew()

    # --- folding --------------------------------------------------------------------------------------

    def turn_details(self) -> None:
        """Unfold or fold every module's reasoning and outputs."""
        self.details = not self.details
        self._folds.turn_details()
        self._read_anew()

    def turn(self, key: str) -> None:
        """Fold what stands under a heading, or unfold it; the heading stays where it is on the screen."""
        number = self._outline.numbers[key]
        below = self._row(number) - self.scroll_offset.y
        self._folds.turn(key)
        self._read_anew(self._named(number), below)
        self.redraw()

    def action_heading(self, by: int) -> None:
        """Mark the next heading under which something can be folded, or the one before."""
        headings = self._headings()
        if not headings:
            return
        if self._marked in headings:
            at = headings.index(self._marked) + by
        else:
            top = self.scroll_offset.y
            bottom = top + self.scrollable_content_region.height
            rows = [self._row(self._outline.numbers[key]) for key in headings]
            above = sum(row < (top if by > 0 else bottom) for row in rows)
            at = above if by > 0 else above - 1
        self._mark(headings[min(max(at, 0), len(headings) - 1)])

    def action_fold(self) -> None:
        """Fold the marked heading; what is folded already: its phase."""
        key = self._marked_or_last()
        if key and not self._outline.is_open(key):
            number = self._outline.numbers[key]
            key = next((k for k in reversed(self._outline.phases) if self._outline.numbers[k] < number), "")
            self._mark(key)
        if key and self._outline.is_open(key):
            self.turn(key)

    def action_unfold(self) -> None:
        """Unfold the marked heading."""
        key = self._marked_or_last()
        if key and not self._outline.is_open(key):
            self.turn(key)

    def action_turn(self) -> None:
        """Fold or unfold the marked heading."""
        self.turn(self._marked)

    def action_fold_all(self) -> None:
        """Fold every phase that is over."""
        self._folds.phases.update(key for key in self._outline.phases if key != self._outline.open_phase)
        self._read_anew()
        self.redraw()

    def action_unfold_all(self) -> None:
        """Unfold every phase."""
        self._folds.phases.clear()
        self._read_anew()
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter folds while a heading is marked; else it means what it means on the screen."""
        return self._marked in self._outline.numbers if action == "turn" else super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """A click on a heading folds or unfolds it, unless it ended a selection."""
        offset = event.get_content_offset(self)
        if offset is None or self.selected_text or (row := self.scroll_offset.y + offset.y) >= self.row_count:
            return
        number = self._text.row(row).number
        key = self._outline.keys.get(number, "")
        if key and self._outline.has_details(key):
            self.turn(key)

    def on_blur(self) -> None:
        """The mark is there while the keys are."""
        self._mark("")

    def _headings(self) -> list[str]:
        return [key for key in self._outline.numbers if self._outline.has_details(key)]

    def _marked_or_last(self) -> str:
        if self._marked not in self._outline.numbers:
            self.action_heading(-1)
        return self._marked

    def _mark(self, key: str) -> None:
        if key == self._marked:
            return
        self._marked = key
        if key:
            row, top = self._row(self._outline.numbers[key]), self.scroll_offset.y
            if not top <= row < top + self.scrollable_content_region.height:
                self.set_follow(False)
                self.go_to(Place(self._outline.numbers[key], 0), below=self.scrollable_content_region.height // 3)
        self.redraw()

    def _row(self, number: int) -> int:
        return self._text.row_of(Place(number, 0))

    def laid_over(self, number: int, start: int, end: int) -> Sequence[Span]:
        """The mark, under what is found and selected."""
        over = super().laid_over(number, start, end)
        if not self._marked or self._outline.numbers.get(self._marked) != number:
            return over
        mark = [Span(start, end, "marked")]
        for span in over:
            mark = outside(mark, span.start, span.end)
        return sorted([*mark, *over])


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

"""The log of the selected job: one view for all of them, which swaps documents and remembers each one's place."""

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from skill_fleet_tui.store.lines import Lines, Name
from skill_fleet_tui.store.outline import Folds, Outline
from skill_fleet_tui.text.rows import Place
from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.widgets.log_lines import DEPTHS, Margin, entry_line, live_lines
from skill_fleet_tui.widgets.outlined_view import OutlinedView

if TYPE_CHECKING:
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.log import JobLog

NARROW = 46
"""Below this many columns the time of day is left out."""

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

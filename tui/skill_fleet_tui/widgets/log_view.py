"""The log of the selected job: one view for all of them, which swaps documents."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from skill_fleet_tui.text.amounts import duration_text
from skill_fleet_tui.text.styled import Line, joined, untabbed
from skill_fleet_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from skill_fleet_common.jobs import ModuleView
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.story import LogLine

LIVE_ROWS = 4
"""Most lines of text in flight that are shown under the module that writes it."""

LIVE_CHARACTERS = 1_200
"""Of that text, how much of its end is looked at."""

CLOCK_COLUMNS = 9
"""Columns of the time of day and the space after it."""

NARROW = 46
"""Below this many columns the time of day is left out."""

_DEPTH = {"job": 0, "phase": 0, "prompt": 0, "answer": 0, "error": 0, "module": 2, "retry": 2, "progress": 2, "file": 2}
_DETAILS = ("reasoning", "output")


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
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{kind}" for kind in (*_DEPTH, *_DETAILS, "quote", "running", "live")
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=True, id=id)
        self.details = False
        """Whether reasoning and outputs are unfolded."""
        self.zone: tzinfo | None = None
        """Where the times of day are from; `None` is this machine's."""
        self._shown: tuple[object, ...] = ()
        self._taken = 0

    def sync(self, job: "JobState | None", now: datetime, *, document: bool = True) -> None:
        """Take over what has changed in the job that is shown; the skill's text in flight only with `document`."""
        shown = (job.id, job.log.rebuilt, self.details, self._indent(0)) if job else ()
        if shown != self._shown:
            same, self._shown = shown[:-1] == self._shown[:-1], shown
            lines = job.log.lines if job is not None else []
            self._taken = len(lines)
            self.show(self._lines(lines), same=same)
        if job is None:
            return
        if self._taken < len(job.log.lines):
            new = job.log.lines[self._taken :]
            self._taken = len(job.log.lines)
            self.append(self._lines(new))
        self.set_tail(self._live(job, now, document))

    def _lines(self, lines: "list[LogLine]") -> list[Line]:
        return [self._line(line) for line in lines if self.details or line.kind not in _DETAILS]

    def _line(self, line: "LogLine") -> Line:
        at = line.ts.astimezone(self.zone).strftime("%H:%M:%S") if line.ts else ""
        return Line(
            untabbed(line.text), line.kind, (), self._indent(_DEPTH.get(line.kind, 4)), at if self._clock else ""
        )

    @property
    def _clock(self) -> bool:
        return self.columns >= NARROW

    def _indent(self, depth: int) -> int:
        return (CLOCK_COLUMNS if self._clock else 1) + depth

    def _live(self, job: "JobState", now: datetime, document: bool) -> list[Line]:
        lines: list[Line] = []
        if job.loading:
            lines.append(Line("reading what happened before…", "progress", (), self._indent(2)))
        for run in job.running:
            lines.append(self._at_work(run, now))
            shown_elsewhere = None if document else job.document()
            for held in job.live.of_step(run.step):
                if held is shown_elsewhere:
                    continue
                end = untabbed(held.text[-LIVE_CHARACTERS:]).rstrip("\n").split("\n")[-LIVE_ROWS:]
                lines += [Line(text, "live", (), self._indent(4)) for text in end if text.strip()]
        return lines

    def _at_work(self, run: "ModuleView", now: datetime) -> Line:
        parts = [(f"⠿ {run.step}", "running")]
        if run.attempt > 1:
            parts.append((f" · attempt {run.attempt}", "retry"))
        if run.model:
            parts.append((f" · {run.model}", "progress"))
        if run.started_at is not None:
            parts.append((f" · {duration_text((now - run.started_at).total_seconds())}", "progress"))
        return joined(*parts, indent=self._indent(2))

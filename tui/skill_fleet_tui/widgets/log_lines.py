"""What the log view shows, as styled lines: entries of the outline, and below them what is being written right now."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from skill_fleet_tui.text.amounts import count_text, duration_text, elapsed_text
from skill_fleet_tui.text.styled import Line, joined, untabbed

if TYPE_CHECKING:
    from skill_fleet_common.jobs import ModuleView
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.live import LiveText
    from skill_fleet_tui.store.outline import Outline

LIVE_ROWS: Final = 4
"""Most lines of text in flight that are shown under the module that writes it."""

LIVE_CHARACTERS: Final = 1_200
"""Of that text, how much of its end is looked at."""

CLOCK_COLUMNS: Final = 9
"""Columns of the time of day and the space after it."""

CHARACTERS_PER_TOKEN: Final = 4
"""Of text in flight only the characters are known; the rate is an estimate, and marked as one."""

QUIET_SECONDS: Final = 5.0
"""After this long without text, a module that was writing is said to be quiet."""

REASON_CHARACTERS: Final = 60
"""Longest reason for another attempt that is repeated while the attempt runs."""

DEPTHS: Final = {
    "job": 0, "phase": 0, "prompt": 0, "answer": 0, "error": 0, "module": 2, "retry": 2, "progress": 2, "file": 2,
}  # fmt: skip
"""By kind of line, how far it is indented."""

DEEPEST: Final = 4


class Margin(NamedTuple):
    """What stands left of the lines."""

    clock: bool = True
    """The time of day, where there is room for it."""
    zone: tzinfo | None = None
    """Where the times of day are from; `None` is this machine's."""

    def indent(self, depth: int) -> int:
        """Columns before a line."""
        return (CLOCK_COLUMNS if self.clock else 1) + depth


def entry_line(number: int, outline: "Outline", margin: Margin, now: datetime | None) -> Line:
    """A line of the log as it is drawn; `now` is given while the job goes on."""
    told, key = outline.entries[number], outline.keys.get(number, "")
    at = told.ts.astimezone(margin.zone).strftime("%H:%M:%S") if told.ts is not None and margin.clock else ""
    if not key:
        return Line(untabbed(told.text), told.kind, (), margin.indent(DEPTHS.get(told.kind, DEEPEST)), at)
    if told.kind == "phase":
        return Line(outline.title(key, now), told.kind, (), margin.indent(0), at)
    mark = f"{outline.mark(key):>{margin.indent(1)}}" if outline.has_details(key) else at
    return Line(untabbed(told.text), told.kind, (), margin.indent(DEPTHS["module"]), mark)


def live_lines(job: "JobState", now: datetime, seconds: float, margin: Margin, *, document: bool) -> list[Line]:
    """What is at work; the skill's text in flight only with `document`."""
    lines: list[Line] = []
    if job.loading:
        lines.append(Line("reading what happened before…", "progress", (), margin.indent(2)))
    for run in job.running:
        written = job.live.of_step(run.step)
        lines.append(_at_work(job, run, written, now, seconds, margin))
        shown_elsewhere = None if document else job.document()
        for held in written:
            if held is shown_elsewhere:
                continue
            end = untabbed(held.text[-LIVE_CHARACTERS:]).rstrip("\n").split("\n")[-LIVE_ROWS:]
            lines += [Line(text, "live", (), margin.indent(DEEPEST)) for text in end if text.strip()]
    return lines


def those_that_match(lines: list[Line], finds: Callable[[str], bool]) -> list[Line]:
    """Of what is at work, the lines that somebody looks for, and which module writes them."""
    kept: list[Line] = []
    module: Line | None = None
    for line in lines:
        if line.style != "live":
            module = line
        if not finds(line.text):
            continue
        if module is not None and module is not line:
            kept.append(module)
        kept.append(line)
        module = None
    return kept


def _at_work(
    job: "JobState", run: "ModuleView", written: "list[LiveText]", now: datetime, seconds: float, margin: Margin
) -> Line:
    parts = [(f"⠿ {run.step}", "running")]
    if run.attempt > 1:
        why = " ".join(job.log.reason(run.step, run.attempt).split())
        short = why if len(why) <= REASON_CHARACTERS else f"{why[:REASON_CHARACTERS]}…"
        parts.append((f" · attempt {run.attempt}{': ' if short else ''}{short}", "retry"))
    if run.model:
        parts.append((f" · {run.model}", "progress"))
    if run.started_at is not None:
        parts.append((f" · {duration_text((now - run.started_at).total_seconds())}", "progress"))
    if pace := _pace(written, seconds):
        parts.append((f" · {pace}", "progress"))
    return joined(*parts, indent=margin.indent(2))


def _pace(written: "list[LiveText]", seconds: float) -> str:
    """How fast text comes, or for how long none has come."""
    latest = max((held for held in written if held.latest is not None), key=lambda held: held.latest or 0, default=None)
    if latest is None or latest.latest is None or latest.began is None:
        return ""
    if (quiet := seconds - latest.latest) >= QUIET_SECONDS:
        return f"quiet for {elapsed_text(quiet)}"
    if (took := latest.latest - latest.began) < 1:
        return ""
    return f"≈{count_text(round(latest.length / CHARACTERS_PER_TOKEN / took))} tok/s"

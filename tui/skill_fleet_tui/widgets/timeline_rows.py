"""A job's timeline as lines of text: a row per span, its bar scaled to the width, what it took and used."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

from skill_fleet_tui.store.timeline import Chart, Span, SpanKind, SpanState
from skill_fleet_tui.text.amounts import cost_text, count_text, duration_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.styled import Line, joined

IDLE_SHARE: Final = 0.15
"""A wait longer than this share of the time the job worked is drawn shorter, or it would hide all else."""

FELT_SECONDS: Final = 0.05
"""Shorter than this is not worth a word."""

LEAST_BAR: Final = 8
"""Below this many columns a bar says nothing and is left out."""

NAME_COLUMNS: Final = (24, 34)
"""Least and most columns for what a span is called."""

NOTE_COLUMNS: Final = 24
WITH_USAGE, WITH_NOTES = 64, 104
"""From these widths on, rows say what was used, and why there was another attempt."""

_IDLE: Final = (SpanKind.QUEUE, SpanKind.WAIT, SpanKind.AWAY)
_GLYPHS: Final = {
    SpanState.OPEN: "⠿", SpanState.DONE: "✓", SpanState.FAILED: "✗", SpanState.CUT_OFF: "–", SpanState.REPLAYED: "↺",
}  # fmt: skip
_FILL: Final = {SpanKind.QUEUE: "·", SpanKind.WAIT: "░", SpanKind.AWAY: "╌"}


class Scale:
    """Where a moment of a job's life stands between the left and the right end of the bars.

    Long idle stretches take less room than their time; `squeezed` says which.
    """

    def __init__(self, chart: Chart) -> None:
        most = chart.working * IDLE_SHARE
        idle = _merged((span.begin, span.end) for span in chart.spans if span.kind in _IDLE)
        self._gaps = [(begin, end, end - begin - most) for begin, end in idle if end - begin > most > 0]
        """Where each squeezed stretch begins and ends, and how many seconds of it are not drawn."""
        self._length = max(chart.seconds - sum(spare for _, _, spare in self._gaps), 0.001)

    def at(self, seconds: float) -> float:
        """Between 0 and 1."""
        spared = 0.0
        for begin, end, spare in self._gaps:
            if seconds > begin:
                spared += spare * (min(seconds, end) - begin) / (end - begin)
        return min(max((seconds - spared) / self._length, 0.0), 1.0)

    def squeezed(self, span: Span) -> bool:
        """Whether a span is drawn shorter than it is."""
        return any(begin <= span.begin and span.end <= end for begin, end, _ in self._gaps)


def _merged(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time without overlaps, in order."""
    merged: list[tuple[float, float]] = []
    for begin, end in sorted(stretches):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


@dataclass(frozen=True)
class _Columns:
    """How a width is shared out."""

    name: int
    bar: int
    usage: bool
    cost: bool
    notes: bool


def timeline_lines(chart: Chart, width: int) -> list[Line]:
    """The whole timeline, no line wider than `width` cells."""
    if not chart.spans:
        return [Line(_cut("Nothing has happened yet.", width), "quote")]
    scale, columns = Scale(chart), _columns(chart, width)
    totals = [Line(said, "total") for said in _totals(chart, width)]
    rows = [_row(span, scale, columns, width) for span in chart.spans if not _is_blink(span)]
    return [*totals, Line(""), *rows, Line(""), *(Line(said, "quote") for said in _legend(chart, scale, width))]


def _is_blink(span: Span) -> bool:
    """Every job is queued for a moment; only a wait that is felt is worth a row."""
    return span.kind is SpanKind.QUEUE and span.seconds < FELT_SECONDS


def _columns(chart: Chart, width: int) -> _Columns:
    usage, notes = width >= WITH_USAGE, width >= WITH_NOTES
    cost = usage and chart.usage.cost > 0
    name = max(min(NAME_COLUMNS[1], max(int(width * 0.36), NAME_COLUMNS[0]), width - 9), 1)
    bar = width - name - 9 - 8 * usage - 9 * cost - NOTE_COLUMNS * notes
    return _Columns(name, bar if bar >= LEAST_BAR else 0, usage, cost, notes)


def _totals(chart: Chart, width: int) -> list[str]:
    usage = chart.usage
    parts = [f"{duration_text(chart.seconds)} in all", f"{duration_text(chart.working)} work"]
    named = ((SpanKind.WAIT, "waiting for a person"), (SpanKind.QUEUE, "in queue"), (SpanKind.AWAY, "server stopped"))
    parts += [f"{duration_text(total)} {said}" for kind, said in named if (total := chart.total(kind)) >= FELT_SECONDS]
    if tokens := usage.input_tokens + usage.output_tokens:
        parts.append(f"{count_text(tokens)} tokens")
    if usage.cost:
        parts.append(cost_text(usage.cost, at_least=bool(usage.unpriced_calls)))
    return _flowed(parts, " · ", width)


def _legend(chart: Chart, scale: Scale, width: int) -> list[str]:
    said = ["█ work"]
    if chart.total(SpanKind.WAIT):
        said.append("░ waits for a person")
    if any(scale.squeezed(span) for span in chart.spans):
        said.append("≈ longer than drawn")
    if any(span.cuts for span in chart.spans):
        said.append("↻ another attempt")
    if any(span.state is SpanState.REPLAYED for span in chart.spans):
        said.append("↺ from a checkpoint")
    return _flowed(said, "   ", width)


def _flowed(parts: list[str], between: str, width: int) -> list[str]:
    """As many parts on a line as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(lines[-1] + between + part) <= width:
            lines[-1] += between + part
        else:
            lines.append(_cut(part, width))
    return lines


def _row(span: Span, scale: Scale, columns: _Columns, width: int) -> Line:
    is_phase = span.kind is SpanKind.PHASE
    style = str(span.kind) if span.kind in _IDLE else str(span.state)
    glyph = "❯" if span.kind is SpanKind.WAIT else " " if is_phase else _GLYPHS[span.state]
    said = _shortened(clean_line(span.name), columns.name - 5)
    name = said.capitalize() if is_phase else f"  {glyph} {'asks ' * (span.kind is SpanKind.WAIT)}{said}"
    taken = "" if span.state is SpanState.REPLAYED else duration_text(span.seconds)
    parts = [(_fitted(name, columns.name), "phase" if is_phase else style if span.kind is SpanKind.WAIT else "")]
    if columns.bar:
        parts.append((_bar(span, scale, columns.bar - 1) + " ", "phase" if is_phase else style))
    parts.append((f"{taken:>8} ", "strong" if is_phase else "quote"))
    if columns.usage:
        tokens = span.usage.input_tokens + span.usage.output_tokens
        parts.append((f"{count_text(tokens) if tokens else '':>7} ", "quote"))
    if columns.cost:
        cost = cost_text(span.usage.cost, at_least=bool(span.usage.unpriced_calls)) if span.usage.cost else ""
        parts.append((f"{cost:>8} ", "quote"))
    if columns.notes:
        parts.append((_cut(_note(span), NOTE_COLUMNS), "quote"))
    line = joined(*parts)
    return line if cell_len(line.text) <= width else line._replace(text=set_cell_size(line.text, width))


def _note(span: Span) -> str:
    again = f"attempt {span.attempt}" if span.attempt > 1 else ""
    return " · ".join(clean_line(part) for part in (again, span.note) if part)


def _bar(span: Span, scale: Scale, width: int) -> str:
    """A bar in a row of `width` cells, to half a cell; whatever there is of it can be seen."""
    if span.state is SpanState.REPLAYED:
        return set_cell_size(" " * min(int(scale.at(span.begin) * width), width - 1) + "↺", width)
    first = min(round(scale.at(span.begin) * width * 2), width * 2 - 1)
    last = max(round(scale.at(span.end) * width * 2), first + 1)
    if fill := _FILL.get(span.kind):
        begin, end = first // 2, max(-(-last // 2), first // 2 + 1)
        cells = [fill] * (end - begin)
        if scale.squeezed(span):
            cells[len(cells) // 2] = "≈"
        return (" " * begin + "".join(cells)).ljust(width)
    full = "▬" if span.kind is SpanKind.PHASE else "█"
    drawn = [_cell(cell * 2, first, last, full) for cell in range(width)]
    for cut in span.cuts:
        drawn[min(int(scale.at(cut) * width), width - 1)] = "↻"
    return "".join(drawn)


def _cell(at: int, first: int, last: int, full: str) -> str:
    left, right = first <= at < last, first <= at + 1 < last
    if full == "▬":
        return full if left or right else " "
    return full if left and right else "▌" if left else "▐" if right else " "


def _shortened(step: str, width: int) -> str:
    """Steps are told apart by their ends, such as a file's name: of one that is too long the middle is left out."""
    over = cell_len(step) - width
    if over <= 0 or "/" not in step or not step.isascii():
        return step
    head = max(step.index("/") - over - 1, 0)
    return f"{step[:head]}…{step[head + over + 1 :]}"


def _fitted(text: str, width: int) -> str:
    return set_cell_size(_cut(text, width - 1), width)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"

"""A diff as lines to show: side by side where there is room, else one above the other. Pure."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from rich.cells import cell_len

from skill_fleet_tui.text.diff import Fold, Row, Stretch, counted, emphasis, folded, paired
from skill_fleet_tui.text.styled import Line, Span, untabbed
from skill_fleet_tui.text.wrap import wrap

SIDE_BY_SIDE_COLUMNS: Final = 96
"""From this width on two texts stand beside each other."""

LINE_CHARACTERS: Final = 4_000
"""Longer lines are cut where they are shown."""

STYLES: Final = ("added", "removed", "added-word", "removed-word", "fold", "number", "rule", "empty")
"""The styles' names."""

_BETWEEN: Final = " │ "


class _Side(NamedTuple):
    """One line of one of the texts, ready to be shown."""

    text: str
    number: int
    mark: str
    style: str
    words: Sequence[Stretch]


def diff_lines(old: str, new: str, width: int) -> list[Line]:
    """What changed from `old` to `new`, for a view of that width; "no change" if nothing did.

    May take a tenth of a second for long texts: call it in a thread.
    """
    if old == new:
        return [Line("No change.", "empty")]
    if old.endswith("\n") and new.endswith("\n"):
        # The line after the last newline is none.
        old, new = old[:-1], new[:-1]
    rows = paired(old, new)
    digits = len(str(len(rows)))
    shown = folded(rows)
    return _beside(shown, digits, width) if width >= SIDE_BY_SIDE_COLUMNS else _above(shown, digits, width)


def change_text(old: str, new: str) -> str:
    """How much changed: `+3 −1`."""
    added, removed = counted(paired(old, new))
    return f"+{added} −{removed}"


def coloured_diff(text: str) -> list[Line]:
    """Every line of a unified diff with the style of its kind."""
    return [Line(untabbed(line), _kind(line)) for line in text.split("\n")]


# --- one above the other ------------------------------------------------------------------------------


def _above(shown: Iterable[Row | Fold], digits: int, width: int) -> list[Line]:
    lines: list[Line] = []
    came: list[Line] = []
    numbered = width >= 50
    for item in shown:
        if isinstance(item, Fold) or item.is_same:
            lines += came
            came = []
        if isinstance(item, Fold):
            lines.append(_fold_line(item))
            continue
        old, new = _sides(item)
        if item.is_same and new is not None:
            lines.append(_plain(new, f"{new.number:>{digits}}   " if numbered else "  "))
            continue
        if old is not None:
            lines.append(_plain(old, f"{old.number:>{digits}} − " if numbered else "− "))
        if new is not None:
            came.append(_plain(new, f"{new.number:>{digits}} + " if numbered else "+ "))
    return lines + came


def _plain(side: _Side, lead: str) -> Line:
    return Line(side.text, side.style, _spans(side, 0, 0, len(side.text)), len(lead), lead)


# --- beside each other --------------------------------------------------------------------------------


def _beside(shown: Iterable[Row | Fold], digits: int, width: int) -> list[Line]:
    room = (width - len(_BETWEEN)) // 2
    lines: list[Line] = []
    for item in shown:
        if isinstance(item, Fold):
            lines.append(_fold_line(item))
            continue
        old, new = _sides(item)
        lines += [
            _row(left, right)
            for left, right in zip_longest(
                _cells(old, digits, room), _cells(new, digits, room), fillvalue=(" " * room, ())
            )
        ]
    return lines


_Cell = tuple[str, tuple[Span, ...]]
"""A row of one side, as wide as the side, and how it looks."""


def _cells(side: _Side | None, digits: int, room: int) -> list[_Cell]:
    if side is None:
        return []
    cells: list[_Cell] = []
    for start, end in wrap(side.text, room - digits - 3):
        number = f"{side.number:>{digits}}" if start == 0 else " " * digits
        lead = f"{number} {side.mark if start == 0 else ' '} "
        text = lead + side.text[start:end]
        text += " " * max(room - cell_len(text), 0)
        looks = Span(digits + 1, len(text), side.style)
        spans = _over(looks, _spans(side, len(lead) - start, start, end)) if side.style else ()
        cells.append((text, (Span(0, digits, "number"), *spans)))
    return cells


def _row(left: _Cell, right: _Cell) -> Line:
    beyond = len(left[0]) + len(_BETWEEN)
    moved = [Span(span.start + beyond, span.end + beyond, span.style) for span in right[1]]
    rule = Span(len(left[0]), beyond, "rule")
    return Line(left[0] + _BETWEEN + right[0], "", (*left[1], rule, *moved))


def _over(under: Span, above: Sequence[Span]) -> tuple[Span, ...]:
    """A span with others laid over it, as spans that follow each other."""
    parts: list[Span] = []
    at = under.start
    for span in above:
        if span.start > at:
            parts.append(Span(at, span.start, under.style))
        parts.append(span)
        at = span.end
    return (*parts, Span(at, under.end, under.style)) if at < under.end else tuple(parts)


# --- both ---------------------------------------------------------------------------------------------


def _sides(row: Row) -> tuple[_Side | None, _Side | None]:
    old, new = _shown(row.old), _shown(row.new)
    if row.is_same:
        return _side(old, row.old_number, " ", "", ()), _side(new, row.new_number, " ", "", ())
    gone, came = emphasis(old, new) if old is not None and new is not None else ((), ())
    return _side(old, row.old_number, "−", "removed", gone), _side(new, row.new_number, "+", "added", came)


def _side(text: str | None, number: int, mark: str, style: str, words: Sequence[Stretch]) -> _Side | None:
    return None if text is None else _Side(text, number, mark, style, words)


def _shown(text: str | None) -> str | None:
    if text is None or len(text) <= LINE_CHARACTERS:
        return None if text is None else untabbed(text)
    return f"{untabbed(text[:LINE_CHARACTERS])}… ({len(text):,} characters)"


def _spans(side: _Side, by: int, start: int, end: int) -> tuple[Span, ...]:
    return tuple(
        Span(max(left, start) + by, min(right, end) + by, f"{side.style}-word")
        for left, right in side.words
        if left < end and right > start
    )


def _fold_line(fold: Fold) -> Line:
    count = len(fold.rows)
    return Line(f"⋯ {count} unchanged line{'s' if count != 1 else ''}", "fold")


def _kind(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "fence"
    match line[:1]:
        case "+":
            return "added"
        case "-":
            return "removed"
        case "@":
            return "marker"
    return ""

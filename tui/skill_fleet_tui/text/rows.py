"""Lines wrapped to a width: which row of a view shows what, and where a place in the text stands.

Knows no Textual. A tail that is replaced as a whole stands after the lines.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import split_graphemes

from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.text.wrap import wrap

TAIL = 1 << 30
"""Number of the tail's first line, and of its first row where rows are named: more lines before it change neither."""

UNKNOWN_WIDTH = 80
"""Columns to wrap for while the view has no size."""


class Place(NamedTuple):
    """A place in the text, whatever the width."""

    line: int
    """Number of the line; `TAIL` and on for those of the tail."""
    column: int
    """In characters."""


class Row(NamedTuple):
    """One row: a part of a line."""

    line: Line
    number: int
    """Of the line."""
    start: int
    end: int


_Piece = tuple[int, int, int]


class WrappedLines:
    """Lines, a tail, and their rows at one width."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.tail: list[Line] = []
        self.width = 0
        self._rows: list[_Piece] = []
        self._tail_rows: list[_Piece] = []

    def __len__(self) -> int:
        return len(self._rows) + len(self._tail_rows)

    # --- what is held ---------------------------------------------------------------------------------

    def show(self, lines: Iterable[Line]) -> None:
        """Replace everything."""
        self.lines, self.tail = [safe(line) for line in lines], []
        self.rewrap(self.width)

    def append(self, lines: Iterable[Line]) -> int:
        """Add lines before the tail; the first row that is another now."""
        first, rows = len(self.lines), len(self._rows)
        self.lines.extend(safe(line) for line in lines)
        self._rows.extend(self._wrapped(self.lines, first))
        return rows

    def replace(self, number: int, line: Line) -> tuple[int, int]:
        """Let a line read differently; the first row that is another now, and the first that is not, if any stays."""
        line = safe(line)
        self.lines[number] = line
        first, beyond = bisect_left(self._rows, (number, 0, 0)), bisect_left(self._rows, (number + 1, 0, 0))
        pieces = [(number, start, end) for start, end in self._pieces(line)]
        self._rows[first:beyond] = pieces
        return first, beyond if len(pieces) == beyond - first else TAIL

    def set_tail(self, lines: Iterable[Line]) -> int | None:
        """Replace what stands after the lines; the first row that is another now, if any is."""
        lines = [safe(line) for line in lines]
        if lines == self.tail:
            return None
        self.tail, self._tail_rows = lines, self._wrapped(lines, 0)
        return len(self._rows)

    def rewrap(self, width: int) -> None:
        """Wrap for a width."""
        self.width = width
        self._rows, self._tail_rows = self._wrapped(self.lines, 0), self._wrapped(self.tail, 0)

    def _wrapped(self, lines: list[Line], first: int) -> list[_Piece]:
        width, rows = self.width or UNKNOWN_WIDTH, []
        for number, line in enumerate(lines[first:], first):
            # A log of 20,000 lines is wrapped between two key presses, and most of its lines fit a row.
            if len(text := line.text) <= width - line.indent and text.isascii():
                rows.append((number, 0, len(text)))
            else:
                rows += [(number, start, end) for start, end in self._pieces(line)]
        return rows

    def _pieces(self, line: Line) -> list[tuple[int, int]]:
        return wrap(line.text, (self.width or UNKNOWN_WIDTH) - line.indent)

    # --- rows and places ------------------------------------------------------------------------------

    def row(self, index: int) -> Row:
        """What a row shows."""
        if index < len(self._rows):
            number, start, end = self._rows[index]
            return Row(self.lines[number], number, start, end)
        number, start, end = self._tail_rows[index - len(self._rows)]
        return Row(self.tail[number], TAIL + number, start, end)

    def line(self, number: int) -> Line:
        """The line of that number."""
        return self.lines[number] if number < TAIL else self.tail[number - TAIL]

    @property
    def end(self) -> Place:
        """Where the text ends."""
        if self.tail:
            return Place(TAIL + len(self.tail) - 1, len(self.tail[-1].text))
        return Place(len(self.lines) - 1, len(self.lines[-1].text)) if self.lines else Place(0, 0)

    def row_of(self, place: Place) -> int:
        """The row in which a place stands; the nearest there is."""
        line, column = place
        if line >= TAIL:
            within = bisect_right(self._tail_rows, (line - TAIL, column, TAIL)) - 1
            return max(len(self._rows) + max(within, 0), 0)
        return max(bisect_right(self._rows, (line, column, TAIL)) - 1, 0)

    def place_of(self, row: int) -> Place:
        """Where a row begins."""
        if not len(self):
            return Place(0, 0)
        found = self.row(min(max(row, 0), len(self) - 1))
        return Place(found.number, found.start)

    def name(self, row: int) -> int:
        """A row's name: stays the same when lines come before the tail."""
        return row if row < len(self._rows) else TAIL + row - len(self._rows)

    def place_in(self, name: int, characters: int, *, after: bool = False) -> Place:
        """The place of a character of a named row, its lead counted too; whole characters as people see them.

        Args:
            name: Of the row.
            characters: Counted from the row's beginning.
            after: Whether a place within a character means its end.
        """
        row = name if name < TAIL else len(self._rows) + name - TAIL
        if row >= len(self):
            return self.end
        line, number, start, end = self.row(row)
        column = min(max(start + characters - line.indent, start), end)
        if not line.text[start:end].isascii():
            for begin, beyond, _ in split_graphemes(line.text[start:end])[0]:
                if begin < column - start < beyond:
                    column = start + (beyond if after else begin)
                    break
        return Place(number, column)

    def text_between(self, start: Place, end: Place) -> str:
        """The text from one place to another, lines as they are without wrapping."""
        lines = [*enumerate(self.lines), *enumerate(self.tail, TAIL)]
        first = start.line if start.line < TAIL else len(self.lines) + start.line - TAIL
        beyond = (end.line if end.line < TAIL else len(self.lines) + end.line - TAIL) + 1
        said = []
        for number, line in lines[first:beyond]:
            upto = end.column if number == end.line else None
            said.append(line.text[start.column if number == start.line else 0 : upto])
        return "\n".join(said)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def safe(line: Line) -> Line:
    """Texts are clean when they come; here nothing that a terminal obeys can pass, not even a line's end."""
    # Nearly every line is printable, which is known four times as fast as where a control stands.
    if line.text.isprintable() or not _CONTROL.search(line.text):
        return line
    return line._replace(text=_CONTROL.sub(" ", line.text))

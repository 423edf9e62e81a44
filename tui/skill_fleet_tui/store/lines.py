"""The lines of one job's log, held tightly: a dashboard may have a million of them, and shows fifty.

Texts stand in one stretch of bytes; what lines have in common besides is held once. Each line is made anew
when it is asked for. Imports no events.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import overload

from skill_fleet_tui.store.line import LogLine

Name = tuple[int, int]
"""Of a line: the sequence number of its event, and which of that event's lines it is."""

_CODEC = ("utf-8", "surrogatepass")


class Lines(Sequence[LogLine]):
    """Lines of a log, to which more can be added at the end."""

    def __init__(self) -> None:
        self._texts = bytearray()
        self._ends = array("Q", [0])
        self._seqs = array("Q")
        self._about: list[LogLine] = []
        self._common: dict[LogLine, LogLine] = {}

    def extend(self, seq: int, lines: Iterable[LogLine]) -> None:
        """Add what an event tells, by its sequence number; that is higher than those before."""
        for line in lines:
            self._seqs.append(seq)
            self._texts += line.text.encode(*_CODEC)
            self._ends.append(len(self._texts))
            about = LogLine(line.kind, "", line.ts, line.phase, line.step, line.tally)
            # A time and a sum are nearly always a line's own.
            alone = line.ts is not None or line.tally is not None
            self._about.append(about if alone else self._common.setdefault(about, about))

    def by_event(self) -> Iterator[tuple[int, LogLine]]:
        """Every line with the sequence number of its event."""
        return zip(self._seqs, self, strict=True)

    def name(self, number: int) -> Name:
        """What a line is called however many come before it."""
        seq = self._seqs[number]
        return seq, number - bisect_left(self._seqs, seq)

    def number(self, name: Name) -> int:
        """The number of the line that is called so; where it would stand, if it is not here."""
        seq, nth = name
        return min(bisect_left(self._seqs, seq) + nth, len(self))

    def __len__(self) -> int:
        return len(self._about)

    def __iter__(self) -> Iterator[LogLine]:
        texts = self._texts.decode(*_CODEC)
        if len(texts) != len(self._texts):  # characters and bytes are not the same
            return map(self._line, range(len(self)))
        return (
            LogLine(kind, texts[start:end], ts, phase, step, tally)
            for (kind, _, ts, phase, step, tally), (start, end) in zip(self._about, pairwise(self._ends), strict=True)
        )

    @overload
    def __getitem__(self, at: int) -> LogLine: ...

    @overload
    def __getitem__(self, at: slice) -> list[LogLine]: ...

    def __getitem__(self, at: int | slice) -> LogLine | list[LogLine]:
        if isinstance(at, slice):
            return [self._line(number) for number in range(*at.indices(len(self)))]
        return self._line(range(len(self))[at])

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Lines) else NotImplemented

    __hash__ = None

    def __repr__(self) -> str:
        return f"Lines({list(self)!r})"

    def _line(self, number: int) -> LogLine:
        kind, _, ts, phase, step, tally = self._about[number]
        text = self._texts[self._ends[number] : self._ends[number + 1]].decode(*_CODEC)
        return LogLine(kind, text, ts, phase, step, tally)

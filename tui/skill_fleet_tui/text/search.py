"""Where words occur in lines that keep coming: counted per line, listed only where they are drawn.

A hundred thousand lines take about 25 ms, so that a search can follow the keys. Capitals count only where the words
have some.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Match(NamedTuple):
    """One place where the words stand."""

    line: int
    """Number of the line; those of the tail go on where the lines end."""
    nth: int
    """Which of the line's matches, from 0."""


class Search:
    """The matches of some words in lines and in a tail after them; matches do not overlap."""

    def __init__(self, words: str) -> None:
        self.words = words
        self._exact = words != _small(words)
        self._seen = 0
        self._hits: list[int] = []
        self._upto: list[int] = []
        self._tail: list[tuple[int, int]] = []
        self._looked_at: tuple[str, list[tuple[int, int]]] = ("", [])

    # --- what is searched -----------------------------------------------------------------------------

    def add(self, texts: Iterable[str]) -> None:
        """Look through further lines."""
        total = self._upto[-1] if self._upto else 0
        for number, count in enumerate(self._counts(texts), self._seen):
            self._seen = number + 1
            if count:
                total += count
                self._hits.append(number)
                self._upto.append(total)

    def change(self, line: int, text: str) -> None:
        """A line reads differently now."""
        at = bisect_left(self._hits, line)
        held = at < len(self._hits) and self._hits[at] == line
        counts = [upto - before for before, upto in zip([0, *self._upto], self._upto, strict=False)]
        (count,) = self._counts([text])
        if count == (counts[at] if held else 0):
            return
        self._hits[at : at + held] = [line] if count else []
        counts[at : at + held] = [count] if count else []
        self._upto = list(accumulate(counts))

    def set_tail(self, texts: Iterable[str]) -> None:
        """Look through what stands after the lines."""
        self._tail = [(number, count) for number, count in enumerate(self._counts(texts)) if count]

    # --- what was found -------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many matches there are."""
        return (self._upto[-1] if self._upto else 0) + sum(count for _, count in self._tail)

    def match(self, number: int) -> Match:
        """The match of that number, from 0.

        Raises:
            IndexError: If there are not so many.
        """
        at = bisect_right(self._upto, number)
        if at < len(self._hits):
            return Match(self._hits[at], number - (self._upto[at - 1] if at else 0))
        number -= self._upto[-1] if self._upto else 0
        for line, count in self._tail:
            if number < count:
                return Match(self._seen + line, number)
            number -= count
        raise IndexError(number)

    def holds(self, match: Match) -> bool:
        """Whether this is a match of the tail."""
        return any(self._seen + line == match.line and match.nth < count for line, count in self._tail)

    def number_of(self, match: Match) -> int:
        """How many matches stand before this place, which need not be one."""
        at = bisect_left(self._hits, match.line)
        before = self._upto[at - 1] if at else 0
        before += sum(count for line, count in self._tail if self._seen + line < match.line)
        return before + match.nth

    def finds(self, text: str) -> bool:
        """Whether the words stand in a text; without words they stand in every one."""
        return not self.words or any(self._counts([text]))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand in a line's text."""
        if text is not self._looked_at[0]:
            # Rows of one long line are drawn one after the other.
            self._looked_at = (text, self._spans(text))
        return self._looked_at[1]

    def spans_between(self, text: str, start: int, end: int) -> list[tuple[int, int, int]]:
        """Those of a line's matches that reach into some of its columns: which of them, from where, to where."""
        spans, size = self.spans(text), len(self.words)
        first = bisect_right(spans, (start - size, sys.maxsize))
        beyond = bisect_left(spans, (end, 0))
        return [(nth, *spans[nth]) for nth in range(first, beyond)]

    def _spans(self, text: str) -> list[tuple[int, int]]:
        words, size = self._sought, len(self.words)
        if not words:
            return []
        text = text if self._exact else _small(text)
        spans = []
        at = text.find(words)
        while at >= 0:
            spans.append((at, at + size))
            at = text.find(words, at + size)
        return spans

    @property
    def _sought(self) -> str:
        return self.words if self._exact else _small(self.words)

    def _counts(self, texts: Iterable[str]) -> Iterable[int]:
        words = self._sought
        if not words:
            return (0 for _ in texts)
        if self._exact:
            return (text.count(words) for text in texts)
        return ((text.lower() if text.isascii() else _small(text)).count(words) for text in texts)


def _small(text: str) -> str:
    """The text in small letters, of the same length: places in it are places in the text."""
    small = text.lower()
    # A sigma becomes another letter at the end of a word, and some letters become two.
    if len(small) == len(text) and "\u03a3" not in text:
        return small
    return "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in text)

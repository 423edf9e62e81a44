"""What changed between two texts: lines paired, unchanged stretches folded, words told apart. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

CONTEXT_LINES: Final = 3
"""Unchanged lines that stay before and after each change."""

ALIKE: Final = 0.4
"""The least share of words that two lines have in common to be shown as one line that changed."""

_PAIRED_LINES: Final = 60
"""Larger blocks of changed lines are paired in order, not by likeness: that takes the square of their size."""

_COMPARED_CHARACTERS: Final = 2_000
"""In longer lines only a common beginning and end are looked for."""

_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


class Row(NamedTuple):
    """A line before and after; `None` where there is none."""

    old: str | None
    new: str | None
    old_number: int = 0
    """Counted from 1; 0 where there is no such line."""
    new_number: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return self.old == self.new


class Fold(NamedTuple):
    """Unchanged lines that are not shown."""

    rows: tuple[Row, ...]


Stretch = tuple[int, int]
"""Start and end of a part of a line, in characters."""


def paired(old: str, new: str) -> list[Row]:
    """Every line of both texts, in order; lines that are alike stand in one row."""
    before, after = old.split("\n"), new.split("\n")
    rows: list[Row] = []
    for kind, i1, i2, j1, j2 in _blocks(before, after):
        if kind == "equal":
            pairs: Iterable[tuple[int | None, int | None]] = zip(range(i1, i2), range(j1, j2), strict=True)
        else:
            pairs = _matched(before, after, range(i1, i2), range(j1, j2))
        rows += [
            Row(
                None if i is None else before[i],
                None if j is None else after[j],
                0 if i is None else i + 1,
                0 if j is None else j + 1,
            )
            for i, j in pairs
        ]
    return rows


def folded(rows: Sequence[Row], context: int = CONTEXT_LINES) -> list[Row | Fold]:
    """The rows with long unchanged stretches put aside. Nothing is lost: a fold holds its rows."""
    shown: list[Row | Fold] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end].is_same:
            end += 1
        head = 0 if start == 0 else context
        tail = 0 if end == len(rows) else context
        if end - start - head - tail > 1:
            shown += [
                *rows[start : start + head],
                Fold(tuple(rows[start + head : end - tail])),
                *rows[end - tail : end],
            ]
        else:
            shown += rows[start:end]
        start = end
        while start < len(rows) and not rows[start].is_same:
            shown.append(rows[start])
            start += 1
    return shown


def counted(rows: Iterable[Row]) -> tuple[int, int]:
    """How many lines came and how many went; a changed line counts as both."""
    changed = [row for row in rows if not row.is_same]
    return sum(row.new is not None for row in changed), sum(row.old is not None for row in changed)


def emphasis(old: str, new: str) -> tuple[list[Stretch], list[Stretch]]:
    """The words of two lines in which they differ. What is left of both without them is the same."""
    if len(old) + len(new) > 2 * _COMPARED_CHARACTERS:
        return _middle(old, new)
    before, after = _WORD.findall(old), _WORD.findall(new)
    at_old, at_new = _offsets(before), _offsets(after)
    gone: list[Stretch] = []
    came: list[Stretch] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if i1 < i2:
            gone.append((at_old[i1], at_old[i2]))
        if j1 < j2:
            came.append((at_new[j1], at_new[j2]))
    return gone, came


def _blocks(before: list[str], after: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The opcodes of `difflib`, found faster: what both texts begin and end with is not compared."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    end_before, end_after = len(before) - tail, len(after) - tail
    if head:
        yield "equal", 0, head, 0, head
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before[head:end_before], after[head:end_after]).get_opcodes():
        yield kind, head + i1, head + i2, head + j1, head + j2
    if tail:
        yield "equal", end_before, len(before), end_after, len(after)


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _matched(
    before: list[str], after: list[str], olds: range, news: range
) -> Iterator[tuple[int | None, int | None]]:  # fmt: skip
    """Which lines of a changed block stand beside each other, in order; the others stand alone, old ones first."""
    i, j = olds.start, news.start
    for old, new in _alike(before, after, olds, news):
        yield from ((at, None) for at in range(i, old))
        yield from ((None, at) for at in range(j, new))
        yield old, new
        i, j = old + 1, new + 1
    yield from ((at, None) for at in range(i, olds.stop))
    yield from ((None, at) for at in range(j, news.stop))


def _alike(before: list[str], after: list[str], olds: range, news: range) -> list[tuple[int, int]]:
    if max(len(olds), len(news)) > _PAIRED_LINES:
        return list(zip(olds, news, strict=False))
    words_before = [Counter(_WORD.findall(before[i][:_COMPARED_CHARACTERS])) for i in olds]
    words_after = [Counter(_WORD.findall(after[j][:_COMPARED_CHARACTERS])) for j in news]
    # best[i][j]: the most likeness that the lines from i and from j on can have together.
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    alike = [[_likeness(a, b) for b in words_after] for a in words_before]
    for i in reversed(range(len(olds))):
        for j in reversed(range(len(news))):
            beside = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(beside, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(olds) and j < len(news):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((olds[i], news[j]))
            i, j = i + 1, j + 1
    return found


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """From 0 to 1, by the characters of the words in common, blanks left out."""
    weigh = {word: len(word.strip()) for word in one.keys() | other.keys()}
    total = sum(weigh[word] * count for words in (one, other) for word, count in words.items())
    return 2 * sum(weigh[word] * count for word, count in (one & other).items()) / total if total else 0.0


def _offsets(words: Sequence[str]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def _middle(old: str, new: str) -> tuple[list[Stretch], list[Stretch]]:
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    gone, came = (head, len(old) - tail), (head, len(new) - tail)
    return [gone] if gone[0] < gone[1] else [], [came] if came[0] < came[1] else []

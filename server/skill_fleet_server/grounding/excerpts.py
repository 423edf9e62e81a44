"""Sources cut into pieces that a model can be shown and a skill can cite."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.api import Source
from skill_fleet_server.quality.ranking import Bm25
from skill_fleet_server.quality.skill import normalise

LINES: Final = 40
"""Most lines of an excerpt."""
CHARACTERS: Final = 2_000
"""Most characters of an excerpt; a single longer line is cut into several excerpts of that line."""

_HEADING: Final = re.compile(r"#{1,6}\s|[=-]{3,}\s*$")


@dataclass(frozen=True)
class Excerpt:
    """Some consecutive lines of a source."""

    source: str
    """The source's name."""
    first: int
    """Line of the source, counted from 1."""
    last: int
    """Inclusive."""
    text: str

    @property
    def reference(self) -> str:
        """How it is cited: `name:first-last`."""
        return f"{self.source}:{self.first}-{self.last}"


def cut(sources: Sequence[Source]) -> list[Excerpt]:
    """The sources as excerpts, in order, leaving out only blank lines between them."""
    return [excerpt for source in sources for excerpt in _cut_one(source)]


def select(excerpts: Sequence[Excerpt], query: str, budget_characters: int) -> list[Excerpt]:
    """The excerpts that are most about the query and together fit the budget, in their given order.

    All of them when all fit; those that share no word with the query come last, in order.
    """
    if sum(len(excerpt.text) for excerpt in excerpts) <= budget_characters:
        return list(excerpts)
    scores = Bm25.of([f"{excerpt.source} {excerpt.text}" for excerpt in excerpts]).scores(query)
    chosen: set[int] = set()
    left = budget_characters
    for index in sorted(range(len(excerpts)), key=lambda index: (-scores[index], index)):
        if len(excerpts[index].text) <= left:
            chosen.add(index)
            left -= len(excerpts[index].text)
    return [excerpt for index, excerpt in enumerate(excerpts) if index in chosen]


def _cut_one(source: Source) -> Iterator[Excerpt]:
    lines = normalise(source.text).split("\n")
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = _end(lines, start)
        last = end
        while not lines[last - 1].strip():
            last -= 1
        text = "\n".join(lines[start:last])
        for offset in range(0, len(text), CHARACTERS):
            yield Excerpt(source.name, start + 1, last, text[offset : offset + CHARACTERS])
        start = end


def _end(lines: Sequence[str], start: int) -> int:
    """Where the excerpt that begins at `start` ends (exclusive): at the best boundary that the limits leave."""
    full, size = start, 0
    while full < len(lines) and full - start < LINES and size + len(lines[full]) <= CHARACTERS:
        size += len(lines[full]) + 1
        full += 1
    if full == len(lines):
        return full
    if full == start:
        return start + 1
    halfway = start + (full - start) // 2
    boundaries = range(full, halfway, -1)
    headings = (index for index in boundaries if _HEADING.match(lines[index]) and not lines[index - 1].strip())
    blanks = (index for index in boundaries if not lines[index].strip() or not lines[index - 1].strip())
    return next(headings, None) or next(blanks, None) or full

"""A text as lines to show, each with the line of the text that it comes from. Pure; some of it takes a while."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from skill_fleet_tui.text import code, diff_lines
from skill_fleet_tui.text.markdown import coloured, split_frontmatter
from skill_fleet_tui.text.styled import Line, joined, untabbed

if TYPE_CHECKING:
    from skill_fleet_common.skills import Provenance

LINE_CHARACTERS: Final = 20_000
"""Longer lines are cut where they are shown."""


class Page(NamedTuple):
    """What is shown: lines, and for each the line of the text it comes from (0 if from none)."""

    lines: Sequence[Line]
    numbers: Sequence[int]
    change: str = ""
    """Of a diff: how much changed."""


def _numbered(lines: Sequence[Line]) -> Page:
    return Page(lines, range(1, len(lines) + 1))


def _head(text: str) -> tuple[list[Line], str, int]:
    """The frontmatter as lines to read, the body, and how many lines stand before it."""
    pairs, body = split_frontmatter(text)
    head = [joined((f"{name}  " if name else "", "name"), (untabbed(cut(value)), "")) for name, value in pairs]
    head += [Line("─" * 12, "fence"), Line("")] if pairs else []
    return head, body, text.count("\n", 0, len(text) - len(body))


def plain_page(text: str) -> Page:
    """A text as it is."""
    return _numbered(code.plain(cut_all(text)))


def code_page(path: str, text: str) -> Page:
    """A text in the colours of its language."""
    return _numbered(code.coloured_code(path, cut_all(text)))


def excerpt_page(text: str, first: int, last: int) -> Page:
    """A text with the lines from `first` to `last` set off."""
    lines = [line._replace(indent=2) for line in code.plain(cut_all(text))]
    cited = slice(max(first - 1, 0), last)
    lines[cited] = [line._replace(style="cited", lead="▌", lead_style="cited") for line in lines[cited]]
    return _numbered(lines)


def source_page(text: str) -> Page:
    """A Markdown file as it is, its frontmatter for reading."""
    head, body, before = _head(text)
    lines = coloured(cut_all(body))
    return Page([*head, *lines], [0] * len(head) + [before + at for at in range(1, len(lines) + 1)])


def rendered_page(text: str, width: int) -> Page:
    """A Markdown file rendered."""
    from skill_fleet_tui.text.rendered import rendered  # Rich's Markdown is not for the first paint

    head, body, before = _head(text)
    rows = rendered(body, width)
    numbers = [row.source + before if row.source else 0 for row in rows]
    # A row of which the line is not known comes from the line of the row above it, or from below that.
    numbers = list(accumulate(numbers, lambda above, here: here or above))
    return Page([*head, *(row.line for row in rows)], [0] * len(head) + numbers)


def diff_page(old: str, new: str, width: int) -> Page:
    """What changed between two texts."""
    lines = diff_lines.diff_lines(old, new, width)
    return Page(lines, [0] * len(lines), diff_lines.change_text(old, new))


def placed(
    numbers: Sequence[int], origins: Mapping[int, list["Provenance"]]
) -> list[tuple[int, list["Provenance"]]]:  # fmt: skip
    """By shown line: what is said of the lines of the text that stand there."""
    if not origins:
        return []
    known = [(number, at) for at, number in enumerate(numbers) if number]
    found: dict[int, list[Provenance]] = {}
    for wanted in sorted(origins):
        after = bisect_left(known, (wanted + 1, 0)) - 1
        if after < 0:
            continue
        number = known[after][0]
        first = known[bisect_left(known, (number, 0))][1]
        # Lines of one paragraph are rendered as rows of it, nearly one for one.
        at = min(first + wanted - number, known[after][1])
        found.setdefault(at, []).extend(origins[wanted])
    return sorted(found.items())


def longest(text: str) -> int:
    """The length of a text's longest line."""
    return max(map(len, text.split("\n")))


def cut(line: str) -> str:
    """A line as long as it is shown."""
    return line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]}… ({len(line):,} characters)"


def cut_all(text: str) -> str:
    """A text with every line as long as it is shown."""
    if len(text) <= LINE_CHARACTERS or longest(text) <= LINE_CHARACTERS:
        return text
    return "\n".join(map(cut, text.split("\n")))

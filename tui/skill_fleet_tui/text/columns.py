"""Texts side by side in columns: how wide each is, and the rows they come to. Every word is there. Knows no Textual."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from skill_fleet_tui.text.wrap import wrap

GAP: Final = "  "
"""Between two columns."""


def column_widths(wanted: Sequence[int], room: int) -> list[int]:
    """What each column gets: all it wants if that is no more than its share, else what the others leave.

    Args:
        wanted: The width of each column's longest text.
        room: Columns of the terminal for all of them. Each gets one at least.
    """
    widths = list(wanted)
    for done, at in enumerate(sorted(range(len(widths)), key=wanted.__getitem__)):
        widths[at] = max(min(wanted[at], room // (len(widths) - done)), 1)
        room -= widths[at]
    return widths


def widest(column: Iterable[Text]) -> int:
    """The width of a column's longest text."""
    return max((cell_len(text.plain) for text in column), default=0)


def side_by_side(console: Console, texts: Sequence[Text], widths: Sequence[int]) -> Iterator[list[Segment]]:
    """The rows of texts that stand beside each other, each wrapped to its column and justified as it says."""
    columns = [_wrapped(text, width) for text, width in zip(texts, widths, strict=True)]
    for row in zip_longest(*columns):
        segments: list[Segment] = []
        for number, (text, width) in enumerate(zip(row, widths, strict=True)):
            if number:
                segments.append(Segment(GAP))
            segments += _cell(console, text, width) if text is not None else [Segment(" " * width)]
        yield segments


def _wrapped(text: Text, width: int) -> list[Text]:
    places = wrap(text.plain, width)
    return [text] if len(places) == 1 else [text[start:end] for start, end in places]


def _cell(console: Console, text: Text, width: int) -> list[Segment]:
    room = max(width - cell_len(text.plain), 0)
    before = {"right": room, "center": room // 2}.get(text.justify or "", 0)
    return [Segment(" " * before), *text.render(console), Segment(" " * (room - before))]

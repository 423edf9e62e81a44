"""What the dashboard says of itself while there is no job: three sentences in the middle of an empty screen."""

from collections.abc import Iterator, Sequence
from typing import Final

from skill_fleet_tui.text.wrap import wrap

COLUMNS: Final = 70
"""At most this wide, however wide the screen."""
KEY_COLUMNS: Final = 4
BESIDE: Final = 4
"""Columns left free at the edges."""

Part = tuple[str, str]
"""Text, and the name of its look."""


def welcome_rows(sentences: Sequence[tuple[str, str]], columns: int, rows: int) -> list[list[Part]]:
    """The rows of the screen, from the top; a row is parts from the left.

    Args:
        sentences: Key and sentence; the first has no key, and is the title.
        columns: Of the screen.
        rows: Of the screen.
    """
    wide = max(min(columns - BESIDE, COLUMNS), 1)
    block: list[list[Part]] = []
    for number, (key, said) in enumerate(sentences):
        if number and rows > len(sentences) * 3:
            block.append([])
        block += _sentence(key, said, wide)
    left = " " * max((columns - wide) // 2, 0)
    above: list[list[Part]] = [[]] * max((rows - len(block)) // 3, 0)
    return [*above, *([(left, ""), *parts] if parts else [] for parts in block)]


def _sentence(key: str, said: str, wide: int) -> Iterator[list[Part]]:
    room = wide - KEY_COLUMNS if key else wide
    for number, (start, end) in enumerate(wrap(said, room)):
        text = (said[start:end], "detail" if key else "title")
        yield [(f"{key if not number else '':<{KEY_COLUMNS}}", "key"), text] if key else [text]

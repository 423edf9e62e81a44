"""Where a number stands among public skills: percentiles that were measured once, and nothing of the skills themselves.

Measured in August 2026 over the 4,883 skills of 43 public repositories, a registry dump among them: characters of the
description; lines, words and tokens of SKILL.md. It says what is common, not what is good.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

SKILLS: Final = 4_883

DESCRIPTION: Final = "description length"
LINES: Final = "lines"
WORDS: Final = "words"
TOKENS: Final = "tokens"

PERCENTILES: Final[Mapping[str, Mapping[int, float]]] = {
    DESCRIPTION: {5: 41, 25: 115, 50: 205, 75: 315, 95: 589, 99: 996},
    LINES: {5: 33, 25: 76, 50: 148, 75: 277, 95: 546, 99: 905},
    WORDS: {5: 104, 25: 304, 50: 615, 75: 1_190, 95: 2_439, 99: 4_381},
    TOKENS: {5: 196, 25: 554, 50: 1_156, 75: 2_254, 95: 4_543, 99: 8_031},
}
"""The value at each percentile, by measure."""


def percentile(measure: str, value: float) -> float | None:
    """How many of 100 public skills have a lower value, between the measured points on a straight line.

    Above the highest point that was measured it is that point: 99 means "99 or more". `None` for a measure that has no
    distribution.
    """
    known = PERCENTILES.get(measure)
    if known is None:
        return None
    points = [(0.0, 0.0), *((at, float(percent)) for percent, at in known.items())]
    for (low, below), (high, above) in pairwise(points):
        if value <= high:
            return round(below + (above - below) * max(0.0, value - low) / (high - low), 1)
    return points[-1][1]


def standing(measure: str, value: float) -> str:
    """The same in words, with the range that nine of ten public skills are in."""
    place, known = percentile(measure, value), PERCENTILES.get(measure)
    if place is None or known is None:
        return ""
    lowest, highest = min(known), max(known)
    where = f"{place:.0f} %"
    if place <= lowest:
        where = f"At most {lowest} %"
    elif place >= highest:
        where = f"{highest} % or more"
    return f"{where} of {SKILLS:,} public skills have less; nine of ten have {known[5]:,.0f} to {known[95]:,.0f}."

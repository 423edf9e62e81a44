"""Which skills of a library are alike by what clients list of them.

Measured on public skills, the nearest neighbour in the same repository is at 0.61 (90th percentile) and 0.78 (95th).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from skill_fleet_server.quality.pairs import Pairs
from skill_fleet_server.quality.ranking import likeness
from skill_fleet_server.quality.routing import Listed, indexed

ALIKE: Final = 0.6
"""From this likeness on, an overlap is said."""
TOO_ALIKE: Final = 0.8
"""From this likeness on, an agent can hardly tell them apart."""


def similarities(skill: Listed, others: Sequence[Listed]) -> list[float]:
    """How alike the skill is to each of the others, 0 to 1."""
    return likeness(indexed(skill), [indexed(other) for other in others])


def overlapping(skill: Listed, others: Sequence[Listed], at_least: float = ALIKE) -> list[tuple[str, float]]:
    """The names of those that are alike, the most alike first. The skill's own name is left out."""
    alike = [
        (other.name, value)
        for other, value in zip(others, similarities(skill, others), strict=True)
        if value >= at_least and other.name != skill.name
    ]
    return sorted(alike, key=lambda each: (-each[1], each[0]))


def alike(skills: Sequence[Listed], at_least: float = ALIKE) -> Pairs:
    """Every two that are alike, and how many could be compared."""
    return Pairs.of([indexed(each) for each in skills], at_least)


def likest(number: int, skills: Sequence[Listed], at_least: float = ALIKE) -> Iterator[tuple[int, float]]:
    """The numbers of all others that are like one of them, and how much."""
    others = [other for other in range(len(skills)) if other != number]
    values = similarities(skills[number], [skills[other] for other in others])
    yield from ((other, value) for other, value in zip(others, values, strict=True) if value >= at_least)

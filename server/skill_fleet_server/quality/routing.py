"""Lexical routing: which skill of a library the words of a query lead to.

Measured on 804 queries that ship with public skills, it tells good descriptions (65 % first) from poor ones (34 %) and
from shuffled ones (1 %). What it cannot do is in `LIMITS`, and is said wherever the number is shown.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from skill_fleet_server.quality.ranking import Bm25

LIMITS: Final = "Words only: it cannot read negation, and does not say whether an agent would load the skill."


class Listed(NamedTuple):
    """What a client shows a model of a skill before it is loaded."""

    name: str
    description: str


def reaches(skill: Listed, neighbours: Sequence[Listed], queries: Sequence[str]) -> list[bool]:
    """For each query, whether the skill scores above each of its neighbours, and above nothing.

    A tie is not reached: which of the two an agent would take is not known.
    """
    index = Bm25.of([_indexed(each) for each in (skill, *neighbours)])
    reached = []
    for query in queries:
        own, *others = index.scores(query)
        reached.append(own > 0 and all(own > other for other in others))
    return reached


def _indexed(skill: Listed) -> str:
    return f"{skill.name.replace('-', ' ')} {skill.description}"

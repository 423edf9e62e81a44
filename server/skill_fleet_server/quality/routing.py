"""Lexical routing: which skill of a library the words of a query lead to.

Measured on 804 queries that ship with public skills, it tells good descriptions (65 % first) from poor ones (34 %) and
from shuffled ones (1 %). What it cannot do is in `LIMITS`, and is said wherever the number is shown.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from skill_fleet_common.skills import RoutedQuery, TestQuery
from skill_fleet_server.quality.ranking import Bm25

LIMITS: Final = "Words only: it cannot read negation, and does not say whether an agent would load the skill."


class Listed(NamedTuple):
    """What a client shows a model of a skill before it is loaded."""

    name: str
    description: str


class Ranked(NamedTuple):
    """How much a skill is about a query."""

    number: int
    """Of the skill, in the order they were given."""
    score: float
    words: dict[str, float]
    """What each shared word adds, the heaviest first."""


def rank(skills: Sequence[Listed], query: str) -> list[Ranked]:
    """The skills that share a word with a query, best first."""
    index = Bm25.of([indexed(each) for each in skills])
    scored = [(score, number) for number, score in enumerate(index.scores(query)) if score > 0]
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return [Ranked(number, score, index.explain(query, number)) for score, number in scored]


def routed(
    skill: Listed, neighbours: Sequence[Listed], queries: Sequence[str], kind: Literal["positive", "negative", "edge"]
) -> list[RoutedQuery]:
    """Where each query leads: to the one skill that scores above all others.

    A tie leads nowhere: which of the two an agent would take is not known.
    """
    return lead([skill, *neighbours], 0, [TestQuery(query=query, kind=kind) for query in queries])


def lead(skills: Sequence[Listed], number: int, queries: Sequence[TestQuery]) -> list[RoutedQuery]:
    """Where the test queries of one skill of a library lead; the others are its neighbours. A tie leads nowhere.

    Args:
        skills: All of them. As long as they are the same, in the same order, they are indexed once.
        number: Of the skill whose queries these are.
        queries: What users might type.
    """
    index = _index(tuple(indexed(each) for each in skills))
    found = []
    for query in queries:
        scores = index.scores(query.query)
        best = max(scores)
        winners = [at for at, score in enumerate(scores) if score == best > 0]
        led = RoutedQuery(**query.model_dump(), score=round(best, 4), own_score=round(scores[number], 4))
        if len(winners) == 1:
            led.reached, led.words = skills[winners[0]].name, list(index.explain(query.query, winners[0]))
        found.append(led)
    return found


@lru_cache(maxsize=2)
def _index(texts: tuple[str, ...]) -> Bm25:
    """Of a large library it takes a second, and each kind of query and each candidate asks the same one."""
    return Bm25.of(texts)


def indexed(skill: Listed) -> str:
    """The words of a skill that a query is compared with."""
    return f"{skill.name.replace('-', ' ')} {skill.description}"

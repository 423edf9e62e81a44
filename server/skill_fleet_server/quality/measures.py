"""Numbers about a skill, each with how it was computed; what was not computed has no value, and says why.

Nothing here judges by the presence of keywords: such scores give a file of nonsense full marks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from skill_fleet_common.skills import Measure, Origin, Provenance, RoutedQuery
from skill_fleet_server.quality import distribution, promises, prose
from skill_fleet_server.quality.promises import COVERAGE, SECTIONS
from skill_fleet_server.quality.prose import ORDER, READABILITY, SENTENCES
from skill_fleet_server.quality.routing import LIMITS, Listed, routed
from skill_fleet_server.quality.rules.size import BEST_TOKENS, CHARACTERS_PER_TOKEN, approximate_tokens
from skill_fleet_server.quality.similarity import ALIKE, TOO_ALIKE, similarities
from skill_fleet_server.quality.skill import ParsedSkill, parse

__all__ = ["COVERAGE", "ORDER", "READABILITY", "SECTIONS", "SENTENCES"]

ROUTING: Final = "lexical routing"
ROUTING_ASIDE: Final = "lexical routing, kept away"
ROUTING_EDGE: Final = "lexical routing, borderline"
GROUNDED: Final = "grounded instructions"
OVERLAP: Final = "overlap with the nearest skill"
LISTING: Final = "listing of the library"

LISTING_CHARACTERS: Final = 8_000
"""What Codex gives the list of all skills before it shortens descriptions, and then drops skills."""
LISTED_CHARACTERS: Final = 1_536
"""What Claude Code shows of one skill's description."""


class Queries(Protocol):
    """What a user might type, written without seeing the skill."""

    @property
    def positive(self) -> Sequence[str]:
        """Should reach the skill."""
        ...

    @property
    def negative(self) -> Sequence[str]:
        """Should not."""
        ...

    @property
    def edge(self) -> Sequence[str]:
        """Could be argued either way: shown, and held neither for nor against the skill."""
        ...


@dataclass(frozen=True)
class TestQueries:
    """The plainest queries."""

    __test__ = False  # not a test case, whatever its name looks like

    positive: Sequence[str] = ()
    negative: Sequence[str] = ()
    edge: Sequence[str] = ()


def measure(
    files: Mapping[str, str],
    directory: str,
    *,
    test_queries: Queries | None = None,
    neighbours: Sequence[tuple[str, str]] = (),
    success_criteria: Sequence[str] = (),
    planned_sections: Sequence[str] = (),
    provenance: Sequence[Provenance] = (),
) -> list[Measure]:
    """All measures of a skill, always the same ones in the same order.

    Args:
        files: The skill's texts by path.
        directory: The name of its directory.
        test_queries: Queries that should, should not, and might reach it.
        neighbours: Name and description of every other skill of the library.
        success_criteria: What the plan promised.
        planned_sections: The headings of its outline.
        provenance: Where each instruction comes from, as far as known.
    """
    skill = parse(files, directory)
    listed, others = _listed(skill, neighbours)
    return [
        *_routing(listed, others, test_queries or TestQueries()),
        _overlap(listed, others),
        promises.coverage(skill, success_criteria),
        promises.sections(skill, planned_sections),
        _grounded(provenance),
        prose.sentences(skill),
        prose.order(skill),
        prose.readability(skill),
        *_size(skill, listed),
        _listing(listed, others),
    ]


def route(
    files: Mapping[str, str], directory: str, queries: Queries, neighbours: Sequence[tuple[str, str]]
) -> list[RoutedQuery]:
    """Where each test query leads among a skill and its neighbours; nothing without neighbours."""
    listed, others = _listed(parse(files, directory), neighbours)
    if not others:
        return []
    return [
        *routed(listed, others, queries.positive, "positive"),
        *routed(listed, others, queries.negative, "negative"),
        *routed(listed, others, queries.edge, "edge"),
    ]


def _listed(skill: ParsedSkill, neighbours: Sequence[tuple[str, str]]) -> tuple[Listed, list[Listed]]:
    """The skill as clients list it, and all others: its own older version is no neighbour."""
    listed = Listed(skill.string("name") or skill.directory, skill.string("description") or "")
    return listed, [Listed(*each) for each in neighbours if each[0] != listed.name]


def _routing(listed: Listed, others: Sequence[Listed], queries: Queries) -> Iterator[Measure]:
    for name, asked, wanted in (
        (ROUTING, queries.positive, True),
        (ROUTING_ASIDE, queries.negative, False),
        (ROUTING_EDGE, queries.edge, True),
    ):
        if not others:
            yield Measure(name=name, how="Not measured: there are no other skills in the library to compare with.")
            continue
        if not asked:
            yield Measure(name=name, how="Not measured: there are no test queries of this kind.")
            continue
        reached = [each.reached for each in routed(listed, others, asked, "positive")]
        right = sum((found == listed.name) is wanted for found in reached)
        led = "lead to this skill" if wanted else "do not lead to this skill"
        elsewhere = sorted({found for found in reached if found and found != listed.name})
        how = f"{right} of {len(asked)} test queries {led} among {len(others) + 1} (BM25)."
        if wanted and elsewhere:
            how += f" Others lead to {', '.join(elsewhere)}."
        yield Measure(name=name, value=right / len(asked), unit="share", how=f"{how} {LIMITS}")


def _overlap(listed: Listed, others: Sequence[Listed]) -> Measure:
    if not others:
        return Measure(name=OVERLAP, how="Not measured: there are no other skills in the library to compare with.")
    cosine, nearest = max(zip(similarities(listed, others), (each.name for each in others), strict=True))
    how = (
        f"Cosine of the words of names and descriptions (TF-IDF); {nearest} is nearest. From {ALIKE} on it is worth a "
        f"look, from {TOO_ALIKE} on they can hardly be told apart."
    )
    return Measure(name=OVERLAP, value=round(cosine, 4), unit="cosine", how=how)


def _grounded(provenance: Sequence[Provenance]) -> Measure:
    if not provenance:
        return Measure(name=GROUNDED, how="Not measured: no instruction has been traced to where it comes from.")
    sources = sum(each.origin is Origin.SOURCE and each.verified for each in provenance)
    answers = sum(each.origin is Origin.ANSWER and each.verified for each in provenance)
    vouched = sum(each.origin is Origin.MODEL and each.confirmed for each in provenance)
    how = (
        f"Of {len(provenance)} instructions, {sources} quote a source and {answers} what a person said (found there "
        f"word for word), and a person confirmed {vouched}; the rest is the model's general knowledge, or quotes what "
        "is not there."
    )
    return Measure(name=GROUNDED, value=(sources + answers + vouched) / len(provenance), unit="share", how=how)


def _size(skill: ParsedSkill, listed: Listed) -> Iterator[Measure]:
    body = skill.body.strip()
    least, most = BEST_TOKENS
    tokens = (
        f"Approximate: characters of SKILL.md's body divided by {CHARACTERS_PER_TOKEN}; no tokenizer was run. Skills "
        f"of {least:,} to {most:,} helped most in a public benchmark."
    )
    for name, value, unit, how in (
        (distribution.DESCRIPTION, len(listed.description), "characters", "Of the description."),
        (distribution.LINES, len(body.split("\n")) if body else 0, "lines", "Of SKILL.md's body."),
        (distribution.WORDS, len(body.split()), "words", "Of SKILL.md's body, split at white space."),
        (distribution.TOKENS, approximate_tokens(body), "tokens", tokens),
    ):
        stands = distribution.standing(name, value)
        percentile = distribution.percentile(name, value)
        yield Measure(name=name, value=value, unit=unit, how=f"{how} {stands}".strip(), percentile=percentile)


def _listing(listed: Listed, others: Sequence[Listed]) -> Measure:
    own = len(listed.name) + len(listed.description)
    total = own + sum(len(each.name) + len(each.description) for each in others)
    how = (
        f"Characters of the names and descriptions of {len(others) + 1} skills, {own:,} of them this one's. Codex "
        f"shortens the list at {LISTING_CHARACTERS:,}; Claude Code shows {LISTED_CHARACTERS:,} of one description."
    )
    return Measure(name=LISTING, value=total, unit="characters", how=how)

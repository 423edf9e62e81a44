"""Numbers about a skill, each with how it was computed; what was not computed has no value, and says why.

Nothing here judges by the presence of keywords: such scores give a file of nonsense full marks.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from skill_fleet_common.skills import Measure, Origin, Provenance
from skill_fleet_server.quality.ranking import words
from skill_fleet_server.quality.routing import LIMITS, Listed, reaches
from skill_fleet_server.quality.rules.size import CHARACTERS_PER_TOKEN, approximate_tokens
from skill_fleet_server.quality.skill import ParsedSkill, parse, prose_blocks

with warnings.catch_warnings():
    # It finds its word list through pkg_resources, whose import complains to people who can do nothing about it.
    warnings.simplefilter("ignore", UserWarning)
    import textstat

ROUTING: Final = "lexical routing"
ROUTING_ASIDE: Final = "lexical routing, kept away"
ROUTING_EDGE: Final = "lexical routing, borderline"
COVERAGE: Final = "success criteria covered"
GROUNDED: Final = "grounded instructions"
READABILITY: Final = "readability"

COVERED_AT: Final = 0.6
"""A criterion counts as covered when this share of its words is in the skill."""

FEWEST_PROSE_WORDS: Final = 30
"""A grade of fewer words would be noise."""


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
    provenance: Sequence[Provenance] = (),
) -> list[Measure]:
    """All measures of a skill, always the same ones in the same order.

    Args:
        files: The skill's texts by path.
        directory: The name of its directory.
        test_queries: Queries that should, should not, and might reach it.
        neighbours: Name and description of every other skill of the library.
        success_criteria: What the plan promised.
        provenance: Where each instruction comes from, as far as known.
    """
    skill = parse(files, directory)
    return [
        *_routing(skill, test_queries or TestQueries(), neighbours),
        _coverage(skill, success_criteria),
        _grounded(provenance),
        _readability(skill),
        *_size(skill),
    ]


def _routing(skill: ParsedSkill, queries: Queries, neighbours: Sequence[tuple[str, str]]) -> Iterator[Measure]:
    listed = Listed(skill.string("name") or skill.directory, skill.string("description") or "")
    others = [Listed(*each) for each in neighbours if each[0] != listed.name]
    for name, asked, wanted in (
        (ROUTING, queries.positive, True),
        (ROUTING_ASIDE, queries.negative, False),
        (ROUTING_EDGE, queries.edge, True),
    ):
        if not others:
            yield Measure(name=name, how="Not measured: there are no other skills in the library to compare with.")
        elif not asked:
            yield Measure(name=name, how="Not measured: there are no test queries of this kind.")
        else:
            right = sum(found is wanted for found in reaches(listed, others, asked))
            led = "lead to this skill" if wanted else "do not lead to this skill"
            how = f"{right} of {len(asked)} test queries {led} among {len(others) + 1} (BM25)."
            yield Measure(name=name, value=right / len(asked), unit="share", how=f"{how} {LIMITS}")


def _coverage(skill: ParsedSkill, criteria: Sequence[str]) -> Measure:
    wanted = {criterion: set(words(criterion)) for criterion in criteria}
    wanted = {criterion: needed for criterion, needed in wanted.items() if needed}
    if not wanted:
        return Measure(name=COVERAGE, how="Not measured: the plan has no success criteria.")
    said = set(words("\n".join([skill.body, *(text for path, text in skill.files.items() if path.endswith(".md"))])))
    missed = [criterion for criterion, needed in wanted.items() if len(needed & said) / len(needed) < COVERED_AT]
    covered = len(wanted) - len(missed)
    how = f"{covered} of {len(wanted)} criteria have at least {COVERED_AT:.0%} of their words in the skill."
    if missed:
        how += " Not covered: " + "; ".join(missed) + "."
    return Measure(name=COVERAGE, value=covered / len(wanted), unit="share", how=how)


def _grounded(provenance: Sequence[Provenance]) -> Measure:
    if not provenance:
        return Measure(name=GROUNDED, how="Not measured: no instruction has been traced to where it comes from.")
    answers = sum(each.origin is Origin.ANSWER for each in provenance)
    sources = sum(each.origin is Origin.SOURCE and each.verified for each in provenance)
    how = (
        f"Of {len(provenance)} instructions, {sources} quote a source (found there word for word) and {answers} come "
        "from an answer; the rest is the model's general knowledge."
    )
    return Measure(name=GROUNDED, value=(answers + sources) / len(provenance), unit="share", how=how)


def _readability(skill: ParsedSkill) -> Measure:
    sentences = [block.text.strip() for block in prose_blocks(skill) if block.text.strip()]
    text = "\n".join(each if each[-1] in ".!?:" else f"{each}." for each in sentences)
    if len(text.split()) < FEWEST_PROSE_WORDS:
        return Measure(name=READABILITY, how=f"Not measured: fewer than {FEWEST_PROSE_WORDS} words of prose.")
    how = "Flesch-Kincaid grade of the prose without code, tables and headings; most well-kept skills have 6 to 11."
    grade = float(textstat.textstat.flesch_kincaid_grade(text))
    return Measure(name=READABILITY, value=grade, unit="grade", how=how)


def _size(skill: ParsedSkill) -> Iterator[Measure]:
    body = skill.body.strip()
    yield Measure(name="lines", value=len(body.split("\n")) if body else 0, unit="lines", how="Of SKILL.md's body.")
    yield Measure(name="words", value=len(body.split()), unit="words", how="Of SKILL.md's body, split at white space.")
    how = f"Approximate: characters of SKILL.md's body divided by {CHARACTERS_PER_TOKEN}; no tokenizer was run."
    yield Measure(name="tokens", value=approximate_tokens(body), unit="tokens", how=how)

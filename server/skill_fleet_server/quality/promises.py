"""Measures of what was promised: whether the skill covers its success criteria, and has the sections that were planned.

Both go by words. A criterion has to be said in one place, because a text that is long enough has most words somewhere.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from skill_fleet_common.skills import Measure
from skill_fleet_server.quality.ranking import words
from skill_fleet_server.quality.skill import ParsedSkill

COVERAGE: Final = "success criteria covered"
SECTIONS: Final = "planned sections written"

COVERED_AT: Final = 0.6
"""A criterion counts as covered when this share of its words is in one section or bundled Markdown file."""
SAME_HEADING_AT: Final = 0.6
"""A planned section counts as written when a heading shares this much of its words and has something under it."""


def coverage(skill: ParsedSkill, criteria: Sequence[str]) -> Measure:
    """The share of success criteria whose words are said in one place."""
    wanted = {criterion: needed for criterion in criteria if (needed := set(words(criterion)))}
    if not wanted:
        return Measure(name=COVERAGE, how="Not measured: the plan has no success criteria.")
    places = [set(words(f"{heading} {text}")) for heading, text in _sections(skill)]
    places += [set(words(text)) for path, text in skill.files.items() if path.endswith(".md") and "/" in path]
    missed = [
        criterion
        for criterion, needed in wanted.items()
        if max((len(needed & said) / len(needed) for said in places), default=0.0) < COVERED_AT
    ]
    covered = len(wanted) - len(missed)
    how = f"{covered} of {len(wanted)} criteria have at least {COVERED_AT:.0%} of their words in one section."
    if missed:
        how += " Not covered: " + "; ".join(missed) + "."
    return Measure(name=COVERAGE, value=covered / len(wanted), unit="share", how=how)


def sections(skill: ParsedSkill, planned: Sequence[str]) -> Measure:
    """The share of planned sections that are there and not empty."""
    wanted = {heading: needed for heading in planned if (needed := set(words(heading)))}
    if not wanted:
        return Measure(name=SECTIONS, how="Not measured: there is no plan with sections.")
    written = [set(words(heading)) for heading, text in _sections(skill) if text.strip()]
    missed = [
        heading
        for heading, needed in wanted.items()
        if not any(len(needed & there) >= SAME_HEADING_AT * len(needed) for there in written)
    ]
    how = f"{len(wanted) - len(missed)} of {len(wanted)} planned sections are there and not empty, by their headings."
    if missed:
        how += " Missing: " + "; ".join(missed) + "."
    return Measure(name=SECTIONS, value=(len(wanted) - len(missed)) / len(wanted), unit="share", how=how)


def _sections(skill: ParsedSkill) -> Iterator[tuple[str, str]]:
    """Each heading of the body with what is below it and its subsections; what comes before the first has none."""
    lines = skill.body.split("\n")
    headings = [
        (token.map[0], int(token.tag[1:]), inline.content)
        for token, inline in zip(skill.tokens, skill.tokens[1:], strict=False)
        if token.type == "heading_open" and token.map and token.level == 0
    ]
    first = headings[0][0] if headings else len(lines)
    yield "", "\n".join(lines[:first])
    for index, (line, level, heading) in enumerate(headings):
        # The title's section would be the whole text.
        following = headings[index + 1 :]
        deeper = level > 1
        end = next((at for at, other, _ in following if not deeper or other <= level), len(lines))
        text = [each for each in lines[line + 1 : end] if not each.startswith("#")]
        yield heading, "\n".join(text)

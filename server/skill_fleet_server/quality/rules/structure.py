"""B15, B21: the body has what agents work from, and its steps are the ones it speaks of."""

import re
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import DRAFT, Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.rules.size import SPARSE_TOKENS, approximate_tokens
from skill_fleet_server.quality.skill import ParsedSkill
from skill_fleet_server.quality.steps import meant, numbered_lists, references, step_headings

_WRONG: Final = re.compile(
    r"\b(?:gotchas?|pitfalls?|mistakes?|edge cases?|caveats?|troubleshoot\w*|limit(?:s|ations?)|warnings?|"
    r"problems?|issues?|errors?|wrong|anti-?patterns?|red flags?|avoid|never|don't|do not|careful|beware|fails?)\b",
    re.IGNORECASE,
)
_EXAMPLE: Final = re.compile(r"\bexamples?\b|\be\.g\.|\bfor instance\b|\bsuch as\b", re.IGNORECASE)


@Rule(
    "B15",
    "structure",
    Severity.INFO,
    source="specification: recommended parts; three of four public skills have steps, and as many an example",
    fails=Example(
        body="# Filling PDF forms\n\n" + "The fields of a form are filled from a list of values, one by one. " * 20,
        caption="a body of twenty sentences, without steps, an example, or a word on what goes wrong",
    ),
    passes=Example(),
)
def body_has_what_agents_need(skill: ParsedSkill) -> Iterator[Notice]:
    """There are numbered steps or a check list, an example, and something about what goes wrong."""
    if approximate_tokens(skill.body) < SPARSE_TOKENS:  # which B02 says
        return
    missing = [
        what
        for what, there in (
            ("numbered steps", bool(numbered_lists(skill) or step_headings(skill) or "- [ ]" in skill.body)),
            ("an example", any(token.type == "fence" for token in skill.tokens) or _EXAMPLE.search(skill.body)),
            ("a word on what goes wrong", _WRONG.search(skill.body)),
        )
        if not there
    ]
    if missing:
        yield Notice(
            message=f"There is no sign of {' or '.join(missing)}.",
            place=Place(skill.body_line, 1),
            fix="Add it, unless a skill of this kind has no use for it.",
        )


@Rule(
    "B21",
    "structure",
    Severity.INFO,
    source="steps are counted again when one is added or cut",
    severities={DRAFT: Severity.WARNING},
    fails=Example(added="If a name is unclear, go back to step 7."),
    passes=Example(added="If a name is unclear, go back to step 1."),
)
def named_steps_are_there(skill: ParsedSkill) -> Iterator[Notice]:
    """“See step 4” speaks of one step: a numbered list, or a heading, has it, and no other list that is as near."""
    lists, headings = numbered_lists(skill), step_headings(skill)
    for reference in references(skill):
        said: tuple[str, str, Severity | None] | None = None
        if reference.doubts:
            message = (
                f"“{reference.text}” was step {reference.doubts[0]} before a step was cut; it may mean another now."
            )
            said = message, "Write the number of the step that is meant, or leave it out.", None
        elif not (lists or headings):
            continue
        for number in reference.numbers:
            found = meant(reference, number, lists, headings)
            if not found and number not in headings:
                said = f"“{reference.text}”: there is no step {number}.", "Correct the number, or leave it out.", None
            elif len(found) > 1 and said is None:
                where = " and ".join(str(each.first) for each in found[:3])
                message = f"“{reference.text}” could be a step of several lists (lines {where})."
                said = message, "Say which, in words.", Severity.INFO
        if said:
            message, fix, severity = said
            place = Place(reference.line, reference.start + 1)
            yield Notice(message=message, place=place, text=skill.line(reference.line), fix=fix, severity=severity)

"""B01, B02: the body is of a size an agent can take in with its task."""

from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import ParsedSkill

LINES: Final = 500
TOKENS: Final = 5_000
SPARSE_TOKENS: Final = 200
BEST_TOKENS: Final = (800, 2_500)
"""Where skills helped most in SkillsBench; four of ten public skills are inside. Less is often enough."""

CHARACTERS_PER_TOKEN: Final = 4.02
"""Measured over 4,883 public skills (5th percentile 3.4, 95th 4.9)."""


def approximate_tokens(text: str) -> int:
    """How many tokens a text is, near enough for a budget."""
    return round(len(text) / CHARACTERS_PER_TOKEN)


@Rule(
    "B01",
    "size",
    Severity.WARNING,
    source="specification: under 500 lines",
    fails=Example(added="- One more detail.\n" * LINES, caption="a body of more than 500 lines"),
    passes=Example(),
)
def body_is_not_long(skill: ParsedSkill) -> Iterator[Notice]:
    """At most 500 lines."""
    lines = len(skill.body.rstrip("\n").split("\n"))
    if lines > LINES:
        yield Notice(
            message=f"The body has {lines:,} lines; {LINES} is the recommended most.",
            place=Place(skill.body_line + LINES, 1),
            fix="Move detail into references/ and say when to read it.",
        )


@Rule(
    "B02",
    "size",
    Severity.WARNING,
    source="specification: under 5,000 tokens",
    fails=Example(added="word " * LINES * 10, caption="a body of more than 5,000 tokens, or of less than 200"),
    passes=Example(),
)
def body_is_neither_heavy_nor_empty(skill: ParsedSkill) -> Iterator[Notice]:
    """At most about 5,000 tokens, best 800 to 2,500, and more than a note."""
    tokens = approximate_tokens(skill.body.strip())
    place = Place(skill.body_line, 1)
    if skill.text is None:
        return
    if tokens > TOKENS:
        yield Notice(
            message=f"The body has about {tokens:,} tokens; {TOKENS:,} is the recommended most.",
            place=place,
            fix="Move detail into references/ and say when to read it.",
        )
    elif tokens > BEST_TOKENS[1]:
        yield Notice(
            message=f"The body has about {tokens:,} tokens; skills of {BEST_TOKENS[0]:,} to {BEST_TOKENS[1]:,} help "
            "most.",
            place=place,
            fix="See what an agent knows without it, or needs only sometimes: leave it out, or move it to references/.",
            severity=Severity.INFO,
        )
    elif tokens < SPARSE_TOKENS:
        yield Notice(
            message=f"The body is sparse: about {tokens} tokens.",
            place=place,
            fix="Add what an agent would not know: steps, an example, what goes wrong.",
            severity=Severity.INFO,
        )

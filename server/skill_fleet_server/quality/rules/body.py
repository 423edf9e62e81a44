"""B05, B07: the body's Markdown is whole, and nothing in it still waits to be written."""

import re
from collections.abc import Iterator
from typing import Final

from markdown_it.token import Token

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, rule
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import ParsedSkill, prose_blocks

_PLACEHOLDER: Final = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|\blorem ipsum\b|\[(?:insert|your|add|describe)\b[^\]\n]{0,80}\]|\{\{[^}\n]{0,80}\}\}"
    r"|\breplace with (?:a |the |your )?description\b",
    re.IGNORECASE,
)


@rule("B05", "body", Severity.ERROR, source="CommonMark: the rest of the file is swallowed as code")
def fences_are_closed(skill: ParsedSkill) -> Iterator[Notice]:
    """Every code fence has an end."""
    lines = skill.body.split("\n")
    for token in skill.tokens:
        if token.type == "fence" and not _is_closed(token, lines):
            line = skill.line_of(token)
            yield Notice(
                message="A code fence is never closed.",
                place=Place(line, 1),
                text=token.markup + token.info,
                fix=f"Add a line {token.markup} after the code; fence code that contains fences with one more.",
            )


def _is_closed(token: Token, lines: list[str]) -> bool:
    start, end = token.map or (0, 0)
    last = lines[end - 1] if 0 < end <= len(lines) else ""
    bare = re.sub(r"^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*", "", last).strip()
    return end - start >= 2 and len(bare) >= len(token.markup) and set(bare) == {token.markup[0]}


@rule("B07", "body", Severity.WARNING, source="authors' guides; 4 % of well-kept public skills")
def nothing_is_left_to_write(skill: ParsedSkill) -> Iterator[Notice]:
    """No TODO, lorem ipsum or `[insert …]` outside code."""
    for block in prose_blocks(skill):
        for offset, part in enumerate(block.text.split("\n")):
            if found := _PLACEHOLDER.search(part):
                fix = "Write it, or leave it out."
                message = f"A placeholder is left: {found.group()}."
                yield Notice(message=message, place=Place(block.line + offset, 1), text=part, fix=fix)

"""Taking single instructions out of a SKILL.md, mechanically: nothing else of the text changes its words.

A list item goes with the code that belongs to it; items below it move up; later numbers of the list are counted down,
and so is what the text says of them (“see step 4”), as far as that is certain: `step_references` says what else becomes
of it.
A sentence goes out of its paragraph. A heading that is left without anything under it goes, too.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from skill_fleet_server.grounding.instructions import Instruction, instructions, instructions_of
from skill_fleet_server.grounding.step_references import mended
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, normalise, parse, prose_blocks

_MARKS: Final = re.compile(r"\]\([^)]*\)|[\s`*_\[\]\\!]")
_MARKER: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])(?:\s+|$)")
_NUMBER: Final = re.compile(r"(\s*)(\d+)([.)])")
_HEADING: Final = re.compile(r"(#{1,6})\s")


@dataclass(frozen=True)
class _Place:
    """Where a paragraph or list item is; lines count from 0 in SKILL.md, the last is exclusive."""

    first: int
    last: int
    item: Token | None
    """The list item it is the text of."""


def without(skill_md: str, ids: Collection[str]) -> str:
    """The SKILL.md without these instructions. An id that it does not have changes nothing."""
    text = normalise(skill_md)
    # From the end, so that the ids of those above stay what they are.
    for instruction in reversed(instructions(text)):
        if instruction.id in ids:
            text = _without_one(text, instruction)
    return text


def _without_one(text: str, instruction: Instruction) -> str:
    skill = parse({MAIN_FILE: text}, "")
    for block, place in zip(prose_blocks(skill), _places(skill), strict=True):
        told = list(instructions_of(block))
        if (instruction.text, instruction.line) not in told:
            continue
        lines = text.split("\n")
        if place.item is not None:
            return "\n".join(_without_item(lines, skill, place.item))
        paragraph = "\n".join(lines[place.first : place.last])
        rest = _without_sentence(paragraph, instruction.text)
        return "\n".join(_replaced(lines, place.first, place.last, rest.split("\n") if rest.strip() else []))
    return text


def _places(skill: ParsedSkill) -> Iterator[_Place]:
    """The place of each prose block, in the same order."""
    around: list[Token] = []
    offset = skill.body_line - 1
    for token in skill.tokens:
        if token.nesting == 1:
            around.append(token)
        elif token.nesting == -1:
            around.pop()
        elif token.type == "inline" and around and around[-1].type == "paragraph_open":
            first, last = token.map or (0, 0)
            item = next((each for each in reversed(around) if each.type == "list_item_open"), None)
            is_its_text = item is not None and item.map is not None and item.map[0] == first
            yield _Place(offset + first, offset + last, item if is_its_text else None)


def _without_item(lines: list[str], skill: ParsedSkill, item: Token) -> list[str]:
    """Lines without a list item. Lists inside it stay, and take its place."""
    offset = skill.body_line - 1
    assert item.map is not None
    first, last = offset + item.map[0], offset + item.map[1]
    while last > first + 1 and not lines[last - 1].strip():
        last -= 1
    marker = _MARKER.match(lines[first])
    indent = len(lines[first]) - len(lines[first].lstrip())
    inward = (len(marker[0]) if marker else indent + 2) - indent
    kept: list[str] = []
    for inner in skill.tokens:
        is_list = inner.type in {"bullet_list_open", "ordered_list_open"} and inner.level == item.level + 1
        if is_list and inner.map and first < offset + inner.map[0] < last:
            inside = lines[offset + inner.map[0] : min(offset + inner.map[1], last)]
            kept += [line[inward:] if not line[:inward].strip() else line for line in inside]
    return _replaced(_counted_down(mended(lines, skill, item), skill, item), first, last, kept)


def _counted_down(lines: list[str], skill: ParsedSkill, item: Token) -> list[str]:
    """Lines with the numbers of the later items of the same ordered list one lower."""
    counted = list(lines)
    tokens = skill.tokens
    start = tokens.index(item)
    number = item.info
    for token in tokens[start + 1 :]:
        if token.level < item.level:
            break
        if token.type == "list_item_open" and token.level == item.level and token.map:
            if not (number.isdigit() and token.info.isdigit() and int(token.info) == int(number) + 1):
                break
            line = skill.body_line - 1 + token.map[0]
            counted[line] = _NUMBER.sub(rf"\g<1>{number}\g<3>", counted[line], count=1)
            number = token.info
    return counted


def _without_sentence(paragraph: str, sentence: str) -> str:
    """The paragraph without a sentence of its plain text; nothing of it when the sentence cannot be found in it."""
    kept = [(character, index) for index, character in _significant(paragraph)]
    wanted = "".join(character for _, character in _significant(sentence))
    found = "".join(character for character, _ in kept).find(wanted)
    if found < 0 or not wanted:
        return ""
    start, end = kept[found][1], kept[found + len(wanted) - 1][1] + 1
    while start > 0 and paragraph[start - 1] in "`*_[":
        start -= 1
    closing = re.match(r"(?:\]\([^)]*\)|[`*_\]])*\s*", paragraph[end:])
    end += closing.end() if closing else 0
    return paragraph[:start] + paragraph[end:]


def _significant(text: str) -> Iterator[tuple[int, str]]:
    """The characters that Markdown does not take for itself, and that are no white space."""
    position = 0
    for match in [*_MARKS.finditer(text), None]:
        end = match.start() if match else len(text)
        yield from ((index, text[index]) for index in range(position, end))
        position = match.end() if match else end


def _replaced(lines: list[str], first: int, last: int, by: list[str]) -> list[str]:
    """Lines with a range replaced; what is left of it alone (blank lines, an empty section) is put in order."""
    before, after = lines[:first], lines[last:]
    if by:
        return [*before, *(line.rstrip() for line in by), *after]
    while before and after and not before[-1].strip() and not after[0].strip():
        after = after[1:]
    return _without_empty_section(before, after)


def _without_empty_section(before: list[str], after: list[str]) -> list[str]:
    heading = len(before)
    while heading and not before[heading - 1].strip():
        heading -= 1
    level = _level(before[heading - 1]) if heading else 0
    following = next((line for line in after if line.strip()), "#")
    if level < 2 or not 0 < _level(following + " ") <= level:
        return [*before, *after]
    return _without_empty_section(before[: heading - 1], after)


def _level(line: str) -> int:
    match = _HEADING.match(line)
    return len(match[1]) if match else 0

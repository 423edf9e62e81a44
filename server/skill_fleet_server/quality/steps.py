"""Numbered steps, and where a text speaks of them by their number."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from skill_fleet_server.quality.skill import ParsedSkill

_NUMBER: Final = r"(?:\d{1,3}(?![\w.]*\d)|\[\d{1,3}\?\])"
_AND: Final = r"(?:[ \t]*(?:,|-|–|&)[ \t]*(?:and |or )?|[ \t]+(?:and|or|to|through)[ \t]+)"
_REFERENCE: Final = re.compile(rf"\bsteps?[ \t]+{_NUMBER}(?:{_AND}{_NUMBER})*", re.IGNORECASE)
_DOUBTFUL: Final = re.compile(r"\[(\d{1,3})\?\]")
_CODE: Final = re.compile(r"`+[^`]*`+")
_HEADING: Final = re.compile(r"(?:step|phase)\s+(\d{1,3})\b|(\d{1,3})[.):]\s", re.IGNORECASE)


@dataclass(frozen=True)
class NumberedList:
    """A list of numbered steps."""

    first: int
    """Its first line in SKILL.md, counted from 1."""
    last: int
    """The line after its last."""
    items: tuple[Token, ...]
    numbers: tuple[int, ...]
    """Of the items, as readers see them: a list in which every item is written `1.` is counted for them."""


@dataclass(frozen=True)
class Reference:
    """Where a text speaks of steps by their number, such as “steps 2 and 3”."""

    line: int
    """Of SKILL.md, counted from 1."""
    start: int
    """In the line, counted from 0."""
    text: str

    @property
    def numbers(self) -> list[int]:
        """Those it names, without the doubtful ones."""
        return [int(each) for each in re.findall(r"\d+", _DOUBTFUL.sub("", self.text))]

    @property
    def doubts(self) -> list[int]:
        """Those it named before a step was cut."""
        return [int(each) for each in _DOUBTFUL.findall(self.text)]


def without_step_numbers(text: str) -> str:
    """A text with every reference to steps as if it named none: what is left when steps are only counted anew."""
    return _REFERENCE.sub("step", text)


def doubtful(number: int) -> str:
    """The number of a step, marked: since a step was cut it is not certain which is meant."""
    return f"[{number}?]"


def numbered_lists(skill: ParsedSkill) -> list[NumberedList]:
    """The numbered lists of the body that have two steps or more, in order."""
    found = []
    for at, token in enumerate(skill.tokens):
        if token.type == "ordered_list_open" and token.map:
            items = tuple(_items(skill.tokens, at))
            if len(items) > 1:
                first, last = (skill.body_line + line for line in token.map)
                found.append(NumberedList(first, last, items, _counted(items)))
    return found


def step_headings(skill: ParsedSkill) -> set[int]:
    """The numbers of headings such as “Step 3: fill it in”."""
    found = set()
    for at, token in enumerate(skill.tokens):
        if token.type == "heading_open" and (said := _HEADING.match(skill.tokens[at + 1].content.strip("*_ "))):
            found.add(int(said[1] or said[2]))
    return found


def references(skill: ParsedSkill) -> Iterator[Reference]:
    """Where the body's paragraphs and list items speak of steps, in order; never in code."""
    for at, token in enumerate(skill.tokens):
        if token.type != "inline" or not token.map or skill.tokens[at - 1].type != "paragraph_open":
            continue
        for number in range(skill.body_line + token.map[0], skill.body_line + token.map[1]):
            line = _CODE.sub(lambda code: " " * len(code[0]), skill.line(number))
            yield from (Reference(number, said.start(), said[0]) for said in _REFERENCE.finditer(line))


def meant(
    reference: Reference, number: int, lists: Sequence[NumberedList], headings: Collection[int]
) -> list[NumberedList]:
    """The lists whose step of that number may be meant: the one in which it is said, or else all that have one.

    None when a heading has the number: then that is meant.
    """
    if number in headings:
        return []
    having = [each for each in lists if number in each.numbers]
    around = [each for each in having if each.first <= reference.line < each.last]
    return around[-1:] or having


def _items(tokens: Sequence[Token], start: int) -> Iterator[Token]:
    level = tokens[start].level
    for token in tokens[start + 1 :]:
        if token.level == level:
            return
        if token.type == "list_item_open" and token.level == level + 1:
            yield token


def _counted(items: Sequence[Token]) -> tuple[int, ...]:
    written = [int(item.info) if item.info.isdigit() else 0 for item in items]
    if len(set(written)) == len(written):
        return tuple(written)
    return tuple(range(written[0], written[0] + len(written)))

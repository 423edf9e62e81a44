"""When a numbered step is cut, the text that speaks of its list by number is put right, where it is certain.

Where it is not (the step itself is gone, or several lists have a step of that number), the number is marked, such as
`[4?]`; rule B21 finds the mark and says what to do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from skill_fleet_server.quality.skill import ParsedSkill
from skill_fleet_server.quality.steps import (
    NumberedList,
    Reference,
    doubtful,
    meant,
    numbered_lists,
    references,
    step_headings,
)

_RANGE: Final = re.compile(r"\s*(?:-|–|to|through)\s*", re.IGNORECASE)
_STEPS: Final = re.compile(r"\A(step)s\s+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?<!\[)\b\d{1,3}\b")


@dataclass(frozen=True)
class _Cut:
    """A step that goes out of its list."""

    steps: NumberedList
    gone: int
    """Its number."""
    moved: Mapping[int, int]
    """What later steps are called, by what they were called."""


def mended(lines: Sequence[str], skill: ParsedSkill, item: Token) -> list[str]:
    """The lines of SKILL.md, with the references to steps as they will be when a list item is cut.

    Only what is said outside of the item itself is looked at. The number of lines stays the same.
    """
    right = list(lines)
    lists = numbered_lists(skill)
    cut = _cut(lists, item)
    if cut is None or item.map is None:
        return right
    headings = step_headings(skill)
    inside = range(skill.body_line + item.map[0], skill.body_line + item.map[1])
    for reference in reversed([each for each in references(skill) if each.line not in inside]):
        line = right[reference.line - 1]
        said = _said(reference, cut, lists, headings)
        right[reference.line - 1] = line[: reference.start] + said + line[reference.start + len(reference.text) :]
    return right


def _cut(lists: Sequence[NumberedList], item: Token) -> _Cut | None:
    for steps in lists:
        at = next((at for at, each in enumerate(steps.items) if each is item), None)
        if at is None:
            continue
        moved: dict[int, int] = {}
        for before, number in zip(steps.numbers[at:], steps.numbers[at + 1 :], strict=False):
            if number != before + 1:
                break
            moved[number] = before
        return _Cut(steps, steps.numbers[at], moved)
    return None


def _said(reference: Reference, cut: _Cut, lists: Sequence[NumberedList], headings: set[int]) -> str:
    """What the reference says afterwards."""
    said, position, before = "", 0, ""
    found = list(_NUMBER.finditer(reference.text))
    for at, match in enumerate(found):
        between = reference.text[position : match.start()]
        following = reference.text[match.end() : found[at + 1].start()] if at + 1 < len(found) else ""
        number = int(match[0])
        candidates = meant(reference, number, lists, headings)
        ends, begins = bool(at and _RANGE.fullmatch(between)), bool(_RANGE.fullmatch(following))
        now = match[0]
        if any(each is cut.steps for each in candidates):
            now = _number(number, cut, certain=len(candidates) == 1, ends=ends, begins=begins)
        said += "" if ends and now == before else between + now
        position, before = match.end(), now
    said += reference.text[position:]
    return _STEPS.sub(r"\1 ", said) if len(found) > 1 == len(_NUMBER.findall(said)) else said


def _number(number: int, cut: _Cut, *, certain: bool, ends: bool, begins: bool) -> str:
    if not certain:
        return doubtful(number) if number == cut.gone or number in cut.moved else str(number)
    if number != cut.gone:
        return str(cut.moved.get(number, number))
    if ends:  # steps 2 to 4 without 4 are 2 to 3, and without 2 they are 2 to 3, too
        return str(number - 1)
    return str(number) if begins else doubtful(number)

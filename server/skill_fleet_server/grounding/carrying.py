"""Provenance carried from one revision to the next, so that what is known of a line is not lost or asked for again.

An instruction that is still there word for word, but for the numbers of steps, keeps its origin. One that was only
reworded keeps it too, unless a number or a negation in it has changed: then it says something else. All others are new.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Final

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_server.grounding.instructions import Instruction
from skill_fleet_server.grounding.provenance import holds, shortened, trace
from skill_fleet_server.quality.steps import without_step_numbers

REWORDED_AT: Final = 0.8
"""From this share of words in common, in order, an instruction is a rewording of the old one."""

MOST_COMPARED: Final = 100_000
"""With more pairs than this, which takes a text of thousands of lines, what was reworded counts as new."""

_WORD: Final = re.compile(r"\w+(?:['’]\w+)?")
_DECISIVE: Final = re.compile(
    r"\d+|\b(?:not|no|never|none|without|unless|except|only|always)\b|n['’]t\b", re.IGNORECASE
)


def carry(
    known: Sequence[Provenance], now: Sequence[Instruction], fresh: Callable[[Instruction], Provenance]
) -> list[Provenance]:
    """One provenance per instruction of the new revision, in order.

    Args:
        known: Of the revision before.
        now: The instructions of the new one.
        fresh: Says where an instruction comes from that was not there before.
    """
    same, gone = _matched(known, now)
    if len(gone) * same.count(None) > MOST_COMPARED:
        gone = []
    carried = []
    for instruction, before in zip(now, same, strict=True):
        before = before or _reworded(instruction, gone)
        carried.append(_moved(before, instruction) if before else fresh(instruction))
    return carried


def still_there(known: Sequence[Provenance], now: Sequence[Instruction]) -> list[Provenance]:
    """The provenance of those instructions that are there word for word, at the lines where they are now."""
    same, _ = _matched(known, now)
    return [_moved(before, instruction) for before, instruction in zip(same, now, strict=True) if before]


def said_by_person(reference: str, said: str) -> Callable[[Instruction], Provenance]:
    """What is new comes from a person where their words say it, else from the model."""

    def judge(instruction: Instruction) -> Provenance:
        if said and holds(said, instruction.text):
            return trace(instruction, Origin.ANSWER, reference, instruction.text, verified=True)
        return trace(instruction)

    return judge


def written_by_person(reference: str) -> Callable[[Instruction], Provenance]:
    """What is new was typed by a person."""
    return lambda instruction: trace(instruction, Origin.ANSWER, reference, instruction.text, verified=True)


def _matched(
    known: Sequence[Provenance], now: Sequence[Instruction]
) -> tuple[list[Provenance | None], list[Provenance]]:
    """For each instruction what is known of the very same words, in their order; and what is left of the known.

    A step that is only counted anew ("see step 3" for "see step 4") is the same words.
    """
    same, left = _alike(known, [shortened(one.text) for one in now], lambda text: text)
    missing = [number for number, each in enumerate(same) if each is None]
    counted, left = _alike(left, [shortened(now[number].text) for number in missing], without_step_numbers)
    for number, found in zip(missing, counted, strict=True):
        same[number] = found
    return same, left


def _alike(
    known: Sequence[Provenance], now: Sequence[str], key: Callable[[str], str]
) -> tuple[list[Provenance | None], list[Provenance]]:
    left: defaultdict[str, list[Provenance]] = defaultdict(list)
    for each in known:
        left[key(each.text)].append(each)
    same = [left[text].pop(0) if left[text := key(said)] else None for said in now]
    return same, [each for rest in left.values() for each in rest]


def _moved(before: Provenance, instruction: Instruction) -> Provenance:
    text = shortened(instruction.text)
    return before.model_copy(update={"id": instruction.id, "line": instruction.line, "text": text})


def _reworded(instruction: Instruction, gone: list[Provenance]) -> Provenance | None:
    """The old instruction that this one is a rewording of, taken from those that are gone."""
    text = shortened(instruction.text)
    words = _words(text)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(words)
    for index, before in enumerate(gone):
        matcher.set_seq1(_words(before.text))
        if matcher.real_quick_ratio() < REWORDED_AT or matcher.quick_ratio() < REWORDED_AT:
            continue
        if matcher.ratio() >= REWORDED_AT and _decisive(before.text) == _decisive(text):
            return gone.pop(index)
    return None


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _decisive(text: str) -> list[str]:
    return sorted(word.casefold() for word in _DECISIVE.findall(text))

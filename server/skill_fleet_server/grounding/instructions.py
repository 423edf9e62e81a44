"""The instructions of a skill: what it tells an agent to do or to know, by line of SKILL.md.

By a rule of thumb: every list item and numbered step is one; of paragraphs, each sentence that begins with an
imperative (a verb of `VERBS`, or a directive such as "always", "never", "do not", "if …, …") or says "must", "should",
"never" or "do not". Headings, code, tables and quotes are none.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from skill_fleet_server.quality.skill import MAIN_FILE, Block, parse, prose_blocks
from skill_fleet_server.quality.verbs import VERBS

SHORTEST_WORDS: Final = 2
"""A list item of fewer words is a name, not an instruction."""

_DIRECTIVE: Final = re.compile(
    r"(?:always|never|do not|don't|only|if|when|before|after|unless|first|then|finally)\b", re.IGNORECASE
)
_OBLIGATION: Final = re.compile(r"\b(?:must|should|never|do not|don't|has to|have to|needs to)\b", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"“*])")
_TASK_BOX: Final = re.compile(r"\[[ xX]\]\s+")


@dataclass(frozen=True)
class Instruction:
    """One thing the skill tells an agent."""

    text: str
    """On one line."""
    line: int
    """In SKILL.md, counted from 1."""
    id: str = ""
    """Its line, and `.2` for a second one that begins on that line."""


def instructions(skill_md: str) -> list[Instruction]:
    """The instructions of a SKILL.md, in order."""
    on_line: Counter[int] = Counter()
    found: list[Instruction] = []
    for block in prose_blocks(parse({MAIN_FILE: skill_md}, "")):
        for text, line in instructions_of(block):
            on_line[line] += 1
            number = on_line[line]
            found.append(Instruction(text, line, str(line) if number == 1 else f"{line}.{number}"))
    return found


def instructions_of(block: Block) -> Iterator[tuple[str, int]]:
    """The instructions in one paragraph or list item: each with its line."""
    if block.quoted:
        return
    if block.in_list:
        text = _TASK_BOX.sub("", " ".join(block.text.split()))
        if len(text.split()) >= SHORTEST_WORDS:
            yield text, block.line
    else:
        yield from ((text, line) for text, line in _sentences(block.text, block.line) if _instructs(text))


def _sentences(text: str, line: int) -> Iterator[tuple[str, int]]:
    start = 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.start() if match else len(text)
        sentence = " ".join(text[start:end].split())
        if sentence:
            yield sentence, line + text.count("\n", 0, start)
        start = match.end() if match else end


def _instructs(sentence: str) -> bool:
    first = re.match(r"[^\w]*(\w[\w'-]*)", sentence)
    if first is None:
        return False
    return (
        first[1].casefold() in VERBS
        or _DIRECTIVE.match(sentence) is not None
        or _OBLIGATION.search(sentence) is not None
    )

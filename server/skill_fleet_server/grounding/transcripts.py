"""Transcripts among the sources: what an agent was told and did, and above all what went wrong.

People's corrections make better instructions than any amount of general knowledge. So a source that reads like a
conversation or a terminal session is searched for the places where somebody corrected the agent or something failed.
Each becomes an excerpt of its own, to be cited and turned into an instruction that prevents it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.api import Source
from skill_fleet_server.grounding.excerpts import CHARACTERS, Excerpt
from skill_fleet_server.quality.skill import normalise

FEWEST_TURNS: Final = 3
"""Fewer turns than this are a quotation, not a transcript."""
MOST: Final = 20
"""Most places that are taken from one transcript."""
_LONGEST: Final = 12
"""Most lines of one of them."""

_PEOPLE: Final = "user|human|me|customer|reviewer|operator"
_AGENTS: Final = "assistant|ai|agent|model|bot|claude|chatgpt|gpt|gemini|copilot|codex|tool|system"
_TURN: Final = re.compile(
    rf"\s*(?:#+\s*|>\s*|[-*]\s+)?(?:\*\*|__|\[)?(?P<role>{_PEOPLE}|{_AGENTS})(?:\*\*|__|\])?\s*(?:\([^)]*\)\s*)?"
    r"(?P<mark>[:：]|$|>)(?:\*\*)?",
    re.IGNORECASE,
)
_JSON_TURN: Final = re.compile(
    r'\s*\{.*?"(?:role|type)"\s*:\s*"(?P<role>user|human|assistant|tool|system)"', re.IGNORECASE
)
_COMMAND: Final = re.compile(r"\s*(?:\S+[@:]\S*\s*)?[$❯]\s+\S")
_CORRECTION: Final = re.compile(
    r"\b(?:no[,.!]|not what|don'?t|do not|wrong|instead|should(?:n'?t| not)? have|shouldn'?t|i (?:said|told|"
    r"meant|asked)|we (?:never|always)|stop|undo|revert|never|always|you (?:forgot|missed|broke|ignored)|still "
    r"(?:fails|wrong|broken|not)|why did you|must not|again)\b",
    re.IGNORECASE,
)
_FAILURE: Final = re.compile(
    r"^\s*(?:traceback \(most recent call last\)|(?:[\w.]+(?:error|exception)|error|fatal|panic|failed)\b\s*[:(\[])|"
    r"\b(?:permission denied|command not found|no such file|timed out|assertion failed|exit (?:code|status) [1-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Turn:
    first: int
    """Index of its first line."""
    last: int
    """Exclusive."""
    by_person: bool


def is_transcript(source: Source) -> bool:
    """Whether a source reads like a conversation with an agent, or a terminal session in which something failed."""
    lines = normalise(source.text).split("\n")
    return bool(_turns(lines)) or _is_session(lines)


def went_wrong(sources: Sequence[Source]) -> list[Excerpt]:
    """Where in the transcripts among the sources somebody corrected the agent, or something failed; in order."""
    return [excerpt for source in sources for excerpt in _went_wrong(source)]


def _went_wrong(source: Source) -> list[Excerpt]:
    lines = normalise(source.text).split("\n")
    turns = _turns(lines)
    if not turns and not _is_session(lines):
        return []
    places = sorted({*_corrections(lines, turns), *_failures(lines, turns)})
    found = []
    for first, last in places[:MOST]:
        text = "\n".join(lines[first:last]).strip("\n")[:CHARACTERS]
        if text.strip():
            found.append(Excerpt(source.name, first + 1, last, text))
    return found


def _turns(lines: Sequence[str]) -> list[_Turn]:
    """The turns of a conversation; none when there are too few, or all of one side."""
    starts = [(index, role in _PEOPLE.split("|")) for index, line in enumerate(lines) if (role := _role(line))]
    people = sum(by_person for _, by_person in starts)
    if len(starts) < FEWEST_TURNS or not 0 < people < len(starts):
        return []
    ends = [index for index, _ in starts[1:]] + [len(lines)]
    return [_Turn(index, end, by_person) for (index, by_person), end in zip(starts, ends, strict=True)]


def _role(line: str) -> str:
    match = _JSON_TURN.match(line) or _TURN.match(line)
    if match is None:
        return ""
    alone = match.re is _TURN and not match["mark"] and not line.lstrip().startswith(("#", "*", "[", "_"))
    return "" if alone else match["role"].casefold()


def _is_session(lines: Sequence[str]) -> bool:
    commands = sum(_COMMAND.match(line) is not None for line in lines)
    return commands > 1 and any(_FAILURE.search(line) for line in lines)


def _corrections(lines: Sequence[str], turns: Sequence[_Turn]) -> Iterator[tuple[int, int]]:
    """What people said after the agent had done something, where it sounds like a correction."""
    answered = False
    for turn in turns:
        if turn.by_person and answered and _CORRECTION.search("\n".join(lines[turn.first : turn.last])):
            yield turn.first, _trimmed(lines, turn.first, turn.last)
        answered = answered or not turn.by_person


def _failures(lines: Sequence[str], turns: Sequence[_Turn]) -> Iterator[tuple[int, int]]:
    """What failed, with the command before it."""
    people = {index for turn in turns if turn.by_person for index in range(turn.first, turn.last)}
    past = 0
    for index, line in enumerate(lines):
        if index < past or index in people or not _FAILURE.search(line):
            continue
        before = range(index - 1, max(past, index - _LONGEST // 2) - 1, -1)
        first = next((each for each in before if _COMMAND.match(lines[each])), index)
        end = index + 1
        while end < len(lines) and end - first < _LONGEST and lines[end].strip() and not _COMMAND.match(lines[end]):
            if _role(lines[end]):
                break
            end += 1
        past = end
        yield first, end


def _trimmed(lines: Sequence[str], first: int, last: int) -> int:
    last = min(last, first + _LONGEST)
    while last > first + 1 and not lines[last - 1].strip():
        last -= 1
    return last

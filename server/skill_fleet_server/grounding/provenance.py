"""Where each instruction comes from: what a model claims, checked mechanically.

A claim that an instruction comes from a source counts as verified only when the quoted words are found in that very
excerpt. A claim that cannot be followed up is not believed: the instruction is the model's own.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_server.grounding.excerpts import Excerpt
from skill_fleet_server.grounding.instructions import Instruction

SHOWN_CHARACTERS: Final = 160
"""How much of an instruction, and of a quote, is kept."""
QUOTE_CHARACTERS: Final = 8
"""A shorter quote is found anywhere, and proves nothing."""

_REFERENCE: Final = re.compile(r"(?P<name>.+):(?P<first>\d+)-(?P<last>\d+)")
_TYPOGRAPHY: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


class Claim(Protocol):
    """What a model says of an instruction's origin."""

    @property
    def id(self) -> str:
        """Of the instruction; empty for every one on the line."""
        ...

    @property
    def line(self) -> int:
        """Of the instruction in SKILL.md, counted from 1."""
        ...

    @property
    def origin(self) -> Origin | str:
        """`source`, `answer` or `model`."""
        ...

    @property
    def reference(self) -> str:
        """An excerpt's reference, or a question as the model was shown it."""
        ...

    @property
    def quote(self) -> str:
        """The words of the excerpt or the answer that say so."""
        ...


@dataclass(frozen=True)
class Attribution:
    """The plainest claim."""

    line: int
    origin: Origin | str
    reference: str = ""
    quote: str = ""
    id: str = ""


def verify(
    attributions: Iterable[Claim],
    instructions: Sequence[Instruction],
    excerpts: Sequence[Excerpt],
    answers: Mapping[str, str],
) -> list[Provenance]:
    """One provenance per instruction, in order.

    Args:
        attributions: A model's claims, by line. Those about lines without an instruction are dropped; of several about
            one line the first that can be verified counts, else the first.
        instructions: Of the skill as it is now.
        excerpts: What the writer could cite.
        answers: What the person said, by the question as the model was shown it (its words or its id).
    """
    claims: dict[int | str, list[Claim]] = {}
    known = {instruction.id for instruction in instructions if instruction.id}
    for claim in attributions:
        claims.setdefault(claim.id if claim.id in known else claim.line, []).append(claim)
    ground = _Ground(excerpts, answers)
    found = []
    for instruction in instructions:
        judged = [
            ground.judge(instruction, claim) for claim in claims.get(instruction.id) or claims.get(instruction.line, ())
        ]
        judged.sort(key=lambda each: (not each.verified, each.origin is Origin.MODEL))
        found.append(judged[0] if judged else trace(instruction))
    return found


def origins(provenance: Iterable[Provenance]) -> dict[Origin, int]:
    """How many instructions come from where; every origin is there."""
    counts = dict.fromkeys(Origin, 0)
    for each in provenance:
        counts[each.origin] += 1
    return counts


class _Ground:
    """What can be cited, ready to be searched."""

    def __init__(self, excerpts: Sequence[Excerpt], answers: Mapping[str, str]) -> None:
        self._texts: dict[str, str] = {}
        self._of_source: dict[str, list[Excerpt]] = {}
        for excerpt in excerpts:
            # A line longer than an excerpt is cut into several of the same reference.
            self._texts[excerpt.reference] = self._texts.get(excerpt.reference, "") + excerpt.text
            self._of_source.setdefault(excerpt.source, []).append(excerpt)
        self._answers = answers

    def judge(self, instruction: Instruction, claim: Claim) -> Provenance:
        """The claim as provenance, or the model's own when there is nothing behind it."""
        if claim.origin == Origin.SOURCE:
            return self._source(instruction, claim)
        if claim.origin == Origin.ANSWER and claim.reference in self._answers:
            verified = holds(self._answers[claim.reference], claim.quote)
            return trace(instruction, Origin.ANSWER, claim.reference, claim.quote, verified=verified)
        return trace(instruction)

    def _source(self, instruction: Instruction, claim: Claim) -> Provenance:
        text = self._texts.get(claim.reference)
        if text is None:
            text = self._lines(claim.reference)
        if text is None:
            return trace(instruction)
        verified = holds(text, claim.quote)
        return trace(instruction, Origin.SOURCE, claim.reference, claim.quote, verified=verified)

    def _lines(self, reference: str) -> str | None:
        """The text of a range that is not an excerpt but lies within a source's excerpts."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return None
        first, last = int(match["first"]), int(match["last"])
        inside = [each for each in self._of_source.get(match["name"], ()) if each.first <= last and first <= each.last]
        if first > last or not inside:
            return None
        return "\n".join(each.text for each in inside)


def holds(text: str, quote: str) -> bool:
    """Whether the quoted words are in the text, and are enough of them to prove anything."""
    wanted = _normalised(quote)
    return len(wanted) >= min(QUOTE_CHARACTERS, len(_normalised(text))) > 0 and wanted in _normalised(text)


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).casefold()
    return " ".join(folded.split()).strip(" .…\"'")


def trace(
    instruction: Instruction,
    origin: Origin = Origin.MODEL,
    reference: str = "",
    quote: str = "",
    *,
    verified: bool = False,
) -> Provenance:
    """Provenance of an instruction as it is kept; of nothing but the instruction, the model's own."""
    return Provenance(
        id=instruction.id,
        text=shortened(instruction.text),
        line=instruction.line,
        origin=origin,
        reference=reference,
        quote=shortened(quote),
        verified=verified,
    )


def shortened(text: str) -> str:
    """The text on one line, as much of it as is kept."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"

"""Where instructions come from, in a glyph for the margin and in a sentence. Imports the standard library only."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from skill_fleet_common.skills import Provenance

GLYPHS: Final[Mapping[str, str]] = {"source": "§", "answer": "»", "model": "?", "cut": "✗", "confirmed": "✓"}
"""By origin, or by what a person has decided."""

LEGEND: Final = "§ source  » answer  ? model's own"

_REFERENCE: Final = re.compile(r"(?P<name>.+):(?P<first>\d{1,9})-(?P<last>\d{1,9})", re.DOTALL)
_QUOTED: Final = 60
"""Most characters of a quote that are said."""


class Excerpt(NamedTuple):
    """Lines of a source."""

    name: str
    first: int
    last: int


def by_line(provenance: Iterable["Provenance"]) -> dict[int, list["Provenance"]]:
    """What is known of each line of SKILL.md."""
    lines: dict[int, list[Provenance]] = {}
    for each in provenance:
        lines.setdefault(each.line, []).append(each)
    return lines


def mark(provenance: Sequence["Provenance"], cut: Collection[str] = (), confirmed: Collection[str] = ()) -> str:
    """What is marked of the instructions on one line: of several, that which needs a person's eyes most.

    Args:
        provenance: Of each of them.
        cut: Ids of those that a person wants to cut.
        confirmed: Ids of those that they vouch for, besides what they vouched for before.
    """
    found = {_mark(each, cut, confirmed) for each in provenance}
    return next((name for name in ("model", "cut", "confirmed", "answer") if name in found), "source")


def told(provenance: "Provenance") -> str:
    """Where an instruction comes from, in a sentence."""
    origin = str(provenance.origin)
    glyph, reference = GLYPHS.get(origin, "?"), _one_line(provenance.reference)
    if origin == "source":
        quote = _one_line(provenance.quote)[:_QUOTED]
        how = "word for word" if provenance.verified else "not found there word for word"
        return f"{glyph} {reference}, {how}" + (f": “{quote}”" if quote else "")
    if origin == "answer":
        return f"{glyph} your answer to “{reference}”"
    return f"{glyph} the model's general knowledge" + (", confirmed by a person" if provenance.confirmed else "")


def excerpt(provenance: "Provenance") -> Excerpt | None:
    """The lines of a source that an instruction comes from; `None` if it comes from elsewhere."""
    found = _REFERENCE.fullmatch(provenance.reference) if str(provenance.origin) == "source" else None
    return Excerpt(found["name"], int(found["first"]), int(found["last"])) if found else None


def _mark(provenance: "Provenance", cut: Collection[str], confirmed: Collection[str]) -> str:
    if provenance.id and provenance.id in cut:
        return "cut"
    return "confirmed" if provenance.confirmed or (provenance.id and provenance.id in confirmed) else provenance.origin


def _one_line(text: str) -> str:
    return " ".join(text.split())

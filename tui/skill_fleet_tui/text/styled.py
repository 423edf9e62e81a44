"""Lines of text with named styles: what a view draws, whatever it is about."""

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.style import Style


class Span(NamedTuple):
    """A part of a line that looks different."""

    start: int
    end: int
    style: "str | Style"
    """A name that the view knows, or what is laid over the line's own style; never markup."""


class Line(NamedTuple):
    """One line before it is wrapped."""

    text: str
    style: str = ""
    spans: tuple[Span, ...] = ()
    indent: int = 0
    """Columns before each of its rows."""
    lead: str = ""
    """What stands in those columns on the first row."""
    lead_style: str = "lead"
    """How that looks: a name that the view knows."""


class Piece(NamedTuple):
    """A part of a row that looks the same throughout."""

    text: str
    style: "str | Style"
    over: str
    """What is laid over it: a name that the view knows, or nothing."""


def pieces(line: Line, start: int, end: int, over: Sequence[Span] = ()) -> Iterator[Piece]:
    """A line's text between two columns, cut where its looks change. Spans of each kind are in order, and apart."""
    cuts = sorted({start, end, *_edges(line.spans, start, end), *_edges(over, start, end)})
    for left, right in itertools.pairwise(cuts):
        above = _at(over, left)
        yield Piece(line.text[left:right], _at(line.spans, left), above if isinstance(above, str) else "")


def _edges(spans: Sequence[Span], start: int, end: int) -> Iterator[int]:
    return (edge for span in spans for edge in span[:2] if start < edge < end)


def _at(spans: Sequence[Span], column: int) -> "str | Style":
    return next((span.style for span in spans if span.start <= column < span.end), "")


def outside(spans: Sequence[Span], left: int, right: int) -> list[Span]:
    """What of the spans is not between two columns."""
    before = [Span(span.start, min(span.end, left), span.style) for span in spans if span.start < left]
    after = [Span(max(span.start, right), span.end, span.style) for span in spans if span.end > right]
    return [*before, *after]


def joined(*parts: "tuple[str, str | Style]", style: str = "", indent: int = 0) -> Line:
    """A line made of `(text, style)` parts."""
    spans: list[Span] = []
    at = 0
    for text, name in parts:
        if name and text:
            spans.append(Span(at, at + len(text), name))
        at += len(text)
    return Line("".join(text for text, _ in parts), style, tuple(spans), indent)


def untabbed(text: str) -> str:
    """Text whose width can be counted: tabs are four spaces, other controls are left to `clean`."""
    return text.replace("\t", "    ") if "\t" in text else text

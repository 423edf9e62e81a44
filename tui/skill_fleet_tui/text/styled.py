"""Lines of text with named styles: what a view draws, whatever it is about."""

from typing import NamedTuple


class Span(NamedTuple):
    """A part of a line that looks different."""

    start: int
    end: int
    style: str
    """A name that the view knows, never markup."""


class Line(NamedTuple):
    """One line before it is wrapped."""

    text: str
    style: str = ""
    spans: tuple[Span, ...] = ()
    indent: int = 0
    """Columns before each of its rows."""
    lead: str = ""
    """What stands in those columns on the first row."""


def joined(*parts: tuple[str, str], style: str = "", indent: int = 0) -> Line:
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

"""Markdown source, line by line, coloured cheaply while it is being written.

A line's looks depend on it and on whether a fence is open, so appending never looks back.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from skill_fleet_tui.text.styled import Line, Span, joined, untabbed

if TYPE_CHECKING:
    from rich.style import Style

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"#{1,6}\s")
_MARKER = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
_QUOTE = re.compile(r"\s{0,3}>")
_INLINE = re.compile(
    r"(?P<code>`[^`\n]{1,200}`)|(?P<strong>\*\*[^*\n]{1,200}\*\*)|(?P<link>\[[^\]\n]{1,200}\]\([^)\n]{1,300}\))"
)

_SCANNED = 2_000
"""Characters of a line in which inline marks are looked for."""


class MarkdownSource:
    """Colours lines in order; remembers only the open fence."""

    def __init__(self) -> None:
        self._fence = ""

    def line(self, text: str) -> Line:
        """One line, coloured."""
        text = untabbed(text)
        fence = _FENCE.match(text)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not text[fence.end() :].strip():
                self._fence = ""
                return Line(text, "fence")
            return Line(text, "code")
        if fence:
            self._fence = fence[1]
            return Line(text, "fence")
        if _HEADING.match(text):
            return Line(text, "heading")
        if _QUOTE.match(text):
            return Line(text, "quote")
        spans = [Span(*marker.span(), "marker")] if (marker := _MARKER.match(text)) else []
        spans += [Span(*found.span(), found.lastgroup or "") for found in _INLINE.finditer(text, 0, _SCANNED)]
        return Line(text, "", tuple(spans))


def coloured(text: str) -> list[Line]:
    """A whole document, coloured."""
    source = MarkdownSource()
    return [source.line(line) for line in text.split("\n")]


def prose(text: str) -> list[Line]:
    """A short text for reading, with its marks and blank lines taken off."""
    return [_prose(line) for line in coloured(text) if line.text.strip()]


def _prose(line: Line) -> Line:
    if line.style == "heading":
        return Line(line.text.lstrip("# "), "heading")
    parts: list[tuple[str, str | Style]] = []
    at = 0
    for span in line.spans:
        marked = line.text[span.start : span.end]
        parts.append((line.text[at : span.start], ""))
        bare = marked.strip("*`") if span.style in ("strong", "code") else marked
        parts.append((bare, span.style))
        at = span.end
    parts.append((line.text[at:], ""))
    return joined(*parts, style=line.style)


def split_frontmatter(text: str) -> tuple[list[tuple[str, str]], str]:
    """The frontmatter as names and values (as written), and the body. Without frontmatter: nothing, and all of it."""
    lines = text.split("\n")
    if not lines or lines[0].rstrip() != "---":
        return [], text
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return [], text
    return list(_pairs(lines[1:end])), "\n".join(lines[end + 1 :]).lstrip("\n")


def _unquoted(value: str) -> str:
    quote = value[:1]
    return value[1:-1] if len(value) > 1 and quote in ("'", '"') and value.endswith(quote) else value


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and not name.startswith((" ", "#", "-")):
            yield name.strip(), _unquoted(value.strip())
        elif line.strip():
            yield "", line.strip()

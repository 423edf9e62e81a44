"""Where in a Markdown file a link with `#` may lead: its headings, as code hosts name them, and anchors of its own.

Hosts differ in what they make of punctuation and of spaces side by side, so two anchors that differ only in hyphens
are taken for one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from markdown_it.token import Token

_TAGS: Final = re.compile(r"<[^<>]*>")
_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\s-]")
_BETWEEN: Final = re.compile(r"[\s_-]+")
_NAMED: Final = re.compile(r"""<[^<>]*?\s(?:id|name)\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
_OWN: Final = re.compile(r"\{[^{}]*#([\w:.-]+)[^{}]*\}\s*\Z")
_HTML_HEADING: Final = re.compile(r"<h([1-6])\b[^<>]*>(.{0,300}?)</h\1>", re.IGNORECASE | re.DOTALL)
_NO_HEADING: Final = re.compile(r"(?:top|L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?|:~:.*)?", re.IGNORECASE)


def anchor(text: str) -> str:
    """What a heading, or a link to it, comes down to when hosts are compared."""
    return _BETWEEN.sub("-", _NOT_IN_ANCHORS.sub("", _TAGS.sub("", text)).casefold()).strip("-")


def needs_a_heading(fragment: str) -> bool:
    """Whether what follows `#` names a place in the text, rather than its top, a line, or words to mark."""
    return not _NO_HEADING.fullmatch(fragment) and bool(anchor(fragment))


def anchors(tokens: Sequence[Token]) -> set[str]:
    """All that a link may name in a Markdown text. Of headings of one name the second ends in `-1`, as links do."""
    found: set[str] = set()
    named: Counter[str] = Counter()
    for heading in _headings(tokens):
        if own := _OWN.search(heading):
            found.add(anchor(own[1]))
        key = anchor(heading[: own.start()] if own else heading)
        found.add(f"{key}-{named[key]}" if named[key] else key)
        named[key] += 1
    return found | {anchor(name) for html in _html(tokens) for name in _NAMED.findall(html)}


def _headings(tokens: Sequence[Token]) -> list[str]:
    found = []
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            shown = (child.content for child in token.children or () if child.type in {"text", "code_inline"})
            found.append("".join(shown))
    return found + [heading for html in _html(tokens) for _, heading in _HTML_HEADING.findall(html)]


def _html(tokens: Sequence[Token]) -> list[str]:
    parts = (part for token in tokens for part in (token, *(token.children or ())))
    return [part.content for part in parts if part.type in {"html_block", "html_inline"}]

"""A skill, read leniently: whatever is wrong with it becomes something a rule can point at, never an exception."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from skill_fleet_server.quality.frontmatter import Field, Frontmatter, read_frontmatter

MAIN_FILE: Final = "SKILL.md"

_OPENING: Final = re.compile(r"---[ \t]*\Z")
_CLOSING: Final = re.compile(r"---[ \t]*\Z")
_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Link:
    """A link or an image of a Markdown text."""

    target: str
    line: int
    """In its file, counted from 1."""


@dataclass(frozen=True)
class ParsedSkill:
    """A skill's files and what was understood of SKILL.md."""

    directory: str
    """The name of the skill's directory."""
    files: Mapping[str, str]
    """Text by path, SKILL.md among them unless it is missing."""
    frontmatter: Frontmatter | None
    """`None` when SKILL.md does not begin with one."""
    body: str
    """What follows the frontmatter, with LF line ends."""
    body_line: int
    """The line of SKILL.md on which the body begins, counted from 1."""
    unclosed: bool = False
    """The frontmatter was opened and never closed."""
    _links: dict[str, list[Link]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def text(self) -> str | None:
        """SKILL.md as given; `None` when it is missing."""
        return self.files.get(MAIN_FILE)

    @cached_property
    def tokens(self) -> list[Token]:
        """The body's Markdown tokens. Their `map` counts lines of the body from 0: see `line_of`."""
        return _MARKDOWN.parse(self.body)

    def line_of(self, token: Token) -> int:
        """The line of SKILL.md on which a body token begins."""
        return self.body_line + (token.map[0] if token.map else 0)

    def field(self, name: str) -> Field | None:
        """The first frontmatter field of that name."""
        return self.frontmatter.get(name) if self.frontmatter else None

    def string(self, name: str) -> str | None:
        """The text of a frontmatter field, stripped; `None` when it is missing or not a scalar."""
        found = self.field(name)
        return found.text.strip() if found and found.text is not None else None

    def links(self, path: str = MAIN_FILE) -> list[Link]:
        """The links and images of one of the skill's Markdown files, in order."""
        if path not in self._links:
            tokens, first = (self.tokens, self.body_line) if path == MAIN_FILE else (_parse(self.files[path]), 1)
            self._links[path] = _links(tokens, first)
        return self._links[path]


def parse(files: Mapping[str, str], directory: str) -> ParsedSkill:
    """Read a skill from its files' texts by path and the name of its directory."""
    text = normalise(files.get(MAIN_FILE, ""))
    lines = text.split("\n")
    if not _OPENING.match(lines[0]):
        return ParsedSkill(directory, files, None, text, 1)
    closing = next((number for number, line in enumerate(lines[1:], 1) if _CLOSING.match(line)), None)
    end = len(lines) if closing is None else closing
    frontmatter = read_frontmatter("\n".join(lines[1:end]) + "\n", first_line=2)
    return ParsedSkill(
        directory, files, frontmatter, "\n".join(lines[end + 1 :]), min(end + 2, len(lines)), unclosed=closing is None
    )


def normalise(text: str) -> str:
    """The text without a byte order mark and with LF line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Block:
    """A paragraph of the body, on its own or inside a list item."""

    text: str
    """With a line end where the paragraph has one."""
    line: int
    """Of SKILL.md, counted from 1."""
    in_list: bool
    quoted: bool
    """Inside a block quote."""


def prose_blocks(skill: ParsedSkill) -> list[Block]:
    """The body's running text: paragraphs and list items, without code, tables and headings."""
    found: list[Block] = []
    around: list[str] = []
    for token in skill.tokens:
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
        elif token.type == "inline" and around and around[-1] == "paragraph_open":
            in_list, quoted = "list_item_open" in around, "blockquote_open" in around
            found.append(Block(_plain(token), skill.line_of(token), in_list, quoted))
    return found


def _plain(inline: Token) -> str:
    parts = (
        "\n" if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or []
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    )
    return "".join(parts)


def _parse(text: str) -> list[Token]:
    return _MARKDOWN.parse(normalise(text))


def _links(tokens: list[Token], first_line: int) -> list[Link]:
    links = []
    for token in tokens:
        line = first_line + (token.map[0] if token.map else 0)
        for child in token.children or []:
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type in {"link_open", "image"}:
                target = child.attrGet("href" if child.type == "link_open" else "src")
                links.append(Link(str(target or ""), line))
    return links

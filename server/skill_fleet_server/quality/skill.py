"""A skill, read leniently: whatever is wrong with it becomes something a rule can point at, never an exception."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from skill_fleet_server.quality.frontmatter import Field, Frontmatter, read_frontmatter

MAIN_FILE: Final = "SKILL.md"

PARSED_CHARACTERS: Final = 200_000
"""As much of a text is read as Markdown: ten times what an agent should be given, and about a second's work."""

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
class Other:
    """Something in a skill's directory that is not read as a text."""

    kind: Literal["binary", "large", "link", "link out", "unreadable", "directory", "special"]
    """`link out` leads out of the skill; `directory` and `special` (a device, a pipe) stand where a file should."""
    size: int = 0
    """In bytes."""


@dataclass(frozen=True)
class OnDisk:
    """What is known of a skill that was read from disk, besides its texts."""

    others: Mapping[str, Other] = field(default_factory=dict)
    """By path."""
    executable: frozenset[str] = frozenset()
    """Paths of texts that may be executed."""
    undecodable: Mapping[str, int] = field(default_factory=dict)
    """Line of the first byte that is not UTF-8, by path of a text. The text has U+FFFD there."""
    size: int = 0
    """Of all files, in bytes."""
    incomplete: bool = False
    """There were more files than are read."""


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
    on_disk: OnDisk = field(default_factory=OnDisk)
    _links: dict[str, list[Link]] = field(default_factory=dict, repr=False, compare=False)
    _parsed: dict[str, list[Token]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def text(self) -> str | None:
        """SKILL.md as given; `None` when it is missing."""
        return self.files.get(MAIN_FILE)

    @cached_property
    def tokens(self) -> list[Token]:
        """The body's Markdown tokens. Their `map` counts lines of the body from 0: see `line_of`."""
        return _parse(self.body)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of SKILL.md, without their ends. The first is `lines[0]`."""
        return normalise(self.text or "").split("\n")

    def line(self, number: int) -> str:
        """One line of SKILL.md, counted from 1; empty when there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @property
    def markdown(self) -> list[str]:
        """The paths of the Markdown files, SKILL.md first."""
        return [MAIN_FILE, *sorted(path for path in self.files if path.endswith(".md") and path != MAIN_FILE)]

    def tokens_of(self, path: str) -> tuple[list[Token], int]:
        """A Markdown file's tokens and the line of the file at which they begin to count."""
        if path == MAIN_FILE:
            return self.tokens, self.body_line
        if path not in self._parsed:
            self._parsed[path] = _parse(normalise(self.files[path]))
        return self._parsed[path], 1

    @cached_property
    def prose(self) -> list["Block"]:
        """See `prose_blocks`."""
        return _prose(self)

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
            self._links[path] = _links(*self.tokens_of(path))
        return self._links[path]

    def code(self, path: str = MAIN_FILE) -> Iterator[tuple[str, int]]:
        """The code in one of the skill's Markdown files, in fences and in lines, each with its first line."""
        tokens, first = self.tokens_of(path) if path in self.files else ([], 1)
        for token in tokens:
            line = first + (token.map[0] if token.map else 0)
            if token.type in {"fence", "code_block"}:
                yield token.content, line + (token.type == "fence")
            for child in token.children or ():
                line += child.type in {"softbreak", "hardbreak"}
                if child.type == "code_inline":
                    yield child.content, line


def parse(files: Mapping[str, str], directory: str, on_disk: OnDisk | None = None) -> ParsedSkill:
    """Read a skill from its files' texts by path and the name of its directory."""
    on_disk = on_disk or OnDisk()
    text = normalise(files.get(MAIN_FILE, ""))
    lines = text.split("\n")
    if not _OPENING.match(lines[0]):
        return ParsedSkill(directory, files, None, text, 1, on_disk=on_disk)
    closing = next((number for number, line in enumerate(lines[1:], 1) if _CLOSING.match(line)), None)
    end = len(lines) if closing is None else closing
    frontmatter = read_frontmatter("\n".join(lines[1:end]) + "\n", first_line=2)
    body, body_line = "\n".join(lines[end + 1 :]), min(end + 2, len(lines))
    return ParsedSkill(directory, files, frontmatter, body, body_line, unclosed=closing is None, on_disk=on_disk)


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
    said: str = ""
    """The text without code spans."""


def prose_blocks(skill: ParsedSkill) -> list[Block]:
    """The body's running text: paragraphs and list items, without code, tables and headings."""
    return skill.prose


def _prose(skill: ParsedSkill) -> list[Block]:
    found: list[Block] = []
    around: list[str] = []
    for token in skill.tokens:
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
        elif token.type == "inline" and around and around[-1] == "paragraph_open":
            in_list, quoted = "list_item_open" in around, "blockquote_open" in around
            said = _plain(token, code=False)
            found.append(Block(_plain(token), skill.line_of(token), in_list, quoted, said))
    return found


def _plain(inline: Token, *, code: bool = True) -> str:
    shown = {"text", "code_inline"} if code else {"text"}
    parts = (
        "\n" if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or []
        if child.type in {*shown, "softbreak", "hardbreak"}
    )
    return "".join(parts)


def _parse(text: str) -> list[Token]:
    return _MARKDOWN.parse(text[:PARSED_CHARACTERS])


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

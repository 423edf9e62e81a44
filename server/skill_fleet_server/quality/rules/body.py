"""B: the body's Markdown is whole and ordered, and nothing in it still waits to be written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markdown_it.token import Token

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import DRAFT, Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, prose_blocks

FEWEST_REPEATED_WORDS: Final = 12
"""Shorter paragraphs may well be there twice."""

_PLACEHOLDER: Final = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|\blorem ipsum\b|\[(?:insert|your|add|describe)\b[^\]\n]{0,80}\]|\{\{[^}\n]{0,80}\}\}"
    r"|\breplace with (?:a |the |your )?description\b",
    re.IGNORECASE,
)


@Rule(
    "B05",
    "body",
    Severity.WARNING,
    source="CommonMark: the rest of the file is swallowed as code",
    severities={DRAFT: Severity.ERROR},
    fails=Example(added="```sh\npdftk form.pdf dump_data_fields"),
    passes=Example(added="```sh\npdftk form.pdf dump_data_fields\n```"),
)
def fences_are_closed(skill: ParsedSkill) -> Iterator[Notice]:
    """Every code fence has an end."""
    lines = skill.body.split("\n")
    for token in skill.tokens:
        if token.type == "fence" and not _is_closed(token, lines):
            line = skill.line_of(token)
            yield Notice(
                message="A code fence is never closed.",
                place=Place(line, 1),
                text=token.markup + token.info,
                fix=f"Add a line {token.markup} after the code; fence code that contains fences with one more.",
            )


def _is_closed(token: Token, lines: list[str]) -> bool:
    start, end = token.map or (0, 0)
    last = lines[end - 1] if 0 < end <= len(lines) else ""
    bare = re.sub(r"^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*", "", last).strip()
    return end - start >= 2 and len(bare) >= len(token.markup) and set(bare) == {token.markup[0]}


@Rule(
    "B07",
    "body",
    Severity.WARNING,
    source="authors' guides; 4 % of well-kept public skills have one",
    fails=Example(added="TODO: describe how to flatten."),
    passes=Example(added="Flatten with `pdftk form.pdf output flat.pdf flatten`."),
)
def nothing_is_left_to_write(skill: ParsedSkill) -> Iterator[Notice]:
    """No TODO, lorem ipsum or `[insert …]` outside code."""
    for block in prose_blocks(skill):
        if not _PLACEHOLDER.search(block.said):
            continue
        for offset, part in enumerate(block.said.split("\n")):
            if found := _PLACEHOLDER.search(part):
                fix = "Write it, or leave it out."
                message = f"A placeholder is left: {found.group()}."
                yield Notice(message=message, place=Place(block.line + offset, 1), text=part, fix=fix)


@Rule(
    "B04",
    "body",
    Severity.WARNING,
    source="authors' guides: an outline that can be scanned",
    fails=Example(added="## Gotchas\n\nTwo sections of one name."),
    passes=Example(added="## Other viewers\n\nOne more section."),
)
def headings_are_an_outline(skill: ParsedSkill) -> Iterator[Notice]:
    """One title, which comes first; no level left out; no two sections of one name; none of them empty."""
    found = list(_headings(skill))
    if not found:
        return
    titles = [heading for heading in found if heading.level == 1]
    if not titles or found[0].level != 1:
        yield _about(found[0], "The first heading is not a title.", "Begin the body with one line # Title.")
    for extra in titles[1:]:
        yield _about(extra, "There is more than one title.", "Use ## for sections.")
    seen: set[str] = set()
    for before, heading in pairwise([None, *found]):
        assert heading is not None
        if before and heading.level > before.level + 1:
            yield _about(heading, "A heading level is left out.", f"Use {'#' * (before.level + 1)}.")
        if heading.level <= 2 and heading.text.casefold() in seen:
            yield _about(heading, "Two sections have the same name.", "Join them, or say how they differ.")
        seen.add(heading.text.casefold())
    yield from (_about(each, "The section is empty.", "Write it, or leave it out.") for each in found if each.empty)


@dataclass(frozen=True)
class _Heading:
    text: str
    level: int
    line: int
    empty: bool


def _headings(skill: ParsedSkill) -> Iterator[_Heading]:
    tokens = skill.tokens
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    for at, following in pairwise([*starts, None]):
        assert at is not None
        level = int(tokens[at].tag[1])
        last = following is None and at + 3 >= len(tokens)
        followed = following is not None and following == at + 3 and int(tokens[following].tag[1]) <= level
        yield _Heading(tokens[at + 1].content.strip(), level, skill.line_of(tokens[at]), last or followed)


def _about(heading: _Heading, message: str, fix: str) -> Notice:
    return Notice(message=message, place=Place(heading.line, 1), text=f"{'#' * heading.level} {heading.text}", fix=fix)


_WORD: Final = re.compile(r"\w+")
_DRAWING: Final = re.compile(r"\s*(?:[├└│┌]|\$ |> |\S+/\s*$)")


@Rule(
    "B06",
    "body",
    Severity.INFO,
    source="authors' guides; a third of public skills have one",
    fails=Example(added="```\npdftk form.pdf dump_data_fields\n```"),
    passes=Example(added="```sh\npdftk form.pdf dump_data_fields\n```"),
)
def fences_say_their_language(skill: ParsedSkill) -> Iterator[Notice]:
    """Code fences name a language, unless they show a tree of files or a session."""
    for token in skill.tokens:
        if token.type == "fence" and not token.info.strip() and not _DRAWING.match(token.content):
            first = next(iter(token.content.split("\n")), "")
            fix = f"Write the language after {token.markup}, or text."
            message = "A code fence does not say its language."
            yield Notice(message=message, place=Place(skill.line_of(token), 1), text=first, fix=fix)


_STUB: Final = re.compile(
    r"^\s*(?:pass|\.\.\.|raise NotImplementedError\b.*|(?:#|//)\s*(?:TODO|FIXME)\b.*)\s*$", re.MULTILINE
)


@Rule(
    "B08",
    "body",
    Severity.INFO,
    source="authors' guides: agents copy code as it stands",
    severities={DRAFT: Severity.WARNING},
    fails=Example(added="```python\ndef fill(form):\n    pass\n```"),
    passes=Example(added="```python\ndef fill(form):\n    return form.flatten()\n```"),
)
def code_is_written(skill: ParsedSkill) -> Iterator[Notice]:
    """No bare `pass`, `...`, `NotImplementedError` or `# TODO` in code."""
    for token in skill.tokens:
        if token.type == "fence" and (found := _STUB.search(token.content)):
            line = skill.line_of(token) + 1 + token.content.count("\n", 0, found.start())
            line += found.group()[: len(found.group()) - len(found.group().lstrip())].count("\n")
            fix = "Write the code, or show only the part that matters."
            message = "Code is left to be written."
            yield Notice(message=message, place=Place(line, 1), text=found.group().strip(), fix=fix)


@Rule(
    "B19",
    "body",
    Severity.WARNING,
    source="authors' guides: everything is said once",
    fails=Example(
        added="Check boxes take the name of their state, not true or false: read `FieldStateOption` for the names."
    ),
    passes=Example(added="Radio buttons take the name of the chosen state, too."),
)
def nothing_is_said_twice(skill: ParsedSkill) -> Iterator[Notice]:
    """No paragraph of twelve words or more is there twice in SKILL.md, or there and in another file."""
    seen: dict[frozenset[str], tuple[str, int]] = {}
    for path in skill.markdown if skill.text is not None else []:
        for text, line in _paragraphs(skill, path):
            said = _WORD.findall(text.casefold())
            if len(said) < FEWEST_REPEATED_WORDS:
                continue
            key = frozenset(said)
            if key in seen:
                message = f"This is said before, in line {seen[key][1]} of SKILL.md."
                yield Notice(message=message, place=Place(line, 1), path=path, text=text, fix="Say it once.")
            if path == MAIN_FILE:
                seen.setdefault(key, (path, line))


def _paragraphs(skill: ParsedSkill, path: str) -> Iterator[tuple[str, int]]:
    tokens, first = skill.tokens_of(path)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.type == "inline":
            yield token.content, first + (token.map[0] if token.map else 0)

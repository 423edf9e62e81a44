"""L: what the skill points at is there, inside it, and found from SKILL.md in one step."""

import posixpath
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final
from urllib.parse import unquote

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.anchors import anchor, anchors, needs_a_heading
from skill_fleet_server.quality.engine import DRAFT, Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import MAIN_FILE, PARSED_CHARACTERS, Block, Link, ParsedSkill, prose_blocks

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//")
_WINDOWS: Final = re.compile(r"[a-zA-Z]:[\\/]|\\")
_MENTION: Final = re.compile(r"(?<![\w/.:-])(?:references|scripts|assets)/[\w./-]*\w\.\w{1,8}\b(?![*<{])")
_REFERENCES: Final = "references/"


@Rule(
    "L01",
    "links",
    Severity.WARNING,
    source="specification: file references",
    severities={DRAFT: Severity.ERROR},
    fails=Example(added="Read [the fields](references/fields.md) when a name is unclear, and [the end](#the-end)."),
    passes=Example(
        added="Read [the fields](references/fields.md#fields) when a name is unclear, after [the steps](#steps).",
        files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"},
    ),
)
def link_targets_exist(skill: ParsedSkill) -> Iterator[Notice]:
    """A relative link or image leads to a file of the skill, and with `#` to a heading in it."""
    known: dict[str, set[str]] = {}
    for path in skill.markdown:
        for link in skill.links(path) if path in skill.files else ():
            target = _target(link)
            if target and _escapes(path, target):
                continue
            if target and not _exists(skill, path, target):
                fix = f"Add {target} to the skill, or correct the link."
                message = f"The link leads to {target}, which is not there."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)
            elif notice := _dead_anchor(skill, path, link, known):
                yield notice


def _dead_anchor(skill: ParsedSkill, path: str, link: Link, known: dict[str, set[str]]) -> Notice | None:
    """What is to be said of a link to a heading that its file does not have. `known` keeps what files have."""
    target, fragment = _target(link), unquote(link.target.partition("#")[2])
    file = _resolve(skill, path, target) if target else path
    leads_there = bool(target) or link.target.startswith("#")
    if not leads_there or file not in skill.markdown or not needs_a_heading(fragment):
        return None
    if file not in known:
        known[file] = anchors(skill.tokens_of(file)[0])
    wanted = anchor(fragment)
    if wanted in known[file] or len(skill.files[file]) > PARSED_CHARACTERS:
        return None
    near = get_close_matches(wanted, sorted(known[file]), n=1)
    fix = f"Write #{near[0]}, or add the heading." if near else "Link to a heading that is there, or add this one."
    message = f"The link leads to #{fragment}, and {file} has no such heading."
    return Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


@Rule(
    "L02",
    "links",
    Severity.WARNING,
    source="measured: agents follow paths in the text",
    fails=Example(added="Run `scripts/fill.py`."),
    passes=Example(added="Run `scripts/fill.py`.", files={"scripts/fill.py": "#!/usr/bin/env python3\nprint(1)\n"}),
)
def mentioned_files_exist(skill: ParsedSkill) -> Iterator[Notice]:
    """`scripts/x.py` in the text is a file of the skill."""
    linked = {_target(link) for link in skill.links()}
    seen: set[str] = set()
    lines = skill.body.split("\n") if _MENTION.search(skill.body) else []
    for offset, line in enumerate(lines):
        for found in _MENTION.findall(line):
            if found in seen or found in linked or _exists(skill, MAIN_FILE, found) or ".." in found.split("/"):
                continue
            seen.add(found)
            fix = f"Add {found} to the skill, or leave it out."
            message = f"The text mentions {found}, which is not there."
            yield Notice(message=message, place=Place(skill.body_line + offset, 1), text=line, fix=fix)


@Rule(
    "L03",
    "links",
    Severity.WARNING,
    source="measured: a skill is copied without what is around it",
    fails=Example(added="See [the other skill](../checking-forms/SKILL.md)."),
    passes=Example(added="See [the handbook](https://example.org/forms)."),
)
def links_stay_inside(skill: ParsedSkill) -> Iterator[Notice]:
    """No absolute path, and none that leads out with `..`."""
    for path in skill.markdown:
        for link in skill.links(path):
            target = _target(link)
            if target and _escapes(path, target):
                message = f"The link leads out of the skill: {target}."
                fix = "Bundle the file, or link to it with https://."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


@Rule(
    "L04",
    "links",
    Severity.WARNING,
    source="specification: one level deep from SKILL.md",
    fails=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "See [codes](codes.md).\n", "references/codes.md": "Codes.\n"},
    ),
    passes=Example(
        added="Read references/fields.md when a name is unclear, and references/codes.md for its codes.",
        files={"references/fields.md": "See [codes](codes.md).\n", "references/codes.md": "Codes.\n"},
    ),
)
def references_are_one_level(skill: ParsedSkill) -> Iterator[Notice]:
    """No folders below `references/`, and no reference that only another reference leads to."""
    for path in sorted(skill.files):
        if path.startswith(_REFERENCES) and path.count("/") > 1:
            fix = f"Move it to {_REFERENCES}{posixpath.basename(path)}."
            yield Notice(message="A reference lies in a folder of its own.", path=path, text=path, fix=fix)
    for path in skill.markdown:
        if not path.startswith(_REFERENCES):
            continue
        for link in skill.links(path):
            found = _resolve(skill, path, _target(link))
            if found and found not in {path, MAIN_FILE} and found not in skill.body:
                message = f"Only this reference leads to {found}; agents rarely follow a second step."
                fix = f"Mention {found} in SKILL.md."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


def _target(link: Link) -> str:
    """The path a link names, or nothing when it leads elsewhere (a web page, an anchor)."""
    target = unquote(link.target)
    if _WINDOWS.match(target):
        return target
    if _SCHEME.match(target):
        return ""
    return target.split("#", 1)[0].split("?", 1)[0].strip()


def _escapes(path: str, target: str) -> bool:
    if target.startswith(("/", "~")) or _WINDOWS.match(target):
        return True
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return inside == ".." or inside.startswith("../")


def _exists(skill: ParsedSkill, path: str, target: str) -> bool:
    return _resolve(skill, path, target) is not None


def _resolve(skill: ParsedSkill, path: str, target: str) -> str | None:
    """The file or folder meant, relative to the skill (as the specification says) or to the file that links."""
    if not target:
        return None
    for base in ("", posixpath.dirname(path)):
        found = posixpath.normpath(posixpath.join(base, target))
        known = (*skill.files, *skill.on_disk.others)
        if found in skill.files or found in skill.on_disk.others or found == ".":
            return found
        if any(path.startswith(f"{found}/") for path in known):
            return found
    return None


_AT_FILE: Final = re.compile(r"(?<![\w@/.`])@(?:\.{0,2}/)?[\w./-]+\.(?:md|txt|json|ya?ml)\b")


@Rule(
    "L05",
    "links",
    Severity.WARNING,
    source="authors' guides: agents open what the text mentions",
    fails=Example(files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"}),
    passes=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"},
    ),
)
def bundled_files_are_mentioned(skill: ParsedSkill) -> Iterator[Notice]:
    """Every file in `references/`, `scripts/` and `assets/` is named somewhere else in the skill, or its folder is."""
    if skill.text is None:
        return
    bundled = sorted(path for path in (*skill.files, *skill.on_disk.others) if path.startswith(_BUNDLED))
    said = {MAIN_FILE: skill.body, **{path: text for path, text in skill.files.items() if path.startswith(_BUNDLED)}}
    for path in bundled:
        others = [text for where, text in said.items() if where != path]
        if not any(_mentions(text, path) for text in others):
            fix = "Say in SKILL.md when to use it, or leave it out."
            yield Notice(message=f"Nothing mentions {path}.", path=path, text=path, fix=fix)


_BUNDLED: Final = ("references/", "scripts/", "assets/")


def _mentions(text: str, path: str) -> bool:
    folders = path.split("/")[:-1]
    inner = ["/".join(folders[: depth + 1]) + "/" for depth in range(1, len(folders))]
    stem = posixpath.splitext(posixpath.basename(path))[0]
    module = path.endswith(".py") and re.search(rf"\b(?:import|from)\s+[\w.]*\b{re.escape(stem)}\b", text)
    whole = any(f"{folder}/`" in text or f"{folder}/)" in text or f"{folder}/*" in text for folder in folders[:1])
    return posixpath.basename(path) in text or bool(module) or whole or any(folder in text for folder in inner)


_WHEN: Final = re.compile(
    r"\b(?:if|when(?:ever)?|for|before|after|while|until|unless|to|on|whether|in case|as soon as|needed?)\b",
    re.IGNORECASE,
)


@Rule(
    "L07",
    "links",
    Severity.INFO,
    source="authors' guides: agents read a file when they are told when",
    fails=Example(
        added="More is in references/fields.md.",
        files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"},
    ),
    passes=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"},
    ),
)
def pointers_say_when(skill: ParsedSkill) -> Iterator[Notice]:
    """What SKILL.md says of a reference says when, or for what, to read it."""
    for path in skill.markdown:
        if not path.startswith(_REFERENCES):
            continue
        targets = {link.line for link in skill.links() if _resolve(skill, MAIN_FILE, _target(link)) == path}
        said = [block for block in prose_blocks(skill) if path in block.text or _has_line(block, targets)]
        if said and not any(_WHEN.search(block.text.replace(path, " ")) for block in said):
            fix = f"Write: Read {path} when …"
            message = f"Nothing says when to read {path}."
            yield Notice(message=message, place=Place(said[0].line, 1), text=said[0].text, fix=fix)


def _has_line(block: Block, lines: set[int]) -> bool:
    return any(block.line <= line <= block.line + block.text.count("\n") for line in lines)


LONG_REFERENCE: Final = 100
"""Lines from which a reference needs a table of contents."""
_CONTENTS_LINES: Final = 40


@Rule(
    "L06",
    "links",
    Severity.INFO,
    source="authors' guides; three of four public references have none",
    fails=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "# Fields\n\n" + "A line about a field.\n" * 120},
        caption="a reference of 120 lines without a table of contents",
    ),
    passes=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "# Fields\n\n- [Codes](#codes)\n\n## Codes\n\n" + "A line.\n" * 120},
        caption="one with links to its sections at the top",
    ),
)
def long_references_have_contents(skill: ParsedSkill) -> Iterator[Notice]:
    """A reference of more than 100 lines begins with links to its sections."""
    for path in skill.markdown:
        if not path.startswith(_REFERENCES):
            continue
        lines = skill.files[path].split("\n")
        head = "\n".join(lines[:_CONTENTS_LINES])
        if len(lines) > LONG_REFERENCE and "](#" not in head and not re.search(r"(?i)\bcontents\b", head):
            message = f"The reference has {len(lines)} lines and no table of contents."
            yield Notice(message=message, path=path, place=Place(1, 1), fix="Begin it with links to its sections.")


@Rule(
    "L08",
    "links",
    Severity.WARNING,
    source="authors' guides: @file loads the whole file at once",
    fails=Example(
        added="See @references/fields.md.", files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"}
    ),
    passes=Example(
        added="Read references/fields.md when a name is unclear.",
        files={"references/fields.md": "# Fields\n\nThe names of all fields.\n"},
    ),
)
def no_forced_loading(skill: ParsedSkill) -> Iterator[Notice]:
    """No `@file.md`: some clients load it at once, needed or not."""
    for block in prose_blocks(skill):
        if "@" not in block.text:
            continue
        for offset, line in enumerate(block.text.split("\n")):
            if found := _AT_FILE.search(line):
                fix = f"Write {found.group()[1:]} and say when to read it."
                message = f"{found.group()} makes some clients load the whole file at once."
                yield Notice(message=message, place=Place(block.line + offset, 1), text=line, fix=fix)


_FOR_PEOPLE: Final = re.compile(r"(?:readme|changelog|install(?:ation)?|contributing)(?:\.\w+)?", re.IGNORECASE)


@Rule(
    "L09",
    "links",
    Severity.INFO,
    source="authors' guides: a skill has no readers but agents",
    fails=Example(files={"README.md": "# Read me\n\nHow to install this.\n"}),
    passes=Example(),
)
def nothing_is_for_people_only(skill: ParsedSkill) -> Iterator[Notice]:
    """No README, CHANGELOG or the like inside the skill."""
    for path in sorted(skill.files):
        if _FOR_PEOPLE.fullmatch(path):
            yield Notice(message=f"{path} is for people; agents do not need it.", path=path, fix="Keep it elsewhere.")


@Rule(
    "L10",
    "links",
    Severity.INFO,
    source="a page that anybody on the way can change",
    fails=Example(added="See [the handbook](http://forms.org/handbook)."),
    passes=Example(added="See [the handbook](https://forms.org/handbook)."),
)
def links_are_encrypted(skill: ParsedSkill) -> Iterator[Notice]:
    """Links to the web begin with `https://`, unless they lead to this machine."""
    for path in skill.markdown:
        for link in skill.links(path) if path in skill.files else ():
            if link.target.startswith("http://") and not re.match(
                r"http://(?:localhost|127\.|\[::1|0\.0)", link.target
            ):
                message = "The link is not encrypted."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix="Use https.")

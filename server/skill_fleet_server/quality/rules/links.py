"""L: what the skill points at is there, inside it, and found from SKILL.md in one step."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, rule
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import MAIN_FILE, Link, ParsedSkill

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//")
_WINDOWS: Final = re.compile(r"[a-zA-Z]:[\\/]|\\")
_MENTION: Final = re.compile(r"(?<![\w/.:-])(?:references|scripts|assets)/[\w./-]*\w\.\w{1,8}\b(?![*<{])")
_REFERENCES: Final = "references/"


@rule("L01", "links", Severity.ERROR, source="specification: file references")
def link_targets_exist(skill: ParsedSkill) -> Iterator[Notice]:
    """A relative link or image leads to a file of the skill."""
    for path in _markdown(skill):
        for link in skill.links(path):
            target = _target(link)
            if target and not _escapes(path, target) and not _exists(skill, path, target):
                fix = f"Add {target} to the skill, or correct the link."
                message = f"The link leads to {target}, which is not there."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


@rule("L02", "links", Severity.WARNING, source="measured: agents follow paths in the text")
def mentioned_files_exist(skill: ParsedSkill) -> Iterator[Notice]:
    """`scripts/x.py` in the text is a file of the skill."""
    linked = {_target(link) for link in skill.links()}
    seen: set[str] = set()
    for offset, line in enumerate(skill.body.split("\n")):
        for found in _MENTION.findall(line):
            if found in seen or found in linked or _exists(skill, MAIN_FILE, found) or ".." in found.split("/"):
                continue
            seen.add(found)
            fix = f"Add {found} to the skill, or leave it out."
            message = f"The text mentions {found}, which is not there."
            yield Notice(message=message, place=Place(skill.body_line + offset, 1), text=line, fix=fix)


@rule("L03", "links", Severity.WARNING, source="measured: a skill is copied without what is around it")
def links_stay_inside(skill: ParsedSkill) -> Iterator[Notice]:
    """No absolute path, and none that leads out with `..`."""
    for path in _markdown(skill):
        for link in skill.links(path):
            target = _target(link)
            if target and _escapes(path, target):
                message = f"The link leads out of the skill: {target}."
                fix = "Bundle the file, or link to it with https://."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


@rule("L04", "links", Severity.WARNING, source="specification: one level deep from SKILL.md")
def references_are_one_level(skill: ParsedSkill) -> Iterator[Notice]:
    """No folders below `references/`, and no reference that only another reference leads to."""
    for path in sorted(skill.files):
        if path.startswith(_REFERENCES) and path.count("/") > 1:
            fix = f"Move it to {_REFERENCES}{posixpath.basename(path)}."
            yield Notice(message="A reference lies in a folder of its own.", path=path, text=path, fix=fix)
    for path in _markdown(skill):
        if not path.startswith(_REFERENCES):
            continue
        for link in skill.links(path):
            found = _resolve(skill, path, _target(link))
            if found and found not in {path, MAIN_FILE} and found not in skill.body:
                message = f"Only this reference leads to {found}; agents rarely follow a second step."
                fix = f"Mention {found} in SKILL.md."
                yield Notice(message=message, place=Place(link.line, 1), path=path, text=link.target, fix=fix)


def _markdown(skill: ParsedSkill) -> list[str]:
    return [MAIN_FILE, *sorted(path for path in skill.files if path.endswith(".md") and path != MAIN_FILE)]


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
        if found in skill.files or found == "." or any(known.startswith(f"{found}/") for known in skill.files):
            return found
    return None

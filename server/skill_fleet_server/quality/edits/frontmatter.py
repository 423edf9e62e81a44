"""Fixes of the rules about frontmatter and name."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Final

from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.edits.fields import (
    METADATA,
    Lines,
    TooDeep,
    flattened,
    metadata_lines,
    rewritten,
    strict,
    text_of,
    with_frontmatter,
)
from skill_fleet_server.quality.emission import one_line, quoted, scalar
from skill_fleet_server.quality.frontmatter import CLAUDE_FIELDS, SPECIFIED, Field, Frontmatter, read_frontmatter
from skill_fleet_server.quality.naming import is_strict, slug
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill

_PLAIN_VALUE: Final = re.compile(r"(?P<key>[ ]*[A-Za-z_][\w.-]*:)[ \t]+(?P<value>[^\s\"'|>\[{&*!#].*?)[ \t]*")
_BREAKS_PLAIN: Final = re.compile(r":\s|:$|\s#|^[@`%,?-]|\t")


def _unless_too_deep(fix: Callable[[ParsedSkill], Change | None]) -> Callable[[ParsedSkill], Change | None]:
    @wraps(fix)
    def tried(skill: ParsedSkill) -> Change | None:
        try:
            return fix(skill)
        except TooDeep:
            return None

    return tried


@_unless_too_deep
def make_readable(skill: ParsedSkill) -> Change | None:
    """Blank lines before the frontmatter go, values that break YAML are quoted, a missing name is the directory's."""
    text = skill.text or ""
    frontmatter = skill.frontmatter
    if frontmatter is None:
        stripped = text.removeprefix("\ufeff").lstrip()
        return Change({MAIN_FILE: stripped}) if stripped.startswith("---") and stripped != text else None
    if skill.unclosed:
        return None
    if frontmatter.problem:
        lines = [_quoted_if_needed(line) for line in frontmatter.source.split("\n")[:-1]]
        again = read_frontmatter("\n".join(lines) + "\n", first_line=2)
        return None if again.problem else with_frontmatter(skill, lines)
    if frontmatter.get("name") is None and is_strict(skill.directory):
        return with_frontmatter(skill, [f"name: {scalar(skill.directory)}", *frontmatter.source.split("\n")[:-1]])
    return None


def _quoted_if_needed(line: str) -> str:
    match = _PLAIN_VALUE.fullmatch(line)
    if match and _BREAKS_PLAIN.search(match["value"]):
        return f"{match['key']} {quoted(match['value'])}"
    return line


@_unless_too_deep
def move_unknown_fields(skill: ParsedSkill) -> Change | None:
    """Fields that no client knows become strings under `metadata`."""
    return _move_into_metadata(skill, lambda name: name not in SPECIFIED and name not in CLAUDE_FIELDS)


@_unless_too_deep
def move_claude_fields(skill: ParsedSkill) -> Change | None:
    """Fields that only Claude Code reads become strings under `metadata`."""
    return _move_into_metadata(skill, CLAUDE_FIELDS.__contains__)


def _move_into_metadata(skill: ParsedSkill, wanted: Callable[[str], bool]) -> Change | None:
    frontmatter = _read(skill)
    if frontmatter is None:
        return None
    unknown = [field for field in frontmatter.fields if wanted(field.name)]
    metadata = frontmatter.get(METADATA)
    if not unknown or any(not field.name for field in unknown) or (metadata and metadata.kind == "list"):
        return None
    values = dict(flattened(metadata)) if metadata and metadata.kind == "mapping" else {}
    if metadata and metadata.kind != "mapping" and text_of(metadata):
        values["note"] = text_of(metadata)
    for field in unknown:
        moved = flattened(field, f"{one_line(field.name)}.") if field.fields else [(field.name, text_of(field))]
        for key, value in moved:
            if values.get(key, value) != value:
                return None
            values[key] = value
    replacing: dict[Field, Lines] = dict.fromkeys(unknown, ())
    if metadata is None:
        return rewritten(skill, replacing, metadata_lines(values))
    return rewritten(skill, {**replacing, metadata: metadata_lines(values)})


def _rewrites(name: str) -> Callable[[ParsedSkill], Change | None]:
    @_unless_too_deep
    def fix(skill: ParsedSkill) -> Change | None:
        frontmatter = _read(skill)
        field = frontmatter.get(name) if frontmatter else None
        return rewritten(skill, {field: strict(field)}) if field else None

    fix.__doc__ = f"`{name}` is written again in the strict form."
    return fix


quote_metadata = _rewrites(METADATA)


@_unless_too_deep
def separate_tools_by_spaces(skill: ParsedSkill) -> Change | None:
    """`allowed-tools` becomes one string with spaces between the tools."""
    frontmatter = _read(skill)
    field = frontmatter.get("allowed-tools") if frontmatter else None
    if field is None:
        return None
    tools = " ".join(part.strip() for part in re.split(r",(?![^()]*\))", text_of(field)) if part.strip())
    return rewritten(skill, {field: [f"allowed-tools: {quoted(tools)}"]})


@_unless_too_deep
def write_for_naive_readers(skill: ParsedSkill) -> Change | None:
    """The description on one line in double quotes, and no `---` anywhere before the end of the frontmatter."""
    frontmatter = _read(skill)
    if frontmatter is None:
        return None
    fenced = {number for number, line in enumerate(frontmatter.source.split("\n"), 2) if "---" in line}
    ends = [*(field.place.line for field in frontmatter.fields[1:]), skill.body_line]
    replacing: dict[Field, Lines] = {
        field: strict(field)
        for field, end in zip(frontmatter.fields, ends, strict=True)
        if field.name == "description" or fenced & set(range(field.place.line, end))
    }
    change = rewritten(skill, replacing)
    if change and fenced:
        return _without_dashes_in_comments(change)
    return change


def _without_dashes_in_comments(change: Change) -> Change:
    lines = change.files[MAIN_FILE].split("\n")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    cleaned = [re.sub(r"-{3,}", "-", line) if line.lstrip().startswith("#") else line for line in lines[1:end]]
    return Change({MAIN_FILE: "\n".join([lines[0], *cleaned, *lines[end:]])})


@_unless_too_deep
def write_strict_yaml(skill: ParsedSkill) -> Change | None:
    """Fields with flow collections, anchors or tags are written in block style; a key said twice alike is said once."""
    frontmatter = _read(skill)
    if frontmatter is None or not frontmatter.unusual:
        return None
    replacing: dict[Field, Lines] = {}
    seen: dict[str, Field] = {}
    for field in frontmatter.fields:
        if field.name in seen:
            if text_of(seen[field.name]) != text_of(field):
                return None
            replacing[field] = ()
        else:
            seen[field.name] = field
            replacing[field] = strict(field)
    return rewritten(skill, replacing)


def drop_empty_compatibility(skill: ParsedSkill) -> Change | None:
    """An empty `compatibility` is left out."""
    frontmatter = _read(skill)
    field = frontmatter.get("compatibility") if frontmatter else None
    if field is None or field.text is None or field.text.strip():
        return None
    return rewritten(skill, {field: ()})


def name_like_the_directory(skill: ParsedSkill) -> Change | None:
    """The name becomes the directory's if that is a good one; else both become a good form of the name."""
    frontmatter = _read(skill)
    field = frontmatter.get("name") if frontmatter else None
    if field is None:
        return None
    name = skill.directory if is_strict(skill.directory) else slug(field.text or "") or slug(skill.directory)
    if not name:
        return None
    change = rewritten(skill, {field: [f"name: {scalar(name)}"]})
    if change is None or name == skill.directory:
        return change
    return Change(change.files, directory=name)


def _read(skill: ParsedSkill) -> Frontmatter | None:
    """The frontmatter, if it can be written again."""
    frontmatter = skill.frontmatter
    return None if frontmatter is None or frontmatter.problem or skill.unclosed else frontmatter

"""Writing a name or a category into a SKILL.md, whoever wrote it: one line changes, the rest stays."""

from typing import Final

from skill_fleet_server.quality.frontmatter import Field, Frontmatter
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, normalise, parse

TAXONOMY: Final = "taxonomy"
"""The key of `metadata` that mirrors where a skill is in the library."""


def taxonomy_of(skill: ParsedSkill) -> str:
    """What a skill says of its place; empty when it says nothing."""
    return metadata_of(skill, TAXONOMY)


def metadata_of(skill: ParsedSkill, key: str) -> str:
    """A string of a skill's `metadata`; empty when it has none of that name."""
    metadata = skill.field("metadata")
    found = next((each for each in (metadata.fields if metadata else ()) if each.name == key), None)
    return (found.text or "").strip() if found else ""


def with_taxonomy(text: str, path: str) -> str:
    """The text with the category in its `metadata`; unchanged where that cannot be done without touching more."""
    lines, frontmatter = _read(text)
    if frontmatter is None or not frontmatter.fields:
        return text
    said = f'{TAXONOMY}: "{path}"'
    metadata = frontmatter.get("metadata")
    if metadata is None:
        end = frontmatter.first_line - 1 + frontmatter.source.rstrip("\n").count("\n") + 1
        lines[end:end] = ["metadata:", f"  {said}"]
    elif metadata.kind == "mapping" and metadata.fields and metadata.value.line > metadata.place.line:
        _into(lines, metadata, said)
    made = "\n".join(lines)
    return made if _differs_only(text, made, f"metadata.{TAXONOMY}", path) else text


def with_name(text: str, name: str) -> str | None:
    """The text under another name; `None` where that cannot be done without touching more."""
    lines, frontmatter = _read(text)
    field = frontmatter.get("name") if frontmatter else None
    if field is None:
        return None
    lines[field.place.line - 1 : field.place.line - 1 + _height(field)] = [f"name: {name}"]
    made = "\n".join(lines)
    return made if _differs_only(text, made, "name", name) else None


def _read(text: str) -> tuple[list[str], Frontmatter | None]:
    skill = parse({MAIN_FILE: text}, "")
    readable = skill.frontmatter is not None and not skill.unclosed and skill.frontmatter.problem is None
    return normalise(text).split("\n"), skill.frontmatter if readable else None


def _into(lines: list[str], metadata: Field, said: str) -> None:
    indent = " " * (metadata.fields[0].place.column - 1)
    present = next((field for field in metadata.fields if field.name == TAXONOMY), None)
    at = (present or metadata.fields[0]).place.line - 1
    lines[at : at + (_height(present) if present else 0)] = [f"{indent}{said}"]


def _height(field: Field) -> int:
    return field.value.line - field.place.line + field.lines


def _differs_only(old: str, new: str, key: str, value: str) -> bool:
    """Whether the new text reads as the old one but for that one value."""
    return {**_values(old), key: value} == _values(new)


def _values(text: str) -> dict[str, object]:
    """The body and every value of the frontmatter, those of mappings under dotted keys."""
    skill = parse({MAIN_FILE: text}, "")
    values: dict[str, object] = {"": skill.body}
    for field in skill.frontmatter.fields if skill.frontmatter else ():
        if field.kind == "mapping":
            values |= {f"{field.name}.{each.name}": each.text or (each.kind, each.items) for each in field.fields}
        else:
            values[field.name] = field.text or (field.kind, field.items)
    return values

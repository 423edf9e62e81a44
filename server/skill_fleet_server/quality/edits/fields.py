"""Rewriting single fields of the frontmatter in the strict form, and leaving every other line as it is."""

import re
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.emission import one_line, quoted, scalar
from skill_fleet_server.quality.frontmatter import SPECIFIED, Field
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill

METADATA = "metadata"
TOOLS = "allowed-tools"

Lines = Sequence[str]


def strict(field: Field) -> list[str]:
    """A field in the strict form: one line, or for metadata one line per value.

    Raises:
        TooDeep: If there is more in it than was read, so that writing it again would lose something.
    """
    if field.cut:
        raise TooDeep
    if field.name == METADATA and field.kind == "mapping":
        return metadata_lines(dict(flattened(field)))
    if field.name == "name":
        return [f"name: {scalar(text_of(field))}"]
    return [f"{scalar(field.name)}: {quoted(text_of(field))}"]


def metadata_lines(values: Mapping[str, str]) -> list[str]:
    """The block of these metadata; nothing when there are none."""
    if not values:
        return []
    return [f"{METADATA}:", *(f"  {scalar(key)}: {quoted(value)}" for key, value in values.items())]


def text_of(field: Field) -> str:
    """Everything a field says, on one line."""
    if field.cut:
        raise TooDeep
    if field.kind == "list":
        return (" " if field.name == TOOLS else ", ").join(field.items)
    if field.kind == "mapping":
        return ", ".join(f"{key}: {value}" for key, value in flattened(field))
    return one_line(field.text or "")


def flattened(field: Field, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The values of a mapping as strings; those of an inner one under `outer.inner`."""
    for inner in field.fields:
        key = prefix + one_line(inner.name)
        if inner.kind == "mapping" and inner.fields:
            yield from flattened(inner, f"{key}.")
        else:
            yield key, text_of(inner)


class TooDeep(Exception):
    """A field holds more than was read; only a person can write it again."""


def rewritten(skill: ParsedSkill, replacing: Mapping[Field, Lines], adding: Lines = ()) -> Change | None:
    """SKILL.md with the lines of some fields replaced (by none: removed), and lines added after the last field.

    When fields share a line, or are indented, the whole frontmatter is written again.

    Raises:
        TooDeep: As `strict` does, in that case.
    """
    frontmatter = skill.frontmatter
    if frontmatter is None or frontmatter.problem or skill.unclosed:
        return None
    starts = [field.place.line for field in frontmatter.fields]
    if len(set(starts)) < len(starts) or any(field.place.column > 1 for field in frontmatter.fields):
        body = [line for field in frontmatter.fields for line in replacing.get(field, None) or _again(field, replacing)]
        return with_frontmatter(skill, [*body, *adding])
    lines = frontmatter.source.split("\n")[:-1]
    first = frontmatter.first_line
    ends = [*(start - first for start in starts[1:]), len(lines)]
    written = lines[: starts[0] - first] if starts else lines
    for field, end in zip(frontmatter.fields, ends, strict=True):
        block = lines[field.place.line - first : end]
        if field not in replacing:
            written += block
            continue
        kept = len(block)
        while kept > 1 and (not block[kept - 1].strip() or block[kept - 1].startswith("#")):
            kept -= 1
        written += [*replacing[field], *block[kept:]]
    return with_frontmatter(skill, [*written, *adding])


def _again(field: Field, replacing: Mapping[Field, Lines]) -> Lines:
    return () if field in replacing or field.name not in SPECIFIED else strict(field)


def with_frontmatter(skill: ParsedSkill, lines: Lines) -> Change:
    """SKILL.md with another frontmatter, and its line ends and byte order mark as they were."""
    return Change({MAIN_FILE: like(skill.text or "", "\n".join(["---", *lines, "---", skill.body]))})


def like(original: str, text: str) -> str:
    """The text with the byte order mark and the line ends of another."""
    if re.search(r"\r\n", original):
        text = text.replace("\n", "\r\n")
    return "\ufeff" + text if original.startswith("\ufeff") else text

"""F: the frontmatter is there, is YAML that every client reads, and has the six fields of the specification."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.edits import frontmatter as edits
from skill_fleet_server.quality.edits.texts import CONTROL, clean_characters
from skill_fleet_server.quality.engine import CLIENTS, DRAFT, SPEC, Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import CLAUDE_FIELDS, SPECIFIED, Place
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill

COMPATIBILITY_CHARACTERS: Final = 500
TOOL_NEEDS_SCOPE: Final = "Bash"

_TOP: Final = Place(1, 1)
_IGNORED: Final = dict.fromkeys(CLIENTS, Severity.INFO)


@Rule(
    "F01",
    "frontmatter",
    Severity.ERROR,
    source="specification",
    fix=edits.make_readable,
    fails=Example(frontmatter="name: filling-pdf-forms\ndescription: Fills forms: PDF only. Use when a form comes in."),
    passes=Example(
        frontmatter='name: filling-pdf-forms\ndescription: "Fills forms: PDF only. Use when a form comes in."'
    ),
)
def frontmatter_is_readable(skill: ParsedSkill) -> Iterator[Notice]:
    """SKILL.md exists and begins with closed, readable YAML with a name and a description."""
    frontmatter = skill.frontmatter
    if skill.text is None:
        yield _missing(skill)
    elif frontmatter is None:
        fix = "Begin with a line ---, then name and description, then a line ---."
        yield Notice(message="SKILL.md does not begin with a frontmatter.", place=_TOP, fix=fix)
    elif skill.unclosed:
        fix = "Add a line --- after the last field."
        yield Notice(message="The frontmatter is never closed.", place=_TOP, fix=fix)
    elif problem := frontmatter.problem:
        yield Notice(
            message=f"The frontmatter cannot be read: {problem.message}.",
            place=problem.place,
            text=skill.line(problem.place.line),
            fix="Put values that contain a colon, # or quotes into double quotes.",
        )
    else:
        for name in ("name", "description"):
            if frontmatter.get(name) is None:
                yield Notice(message=f"The field {name} is missing.", place=_TOP, fix=f"Add a line {name}: …")


_WHY_MISSING: Final = {
    "directory": ("SKILL.md is a directory.", "Replace it by a text file."),
    "link out": ("SKILL.md is a link that leads out of the skill.", "Replace it by the file itself."),
    "link": ("SKILL.md is a link.", "Replace it by the file itself: copies and archives lose links."),
    "large": ("SKILL.md is larger than 16 MB and was not read.", "Move its detail into references/."),
}


def _missing(skill: ParsedSkill) -> Notice:
    entry = skill.on_disk.others.get(MAIN_FILE)
    if entry is None:
        other = next((path for path in skill.files if path.casefold() == MAIN_FILE.casefold()), None)
        if other:
            return Notice(message=f"The main file is called {other}.", path=other, fix="Rename it to SKILL.md.")
        return Notice(message="There is no SKILL.md.", fix="Add SKILL.md with a frontmatter and a body.")
    unreadable = ("SKILL.md cannot be read.", "Make it a text file that everybody may read.")
    message, fix = _WHY_MISSING.get(entry.kind, unreadable)
    return Notice(message=message, fix=fix, fixable=False)


@Rule(
    "F02",
    "frontmatter",
    Severity.ERROR,
    source="specification; the reference validator and uploads refuse them",
    severities=_IGNORED,
    fix=edits.move_unknown_fields,
    fails=Example(fields="version: 1.2.0"),
    passes=Example(fields='metadata:\n  version: "1.2.0"'),
)
def fields_are_specified(skill: ParsedSkill) -> Iterator[Notice]:
    """Only the six fields; everything else goes under `metadata`."""
    fields = skill.frontmatter.fields if skill.frontmatter else ()
    for field in fields:
        if field.name not in SPECIFIED and field.name not in CLAUDE_FIELDS:
            yield Notice(
                message=f"The specification has no field {field.name or 'with a structured key'}.",
                place=field.place,
                text=skill.line(field.place.line),
                fix=f"Move it under metadata as a quoted string: metadata: {field.name}.",
            )


@Rule(
    "F09",
    "frontmatter",
    Severity.ERROR,
    source="the reference validator and uploads refuse them",
    profiles=(SPEC, DRAFT, "codex", "vscode", "gemini"),
    severities=_IGNORED,
    fix=edits.move_claude_fields,
    fails=Example(fields="user-invocable: true"),
    passes=Example(fields='metadata:\n  user-invocable: "true"'),
)
def fields_are_for_every_client(skill: ParsedSkill) -> Iterator[Notice]:
    """No fields that only Claude Code reads."""
    for field in skill.frontmatter.fields if skill.frontmatter else ():
        if field.name in CLAUDE_FIELDS:
            yield Notice(
                message=f"Only Claude Code reads the field {field.name}; others ignore it or refuse the skill.",
                place=field.place,
                text=skill.line(field.place.line),
                fix="Validate with --profile claude if it is for Claude Code only; else move it under metadata.",
            )


@Rule(
    "F03",
    "frontmatter",
    Severity.WARNING,
    source="specification: metadata maps strings to strings",
    fix=edits.quote_metadata,
    fails=Example(fields="metadata:\n  version: 1.2"),
    passes=Example(fields='metadata:\n  version: "1.2"'),
)
def metadata_is_strings(skill: ParsedSkill) -> Iterator[Notice]:
    """Metadata is a mapping, and its values are strings for every reader."""
    metadata = skill.field("metadata")
    if metadata is None:
        return
    if metadata.kind != "mapping":
        yield Notice(message="metadata is not a mapping.", place=metadata.value, fix="Write one key: value line each.")
    for field in metadata.fields:
        if field.kind != "string":
            yield Notice(
                message=f"metadata.{field.name} is not a string.",
                place=field.value,
                text=field.text or field.name,
                fix="Put the value into double quotes; join a list with commas.",
            )


@Rule(
    "F04",
    "frontmatter",
    Severity.WARNING,
    source="specification: allowed-tools is one space-separated string",
    fix=edits.separate_tools_by_spaces,
    fails=Example(fields="allowed-tools: Read, Bash(git:*)"),
    passes=Example(fields='allowed-tools: "Read Bash(git:*)"'),
)
def tools_are_one_string(skill: ParsedSkill) -> Iterator[Notice]:
    """`allowed-tools` is a space-separated string, and a shell is scoped."""
    tools = skill.field("allowed-tools")
    if tools is None:
        return
    named = " ".join(tools.items) if tools.kind == "list" else tools.text or ""
    if tools.kind != "string":
        fix = f'Write allowed-tools: "{named}".'
        yield Notice(message="allowed-tools is not a string.", place=tools.value, text=named, fix=fix)
    elif "," in re.sub(r"\([^)]*\)", "", named):
        fix = "Separate the tools with spaces."
        yield Notice(message="allowed-tools is separated by commas.", place=tools.value, text=named, fix=fix)
    if TOOL_NEEDS_SCOPE in re.split(r"[\s,]+", named):
        yield Notice(
            message="Bash without a scope allows every command.",
            place=tools.value,
            text=named,
            fix="Say which commands, such as Bash(git:*).",
            severity=Severity.INFO,
            fixable=False,
        )


@Rule(
    "F05",
    "frontmatter",
    Severity.WARNING,
    source="naive readers of several clients, measured",
    fix=edits.write_for_naive_readers,
    fails=Example(
        frontmatter="name: filling-pdf-forms\ndescription: >-\n  Fills forms.\n  Use when a <form> comes in."
    ),
    passes=Example(frontmatter='name: filling-pdf-forms\ndescription: "Fills forms. Use when a form comes in."'),
)
def values_survive_naive_readers(skill: ParsedSkill) -> Iterator[Notice]:
    """One-line description, no `---` inside, no angle brackets, no tabs, nothing lost after an unquoted `#`."""
    if skill.frontmatter and (found := _inner_fence(skill.frontmatter.source)):
        line, column = found
        yield Notice(
            message="--- inside the frontmatter: some readers cut it there.",
            place=Place(skill.frontmatter.first_line + line, column + 1),
            text=skill.frontmatter.source.split("\n")[line],
            fix="Write a dash instead of ---.",
            severity=Severity.ERROR,
        )
    description = skill.field("description")
    if description is None or description.text is None:
        return
    if description.lines > 1 or description.style in {"|", ">"}:
        fix = "Write it on one line in double quotes."
        yield Notice(message="The description is written over several lines.", place=description.value, fix=fix)
    if not description.style and (lost := re.search(r"\s(#.*)", skill.line(description.value.line))):
        yield Notice(
            message=f"YAML takes “{lost[1][:40]}” for a comment: no client reads it.",
            place=Place(description.value.line, lost.start(1) + 1),
            text=skill.line(description.value.line),
            fix="Put the whole description into double quotes, or delete what follows #.",
            fixable=False,
        )
    for character, called in (("<", "<"), (">", ">"), ("\t", "a tab")):
        if character in description.text:
            fix = "Leave it out."
            message = f"The description contains {called}, which uploads refuse."
            yield Notice(message=message, place=description.value, text=description.text, fix=fix)
            break


@Rule(
    "F06",
    "frontmatter",
    Severity.ERROR,
    source="measured on the reference validator and strict YAML readers",
    fix=clean_characters,
    fails=Example(added="A bell \x07 rings.", caption="A bell ␇ rings."),
    passes=Example(added="A bell rings."),
)
def text_is_clean(skill: ParsedSkill) -> Iterator[Notice]:
    """UTF-8 without a byte order mark, no control characters, LF line ends."""
    for path, line in skill.on_disk.undecodable.items():
        severity = None if path == MAIN_FILE else Severity.WARNING
        yield Notice(
            message="The file is not UTF-8.", place=Place(line, 1), path=path, severity=severity, fixable=False,
            fix="Save it as UTF-8.",
        )  # fmt: skip
    for path, text in skill.files.items():
        if path.endswith((".md", ".py", ".sh")):
            yield from _line_ends(path, text)
        if control := _first_control(text):
            message = f"There is a character U+{ord(control.group()):04X}, which is not text."
            severity = None if path == MAIN_FILE else Severity.WARNING
            place = _place(text, control.start())
            yield Notice(message=message, place=place, path=path, fix="Remove it.", severity=severity)


def _line_ends(path: str, text: str) -> Iterator[Notice]:
    if text.startswith("\ufeff"):
        message = "The file begins with a byte order mark"
        message += ", and some readers then see no frontmatter." if path == MAIN_FILE else "."
        severity = None if path == MAIN_FILE else Severity.WARNING
        yield Notice(message=message, place=_TOP, path=path, fix="Save it as UTF-8 without BOM.", severity=severity)
    if (at := text.find("\r")) >= 0:
        message = "Lines end in CR LF."
        fix = "Save it with LF line ends."
        yield Notice(message=message, place=_place(text, at), path=path, fix=fix, severity=Severity.WARNING)


@Rule(
    "F07",
    "frontmatter",
    Severity.ERROR,
    source="the reference validator reads strict YAML only",
    severities=_IGNORED,
    fix=edits.write_strict_yaml,
    fails=Example(fields="metadata: {author: someone}"),
    passes=Example(fields='metadata:\n  author: "someone"'),
)
def yaml_is_strict(skill: ParsedSkill) -> Iterator[Notice]:
    """Block style only, every key once: no `[…]`, `{…}`, anchors, aliases or tags."""
    for problem in skill.frontmatter.unusual if skill.frontmatter else ():
        yield Notice(
            message=f"The frontmatter contains {problem.message}, which strict readers refuse.",
            place=problem.place,
            text=skill.line(problem.place.line),
            fix="Put text into double quotes; write every key once, and collections one entry per line.",
        )


@Rule(
    "F08",
    "frontmatter",
    Severity.ERROR,
    source="specification: compatibility has 1 to 500 characters",
    fix=edits.drop_empty_compatibility,
    fails=Example(fields='compatibility: ""'),
    passes=Example(fields='compatibility: "Needs pdftk."'),
)
def compatibility_is_short_text(skill: ParsedSkill) -> Iterator[Notice]:
    """`compatibility` is a string within its limit."""
    field = skill.field("compatibility")
    if field is None:
        return
    if field.text is None:
        yield Notice(
            message="compatibility is not a string.", place=field.value, fix="Write one sentence.", fixable=False
        )
    elif not field.text.strip():
        yield Notice(message="compatibility is empty.", place=field.value, fix="Leave the field out.")
    elif len(field.text) > COMPATIBILITY_CHARACTERS:
        length = f"{len(field.text):,} characters; at most {COMPATIBILITY_CHARACTERS} are allowed"
        yield Notice(
            message=f"compatibility has {length}.", place=field.value, text=field.text, fix="Shorten it.", fixable=False
        )


def _inner_fence(source: str) -> tuple[int, int] | None:
    for number, line in enumerate(source.split("\n")):
        if (column := line.find("---")) >= 0:
            return number, column
    return None


def _first_control(text: str) -> re.Match[str] | None:
    return next((m for m in CONTROL.finditer(text) if unicodedata.category(m.group()) in {"Cc", "Cs", "Cn"}), None)


def _place(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))

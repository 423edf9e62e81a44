"""N: the name is one every client takes, equals the directory's, and says something."""

import unicodedata
from collections.abc import Iterator

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.edits.frontmatter import name_like_the_directory
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.naming import (
    NAME_CHARACTERS,
    RESERVED,
    VAGUE_NAMES,
    VAGUE_PARTS,
    is_lenient,
    is_strict,
    slug,
)
from skill_fleet_server.quality.skill import ParsedSkill
from skill_fleet_server.quality.verbs import names_a_doing


@Rule(
    "N01",
    "naming",
    Severity.ERROR,
    source="specification: name",
    fix=name_like_the_directory,
    fails=Example(name="Filling PDF Forms"),
    passes=Example(name="filling-pdf-forms"),
)
def name_is_valid(skill: ParsedSkill) -> Iterator[Notice]:
    """1–64 lower-case letters, digits and single hyphens, equal to the directory's name."""
    field = skill.field("name")
    if field is None:
        return
    if field.kind != "string" and field.text:
        fix = f'Write name: "{field.text}".' if field.text else "Write one word or several joined by hyphens."
        yield Notice(message="Readers take the name for something other than text.", place=field.value, fix=fix)
        return
    name = (field.text or "").strip()
    for message, fix in _problems(name):
        yield Notice(message=message, place=field.value, text=name, fix=fix)
    if name and is_lenient(name) and not is_strict(name):
        yield Notice(
            message="The name has letters beyond a–z, which some clients refuse.",
            place=field.value,
            text=name,
            fix="Use a–z, 0–9 and hyphens.",
            severity=Severity.WARNING,
        )
    if name and unicodedata.normalize("NFKC", skill.directory) != unicodedata.normalize("NFKC", name):
        message = f"The name differs from its directory's, {skill.directory}."
        yield Notice(message=message, place=field.value, text=name, fix=_right_name(skill.directory, name))


def _right_name(directory: str, name: str) -> str:
    if not is_strict(directory):
        return f"Name the directory {name if is_strict(name) else slug(name) or 'as the skill'}."
    return f"Write name: {directory}" + (f", or rename the directory to {name}." if is_strict(name) else ".")


def _problems(name: str) -> Iterator[tuple[str, str]]:
    if not name:
        yield "The name is empty.", "Write one to four words joined by hyphens."
        return
    if len(name) > NAME_CHARACTERS:
        yield f"The name has {len(name)} characters; at most {NAME_CHARACTERS} are allowed.", "Shorten it."
    if name != name.lower():
        yield "The name has capital letters.", f"Write {slug(name) or name.lower()}."
    if name.startswith("-") or name.endswith("-") or "--" in name:
        yield "The name has a hyphen at an end, or two in a row.", "Put single hyphens between words."
    if not all(character.isalnum() or character == "-" for character in name):
        yield "The name has characters other than letters, digits and hyphens.", "Join words with hyphens."


@Rule(
    "N02",
    "naming",
    Severity.WARNING,
    source="platform documentation: reserved words",
    fails=Example(name="claude-pdf-forms", directory="claude-pdf-forms"),
    passes=Example(name="pdf-forms", directory="pdf-forms"),
)
def name_is_not_reserved(skill: ParsedSkill) -> Iterator[Notice]:
    """No vendor's reserved word inside the name."""
    name = skill.string("name") or ""
    for word in RESERVED:
        if word in name.casefold():
            yield Notice(
                message=f"The name contains {word}, which its vendor's platform refuses.",
                place=_place_of(skill),
                text=name,
                fix=f"Leave {word} out.",
            )


@Rule(
    "N03",
    "naming",
    Severity.WARNING,
    source="authors' guides: vague names",
    fails=Example(name="pdf-utils", directory="pdf-utils"),
    passes=Example(name="filling-pdf-forms"),
)
def name_says_something(skill: ParsedSkill) -> Iterator[Notice]:
    """Not `utils`, `helper`, `data` and the like."""
    name = skill.string("name") or ""
    if name in VAGUE_NAMES or VAGUE_PARTS & set(name.split("-")):
        fix = "Name what it does, such as processing-invoices."
        yield Notice(message="The name is vague.", place=_place_of(skill), text=name, fix=fix)


@Rule(
    "N04",
    "naming",
    Severity.INFO,
    source="authors' guides; nine of ten public names are things all the same",
    fails=Example(name="pdf-forms", directory="pdf-forms"),
    passes=Example(name="filling-pdf-forms"),
)
def name_is_something_done(skill: ParsedSkill) -> Iterator[Notice]:
    """The name begins with a verb or has one ending in -ing. Never held against a skill."""
    name = skill.string("name") or ""
    if is_strict(name) and not names_a_doing(name):
        fix = "Say what is done, such as filling-forms or fill-forms, if that is as short."
        yield Notice(
            message="The name is of a thing, not of something done.", place=_place_of(skill), text=name, fix=fix
        )


def _place_of(skill: ParsedSkill) -> Place | None:
    field = skill.field("name")
    return field.value if field else None

"""R: the verdict of the reference validator (skills-ref 0.1.1), without running it.

It cuts at the first two `---` wherever they are, reads strict YAML (every scalar a string), and checks four fields.
Tested differentially against the real one; what differs on purpose is in `INTENDED_DIFFERENCES`.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import SKILLS_REF, Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import (
    LARGEST,
    MOST_LINES,
    SPECIFIED,
    Field,
    Frontmatter,
    Place,
    read_frontmatter,
)
from skill_fleet_server.quality.naming import NAME_CHARACTERS
from skill_fleet_server.quality.rules.description import LONGEST
from skill_fleet_server.quality.rules.frontmatter import COMPATIBILITY_CHARACTERS
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill

INTENDED_DIFFERENCES: Final = {
    "the directory is named as .": "It sees an empty name and refuses; we look up what . is called.",
    "SKILL.md is a link": "It reads what the link leads to, wherever that is; we follow no link.",
    "SKILL.md has more than 16 MB": "It reads it; we do not.",
    f"the frontmatter has more than {LARGEST:,} characters": "It reads it; we do not.",
    f"the frontmatter has more than {MOST_LINES:,} lines": "It reads it; we do not.",
}
"""Where our verdict differs on purpose, and why. Where the reference crashes (SKILL.md is a directory, is not UTF-8,
has characters that YAML does not allow), we say what is wrong; both refuse the skill."""


@Rule(
    "R01",
    "reference",
    Severity.ERROR,
    source="skills-ref 0.1.1",
    profiles=[SKILLS_REF],
    fails=Example(fields="metadata: {}"),
    passes=Example(fields='metadata:\n  author: "someone"'),
)
def passes_the_reference_validator(skill: ParsedSkill) -> Iterator[Notice]:
    """What the reference validator would say, in our words."""
    main = MAIN_FILE if MAIN_FILE in {*skill.files, *skill.on_disk.others} else "skill.md"
    text = skill.files.get(main)
    if text is None:
        there = main in skill.on_disk.others
        yield Notice(message="SKILL.md cannot be read as a text file." if there else "There is no SKILL.md.")
        return
    if main in skill.on_disk.undecodable:
        yield Notice(message="SKILL.md is not UTF-8.", place=Place(skill.on_disk.undecodable[main], 1), path=main)
        return
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("---", 2)
    if not text.startswith("---"):
        yield Notice(message="SKILL.md does not begin with ---.", place=_TOP, path=main)
    elif len(parts) < 3:
        yield Notice(message="The frontmatter is never closed with ---.", place=_TOP, path=main)
    else:
        frontmatter = read_frontmatter(parts[1], first_line=1)
        problems = list(_unreadable(frontmatter)) or list(_field_problems(frontmatter, skill.directory))
        yield from (Notice(message=message, place=place, path=main) for message, place in problems)


_TOP: Final = Place(1, 1)
_Problem = tuple[str, Place]


def _unreadable(frontmatter: Frontmatter) -> Iterator[_Problem]:
    if problem := frontmatter.problem:
        yield f"The frontmatter cannot be read: {problem.message}.", problem.place
    for problem in frontmatter.unusual:
        yield f"The frontmatter contains {problem.message}, which strict readers refuse.", problem.place


def _field_problems(frontmatter: Frontmatter, directory: str) -> Iterator[_Problem]:
    for field in frontmatter.fields:
        if field.name not in SPECIFIED:
            yield f"There is a field {field.name}, which the specification does not have.", field.place
    name, description = frontmatter.get("name"), frontmatter.get("description")
    if name is None:
        yield "The field name is missing.", _TOP
    else:
        yield from ((message, name.value) for message in _name_problems(name, directory))
    if description is None:
        yield "The field description is missing.", _TOP
    elif not (description.text or "").strip():
        yield "The description is not text, or empty.", description.value
    elif len(description.text or "") > LONGEST:
        yield f"The description has more than {LONGEST:,} characters.", description.value
    compatibility = frontmatter.get("compatibility")
    if compatibility and (compatibility.text is None or len(compatibility.text) > COMPATIBILITY_CHARACTERS):
        yield f"compatibility is not a string of at most {COMPATIBILITY_CHARACTERS} characters.", compatibility.value


def _name_problems(field: Field, directory: str) -> Iterator[str]:
    name = unicodedata.normalize("NFKC", (field.text or "").strip())
    if not name:
        yield "The name is not text, or empty."
        return
    if len(name) > NAME_CHARACTERS:
        yield f"The name has more than {NAME_CHARACTERS} characters."
    if name != name.lower():
        yield "The name has capital letters."
    if name.startswith("-") or name.endswith("-") or "--" in name:
        yield "The name has a hyphen at an end, or two in a row."
    if not all(character.isalnum() or character == "-" for character in name):
        yield "The name has characters other than letters, digits and hyphens."
    if unicodedata.normalize("NFKC", directory) != name:
        yield "The name differs from its directory's."

"""R: the verdict of the reference validator (skills-ref 0.1.1), without running it.

It cuts at the first two `---` wherever they are, reads strict YAML (every scalar a string), and checks four fields.
Tested differentially against the real one; what differs on purpose is listed beside that test.
"""

import unicodedata
from collections.abc import Iterator

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import SKILLS_REF, Notice, rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import SPECIFIED, Field, Frontmatter, read_frontmatter
from skill_fleet_server.quality.naming import NAME_CHARACTERS
from skill_fleet_server.quality.rules.description import LONGEST
from skill_fleet_server.quality.rules.frontmatter import COMPATIBILITY_CHARACTERS
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill


@rule(
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
    text = skill.files.get(MAIN_FILE, skill.files.get("skill.md"))
    if text is None:
        yield Notice(message="There is no SKILL.md.")
        return
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("---", 2)
    if not text.startswith("---"):
        yield Notice(message="SKILL.md does not begin with ---.")
    elif len(parts) < 3:
        yield Notice(message="The frontmatter is never closed with ---.")
    else:
        frontmatter = read_frontmatter(parts[1], first_line=1)
        problems = list(_unreadable(frontmatter)) or list(_field_problems(frontmatter, skill.directory))
        yield from (Notice(message=message) for message in problems)


def _unreadable(frontmatter: Frontmatter) -> Iterator[str]:
    if frontmatter.problem:
        yield f"The frontmatter cannot be read: {frontmatter.problem.message}."
    for problem in frontmatter.unusual:
        yield f"The frontmatter contains {problem.message}, which strict readers refuse."


def _field_problems(frontmatter: Frontmatter, directory: str) -> Iterator[str]:
    for field in frontmatter.fields:
        if field.name not in SPECIFIED:
            yield f"There is a field {field.name}, which the specification does not have."
    name, description = frontmatter.get("name"), frontmatter.get("description")
    yield from _name_problems(name, directory) if name else ["The field name is missing."]
    if description is None:
        yield "The field description is missing."
    elif not (description.text or "").strip():
        yield "The description is not text, or empty."
    elif len(description.text or "") > LONGEST:
        yield f"The description has more than {LONGEST:,} characters."
    compatibility = frontmatter.get("compatibility")
    if compatibility and (compatibility.text is None or len(compatibility.text) > COMPATIBILITY_CHARACTERS):
        yield f"compatibility is not a string of at most {COMPATIBILITY_CHARACTERS} characters."


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

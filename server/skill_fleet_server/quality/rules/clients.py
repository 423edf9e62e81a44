"""C: what each client would make of the skill: an error keeps it from loading there, a warning changes it.

From the clients' sources (Codex, VS Code, Gemini CLI) and from Claude Code's documentation and issues, as read in 2026.
"""

import re
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Frontmatter, Place
from skill_fleet_server.quality.naming import NAME_CHARACTERS, is_strict
from skill_fleet_server.quality.rules.description import LONGEST
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill

CLAUDE_LISTED: Final = 1_536
"""Characters of description and `when_to_use` that Claude Code lists."""

_TAGS: Final = re.compile(r"<[^<>]*>")
_HOSTILE: Final = re.compile(r"[/\\:*?\"<>|\s]")
_TOP: Final = Place(1, 1)
_DEFAULT: Final = Example()
_NO_DESCRIPTION: Final = Example(frontmatter="name: filling-pdf-forms")


@Rule(
    "C01", "clients", Severity.ERROR, source="Claude Code: documentation and issues", profiles=["claude"],
    fails=Example(frontmatter="name: filling-pdf-forms\ndescription: Fills: forms"), passes=_DEFAULT,
)  # fmt: skip
def claude_loads_it(skill: ParsedSkill) -> Iterator[Notice]:
    """Claude Code loads it: there is a SKILL.md, and its frontmatter can be read."""
    yield from _main_file(skill)
    if skill.frontmatter is None and skill.text is not None:
        yield _changed("It has no frontmatter: the directory's name and the first paragraph stand in.")
    frontmatter, problems = _readable(skill)
    yield from problems
    if frontmatter is None:
        return
    name, description = skill.string("name"), skill.string("description")
    if name != skill.directory:
        yield _changed(f"The command is /{skill.directory}, after the directory.")
    if not description:
        yield _changed("It has no description: the first paragraph is listed instead.")
    listed = len(description or "") + len(skill.string("when_to_use") or "")
    if listed > CLAUDE_LISTED:
        yield _changed(f"Only the first {CLAUDE_LISTED:,} of {listed:,} characters are listed.")


@Rule(
    "C02", "clients", Severity.ERROR, source="Codex: source", profiles=["codex"],
    fails=_NO_DESCRIPTION, passes=_DEFAULT,
)  # fmt: skip
def codex_loads_it(skill: ParsedSkill) -> Iterator[Notice]:
    """Codex loads it: readable YAML, a description of 1 to 1,024 characters, a name of at most 64."""
    yield from _main_file(skill)
    yield from _needs_frontmatter(skill)
    frontmatter, problems = _readable(skill)
    yield from problems
    if frontmatter is None:
        return
    name, description = skill.string("name"), " ".join((skill.string("description") or "").split())
    if not name:
        yield _changed(f"It is called {skill.directory}, after the directory.")
    elif len(name) > NAME_CHARACTERS:
        yield Notice(message=f"Its name has more than {NAME_CHARACTERS} characters.", place=_value(skill, "name"))
    if not description:
        yield Notice(message="It has no description.", place=_value(skill, "description"))
    elif len(description) > LONGEST:
        yield Notice(
            message=f"Its description has more than {LONGEST:,} characters.", place=_value(skill, "description")
        )
    for problem in frontmatter.unusual:
        if "twice" in problem.message:
            yield Notice(message=f"It has {problem.message}.", place=problem.place)


@Rule(
    "C03", "clients", Severity.ERROR, source="VS Code: source", profiles=["vscode"],
    fails=_NO_DESCRIPTION, passes=_DEFAULT,
)  # fmt: skip
def vscode_loads_it(skill: ParsedSkill) -> Iterator[Notice]:
    """VS Code loads it: a description is there."""
    yield from _main_file(skill)
    yield from _needs_frontmatter(skill)
    frontmatter, problems = _readable(skill)
    yield from problems
    if frontmatter is None:
        return
    name, description = skill.string("name") or "", skill.string("description") or ""
    if not description:
        yield Notice(message="It has no description.", place=_value(skill, "description"))
    if not name:
        yield _changed("It has no name: some versions leave it out, others name it after its directory.")
    elif name != skill.directory:
        yield _changed(f"It is called {skill.directory}, after the directory.")
    for field, text, most in (("name", name, NAME_CHARACTERS), ("description", description, LONGEST)):
        if _TAGS.search(text):
            yield _changed(f"Tags are taken out of its {field}.", _value(skill, field))
        if len(text) > most:
            yield _changed(f"Its {field} is cut after {most:,} characters.", _value(skill, field))


@Rule(
    "C04", "clients", Severity.ERROR, source="Gemini CLI: source", profiles=["gemini"],
    fails=Example(frontmatter='description: "Fills forms. Use when a form comes in."'), passes=_DEFAULT,
)  # fmt: skip
def gemini_loads_it(skill: ParsedSkill) -> Iterator[Notice]:
    """Gemini CLI loads it: a name and a description are there, if need be in broken YAML."""
    yield from _main_file(skill)
    yield from _needs_frontmatter(skill)
    frontmatter = skill.frontmatter
    if frontmatter is None or skill.unclosed:
        yield from _readable(skill)[1]
        return
    name, description = skill.string("name"), skill.string("description")
    if frontmatter.problem:
        name, description = _naive(frontmatter, "name"), _naive(frontmatter, "description")
        if name and description:
            yield _changed("Its YAML is broken: name and description are taken from their lines as they stand.")
    for field, text in (("name", name), ("description", description)):
        if not text:
            yield Notice(message=f"It has no {field}.", place=_value(skill, field))
    if name and not is_strict(name) and _HOSTILE.search(name):
        yield _changed(f"It is called {_HOSTILE.sub('-', name)}.", _value(skill, "name"))


def _naive(frontmatter: Frontmatter, field: str) -> str:
    found = re.search(rf"^{field}:[ \t]*(\S.*)$", frontmatter.source, re.MULTILINE)
    return found[1].strip() if found else ""


def _main_file(skill: ParsedSkill) -> Iterator[Notice]:
    if skill.text is None:
        yield Notice(message="It has no SKILL.md that can be read.")
    elif MAIN_FILE in skill.on_disk.undecodable:
        yield _changed("Characters that are not UTF-8 are lost.", Place(skill.on_disk.undecodable[MAIN_FILE], 1))
    elif skill.text.startswith("\ufeff"):
        yield _changed("It begins with a byte order mark: a version that does not expect one sees no frontmatter.")


def _needs_frontmatter(skill: ParsedSkill) -> Iterator[Notice]:
    if skill.text is not None and skill.frontmatter is None:
        yield Notice(message="It has no frontmatter.", place=_TOP)


def _readable(skill: ParsedSkill) -> tuple[Frontmatter | None, list[Notice]]:
    frontmatter = skill.frontmatter
    if frontmatter is None:
        return None, []
    if skill.unclosed:
        return None, [Notice(message="Its frontmatter is never closed.", place=_TOP)]
    if problem := frontmatter.problem:
        said = Notice(message=f"Its YAML cannot be read: {problem.message}.", place=problem.place)
        return None, [said]
    return frontmatter, []


def _changed(message: str, place: Place | None = _TOP) -> Notice:
    return Notice(message=message, place=place, severity=Severity.WARNING)


def _value(skill: ParsedSkill, field: str) -> Place:
    found = skill.field(field)
    return found.value if found else _TOP

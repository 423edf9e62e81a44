"""A skill's plan as text that a person edits, and back. Pure; `prompts` checks edits with it.

    name: release-notes
    description: Writes release notes. Use when …

    # Outline
    ## When to use
    - a point

    # Files
    - references/style.md: how we write

    # Examples
    # It works when

What a person does not decide here (the category, overlaps) stays as it was.
"""

import re
from typing import Final

from skill_fleet_common.skills import PlannedFile, PlannedSection, SkillPlan

PLAN: Final = "plan"
"""What an edited plan is called among the `edits` of an answer."""

_OUTLINE, _FILES, _EXAMPLES, _CRITERIA = "outline", "files", "examples", "it works when"
_PARTS: Final = (_OUTLINE, _FILES, _EXAMPLES, _CRITERIA)
_FIELDS: Final = ("name", "description")
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME_CHARACTERS: Final = 64
_DESCRIPTION_CHARACTERS: Final = 1_024
_PATH: Final = re.compile(r"(?:references|scripts|assets)(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+")


class PlanTextInvalid(ValueError):
    """The text is no plan; the message names the line and says what is expected there."""


def plan_text(plan: SkillPlan) -> str:
    """The plan as text."""
    lines = [f"name: {_line(plan.name)}", f"description: {_line(plan.description)}", "", "# Outline"]
    for section in plan.outline:
        lines += [f"## {_line(section.heading)}", *(f"- {_line(point)}" for point in section.points)]
    lines += ["", "# Files", *(f"- {_line(file.path)}: {_line(file.purpose)}" for file in plan.files)]
    lines += ["", "# Examples", *(f"- {_line(example)}" for example in plan.examples)]
    lines += ["", "# It works when", *(f"- {_line(criterion)}" for criterion in plan.success_criteria)]
    return "\n".join(lines) + "\n"


def read_plan(text: str, plan: SkillPlan) -> SkillPlan:
    """The plan that a text says, as a change of `plan`.

    Raises:
        PlanTextInvalid: With the line that cannot be read, and what would do.
    """
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.read(line.strip())
        except PlanTextInvalid as invalid:
            raise PlanTextInvalid(f"Line {number}: {invalid}") from None
    changes = reader.changes()
    if plan.extends and changes["name"] != plan.name:
        raise PlanTextInvalid(f"The skill extends {plan.name} and keeps its name.")
    return plan.model_copy(update=changes)


class _Reader:
    """Goes through the lines, and knows in which part it is."""

    def __init__(self) -> None:
        self._part = ""
        self._fields: dict[str, str] = {}
        self._outline: list[PlannedSection] = []
        self._files: list[PlannedFile] = []
        self._items: dict[str, list[str]] = {_EXAMPLES: [], _CRITERIA: []}

    def read(self, line: str) -> None:
        if not line:
            return
        if line.startswith("## "):
            self._heading(line[3:].strip())
        elif line.startswith("# "):
            self._part = line[2:].strip().casefold()
            if self._part not in _PARTS:
                raise PlanTextInvalid("there is no such part; the parts are Outline, Files, Examples, It works when.")
        elif line.startswith("- "):
            self._item(line[2:].strip())
        elif not self._part:
            self._field(line)
        else:
            raise PlanTextInvalid("begin it with “- ”, or with “## ” for a heading of the outline.")

    def changes(self) -> dict[str, object]:
        missing = [name for name in _FIELDS if not self._fields.get(name)]
        if missing:
            raise PlanTextInvalid(f"A plan needs a {missing[0]}: begin with “{missing[0]}: …”.")
        return {
            **self._fields,
            "outline": self._outline,
            "files": self._files,
            "examples": self._items[_EXAMPLES],
            "success_criteria": self._items[_CRITERIA],
        }

    def _heading(self, heading: str) -> None:
        if self._part != _OUTLINE:
            raise PlanTextInvalid("headings belong to the part “# Outline”.")
        self._outline.append(PlannedSection(heading=heading))

    def _item(self, item: str) -> None:
        if self._part == _OUTLINE:
            if not self._outline:
                raise PlanTextInvalid("a point of the outline stands below a heading, “## …”.")
            self._outline[-1].points.append(item)
        elif self._part == _FILES:
            self._files.append(_file(item))
        elif self._part:
            self._items[self._part].append(item)
        else:
            raise PlanTextInvalid("it stands before the first part, “# Outline”.")

    def _field(self, line: str) -> None:
        name, colon, value = line.partition(":")
        name, value = name.strip().casefold(), value.strip()
        if not colon or name not in _FIELDS:
            raise PlanTextInvalid("here only “name: …” and “description: …” are understood.")
        if name == "name" and (not _NAME.fullmatch(value) or len(value) > _NAME_CHARACTERS):
            raise PlanTextInvalid(f"a name is of a-z, 0-9 and single hyphens, at most {_NAME_CHARACTERS} characters.")
        if len(value) > _DESCRIPTION_CHARACTERS:
            raise PlanTextInvalid(f"a description has at most {_DESCRIPTION_CHARACTERS:,} characters.")
        self._fields[name] = value


def _file(item: str) -> PlannedFile:
    path, colon, purpose = item.partition(":")
    if not colon or not purpose.strip():
        raise PlanTextInvalid("a file is “path: what it is for”.")
    if not _PATH.fullmatch(path.strip()):
        raise PlanTextInvalid("a file is in references/, scripts/ or assets/, such as references/style.md.")
    return PlannedFile(path=path.strip(), purpose=purpose.strip())


def _line(text: str) -> str:
    return " ".join(text.split())

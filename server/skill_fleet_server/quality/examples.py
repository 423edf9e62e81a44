"""Examples of what a rule refuses and accepts: part of each rule's registration, its tests, and its documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from skill_fleet_server.quality.skill import MAIN_FILE, OnDisk, ParsedSkill, parse

NAME: Final = "filling-pdf-forms"
DESCRIPTION: Final = (
    "Fills, checks and flattens PDF forms with pdftk. Use when the user has a PDF with form fields, or asks to "
    "complete an application form."
)
BODY: Final = """\
# Filling PDF forms

Fills the fields of a PDF form from a list of values. Without the checks below, viewers show empty fields.

## When to use

- The user hands over a PDF with form fields and the values that belong into them.
- Not for scanned paper: there are no fields in it, so ask for the original file first.

## Steps

1. List the fields with `pdftk form.pdf dump_data_fields` and show their names to the user.
2. Write the values into a file of the FDF format, one field per line, and keep a copy of it.
3. Fill the form, then flatten it so that no viewer can change the values any more.

## Example

The form `leave.pdf` has the field `days`. For five days of leave the FDF file says `/T (days) /V (5)`.

## Gotchas

- Check boxes take the name of their state, not true or false: read `FieldStateOption` for the names.
- Some viewers draw nothing until the appearance is made: open the result in two viewers before sending it.

## Check the result

- [ ] The number of filled fields is the number of values, and no field is cut off at its right edge.
"""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A good skill, but for what is given here."""

    text: str | None = None
    """All of SKILL.md."""
    frontmatter: str | None = None
    """All between the two `---` lines."""
    name: str = NAME
    description: str = DESCRIPTION
    fields: str = ""
    """Lines after name and description."""
    body: str | None = None
    added: str = ""
    """After the usual body."""
    files: Mapping[str, str] = field(default_factory=dict)
    on_disk: OnDisk = field(default_factory=OnDisk)
    directory: str = NAME
    without_main_file: bool = False
    caption: str = ""
    """For the documentation, when the given parts would not show it."""

    def skill(self) -> ParsedSkill:
        """The whole skill."""
        main = {} if self.without_main_file else {MAIN_FILE: self.main_file()}
        return parse({**main, **self.files}, self.directory, self.on_disk)

    def main_file(self) -> str:
        """The text of SKILL.md."""
        if self.text is not None:
            return self.text
        frontmatter = self.frontmatter
        if frontmatter is None:
            frontmatter = f'name: {self.name}\ndescription: "{self.description}"' + (
                f"\n{self.fields}" if self.fields else ""
            )
        body = BODY if self.body is None else self.body
        return f"---\n{frontmatter}\n---\n\n{body}" + (f"\n{self.added}\n" if self.added else "")

    def shown(self) -> str:
        """What is particular about it, for the documentation; empty when nothing is."""
        if self.caption:
            return self.caption
        parts = [part for part in (self.text, self.frontmatter, self.fields, self.body, self.added) if part]
        if self.name != NAME:
            parts.append(f"name: {self.name}")
        if self.description != DESCRIPTION:
            parts.append(f'description: "{self.description}"')
        parts += [f"{path}:\n{text}" for path, text in self.files.items()]
        return "\n\n".join(parts)

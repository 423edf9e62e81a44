"""Skills to check, with one thing about them changed."""

from collections.abc import Mapping

from skill_fleet_common.skills import Finding
from skill_fleet_server.quality import check

DESCRIPTION = (
    "Fills, checks and flattens PDF forms with a small script. Use when the user has a PDF with form fields, or asks "
    "to complete one."
)

BODY = """\
# Filling PDF forms

Fills the fields of a PDF form from a list of values. Without the checks below, viewers show empty fields.

## When to use

- The user hands over a PDF with form fields and the values that belong into them.
- Not for scanned paper: there are no fields in it, so ask for the original file first.

## Steps

1. List the fields with `pdftk form.pdf dump_data_fields` and show their names to the user.
2. Write the values into a file of the FDF format, one field per line, and keep a copy of it.
3. Fill the form, then flatten it so that no viewer can change the values any more.

## Gotchas

- Check boxes take the name of their state, not true or false: read `FieldStateOption` for the names.
- Some viewers draw nothing until the appearance is made: open the result in two viewers before sending it.

## Check the result

- [ ] The number of filled fields is the number of values, and no field is cut off at its right edge.
"""


def skill_text(frontmatter: str, body: str = BODY) -> str:
    return f"---\n{frontmatter}\n---\n\n{body}"


def frontmatter(name: str = "pdf-forms", description: str = DESCRIPTION, extra: str = "") -> str:
    return f'name: {name}\ndescription: "{description}"' + (f"\n{extra}" if extra else "")


def good(body: str = BODY, extra: str = "", description: str = DESCRIPTION) -> str:
    return skill_text(frontmatter(description=description, extra=extra), body)


def found(
    text: str, *rules: str, files: Mapping[str, str] | None = None, directory: str = "pdf-forms", profile: str = "spec"
) -> list[Finding]:
    """What is found in a skill of this text, of these rules only when any are named."""
    findings = check({"SKILL.md": text, **(files or {})}, directory, profile=profile)
    return [finding for finding in findings if not rules or finding.rule in rules]

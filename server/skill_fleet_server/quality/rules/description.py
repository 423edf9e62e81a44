"""D: the description says what the skill does and when to use it, in a length that clients show."""

import re
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, rule
from skill_fleet_server.quality.frontmatter import Field
from skill_fleet_server.quality.ranking import words
from skill_fleet_server.quality.skill import ParsedSkill

LONGEST: Final = 1024
"""Characters; more is an error."""
LONG: Final = 500
"""Characters; 17 % of well-kept public skills have more."""
SHORT: Final = 100
"""Characters; 4 % of well-kept public skills have fewer."""
TOO_SHORT: Final = 50

_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`|(?<!\w)'[^']*'(?!\w)")
_CUE: Final = re.compile(
    r"\b(?:(?:use|used|using|useful|invoke[ds]?|trigger(?:s|ed)?|appl(?:y|ies)|activate[ds]?|call(?:ed)?|run|load|read)"
    r"\b[^.]{0,60}?\b(?:when|whenever|if|for|before|after|while|to|on|during)\b|when(?:ever)?\s+\w+|if\s+(?:the|a|you)\b)",
    re.IGNORECASE,
)
_FIRST_PERSON: Final = re.compile(r"\b(?:I|I'm|I'll|me|my|we|we'll|our|us)\b(?!/)")
_SECOND_PERSON_START: Final = re.compile(r"you (?:can|will|should|may)\b", re.IGNORECASE)


@rule("D01", "description", Severity.WARNING, source="specification: when to use it")
def says_when(skill: ParsedSkill) -> Iterator[Notice]:
    """There is a cue such as "Use when …"."""
    for field, text in _description(skill):
        if not _CUE.search(text):
            fix = "Add a sentence “Use when …” with the words people type."
            yield Notice(message="The description does not say when to use it.", place=field.value, text=text, fix=fix)


@rule("D02", "description", Severity.WARNING, source="specification: what it does")
def says_what(skill: ParsedSkill) -> Iterator[Notice]:
    """More than the name said again, and something besides the cue."""
    for field, text in _description(skill):
        said = set(words(text))
        name = set(words((skill.string("name") or "").replace("-", " ")))
        if len(said - name) < 3:
            fix = "Say what the skill does, in a verb and its object."
            yield Notice(message="The description says little beyond the name.", place=field.value, text=text, fix=fix)


@rule("D03", "description", Severity.WARNING, source="specification: at most 1,024 characters; measured lengths")
def length_fits(skill: ParsedSkill) -> Iterator[Notice]:
    """Not empty, at most 1,024 characters, best between 100 and 500."""
    field = skill.field("description")
    if field is None:
        return
    if field.text is None:
        message, fix = "The description is not text.", "Write one or two sentences in double quotes."
        yield Notice(message=message, place=field.value, fix=fix, severity=Severity.ERROR)
        return
    if field.kind != "string":
        message, fix = "Readers take the description for something other than text.", "Put it into double quotes."
        yield Notice(message=message, place=field.value, text=field.text, fix=fix, severity=Severity.ERROR)
    if found := _length_problem(field.text):
        severity, message, fix = found
        yield Notice(message=message, place=field.value, text=field.text, fix=fix, severity=severity)


def _length_problem(text: str) -> tuple[Severity, str, str] | None:
    # A block scalar's last line end counts: the reference validator does not strip before it counts.
    length = len(text)
    if not text.strip():
        return Severity.ERROR, "The description is empty.", "Say what the skill does and when to use it."
    if length > LONGEST:
        return Severity.ERROR, f"The description has {length:,} characters; at most {LONGEST:,} are allowed.", "Cut it."
    if length < TOO_SHORT:
        return Severity.WARNING, f"The description has only {length} characters.", "Say what it does and when."
    if length < SHORT:
        return Severity.INFO, f"The description is short: {length} characters.", "Add the words people type."
    if length > LONG:
        return Severity.INFO, f"The description is long: {length} characters.", "Clients shorten lists from the end."
    return None


@rule("D04", "description", Severity.WARNING, source="authors' guides: third person or imperative")
def speaks_of_the_skill(skill: ParsedSkill) -> Iterator[Notice]:
    """No first person, no "You can …"; what people say in quotes does not count."""
    for field, text in _description(skill):
        own_words = _QUOTED.sub(" ", text)
        if found := _FIRST_PERSON.search(own_words) or _SECOND_PERSON_START.match(own_words.lstrip()):
            yield Notice(
                message=f"The description speaks in the person of “{found.group()}”.",
                place=field.value,
                text=text,
                fix="Write in the third person or the imperative.",
            )


def _description(skill: ParsedSkill) -> Iterator[tuple[Field, str]]:
    field = skill.field("description")
    if field and field.text and field.text.strip():
        yield field, field.text.strip()

"""D: the description says what the skill does and when to use it, in a length that clients show."""

import re
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Field
from skill_fleet_server.quality.ranking import STOP_WORDS, words
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


@Rule(
    "D01",
    "description",
    Severity.WARNING,
    source="specification: when to use it",
    fails=Example(
        description="Fills, checks and flattens PDF forms with pdftk, so that every viewer shows all of the values."
    ),
    passes=Example(
        description="Fills and flattens PDF forms with pdftk. Use when the user has a PDF with form fields to complete."
    ),
)
def says_when(skill: ParsedSkill) -> Iterator[Notice]:
    """There is a cue such as "Use when …"."""
    for field, text in _description(skill):
        if not _CUE.search(text):
            fix = "Add a sentence “Use when …” with the words people type."
            yield Notice(message="The description does not say when to use it.", place=field.value, text=text, fix=fix)


@Rule(
    "D02",
    "description",
    Severity.WARNING,
    source="specification: what it does",
    fails=Example(description="Filling PDF forms. Use when filling PDF forms."),
    passes=Example(
        description="Fills, checks and flattens PDF forms with pdftk. Use when somebody has form fields to complete."
    ),
)
def says_what(skill: ParsedSkill) -> Iterator[Notice]:
    """More than the name said again, and something besides the cue."""
    for field, text in _description(skill):
        said = set(words(text))
        name = set(words((skill.string("name") or "").replace("-", " ")))
        if len(said - name) < 3:
            fix = "Say what the skill does, in a verb and its object."
            yield Notice(message="The description says little beyond the name.", place=field.value, text=text, fix=fix)


@Rule(
    "D03",
    "description",
    Severity.WARNING,
    source="specification: at most 1,024 characters; measured lengths",
    fails=Example(description=""),
    passes=Example(),
)
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


@Rule(
    "D04",
    "description",
    Severity.WARNING,
    source="authors' guides: third person or imperative",
    fails=Example(
        description="I can fill PDF forms for you with pdftk. Use when you have a PDF with form fields to complete."
    ),
    passes=Example(
        description="Fills PDF forms with pdftk. Use when the user says “fill this in for me” about a PDF with fields."
    ),
)
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


_GENERIC: Final = frozenset(
    """skill task tasks help helps thing things stuff work works working various many several different best practice
    practices good better improve efficient effectively powerful comprehensive user users use used when asks ask asked
    something anything general common related relevant support supports provide provides guide guides handle handles
    manage manages process processes data information content""".split()  # noqa: SIM905 a list would fill a screen
)
_FLOW: Final = re.compile(
    r"→|->|=>|\bstep\s+\d|\bfirst\b.{3,120}\b(?:then|finally)\b|\bthen\b.{3,80}\bthen\b", re.IGNORECASE
)
_TERM: Final = re.compile(r"[^\W\d_][\w.+#-]{2,}")
FEWEST_TERMS: Final = 3


@Rule(
    "D06",
    "description",
    Severity.INFO,
    source="authors' guides: agents follow a summary instead of the body",
    fails=Example(
        description="First reads the form, then lists its fields, finally fills them. Use when a PDF form comes."
    ),
    passes=Example(
        description="Fills and flattens PDF forms with pdftk. Use when the user has a PDF with form fields."
    ),
)
def leaves_the_steps_to_the_body(skill: ParsedSkill) -> Iterator[Notice]:
    """No workflow in the description: an agent may follow it and never read the body."""
    for field, text in _description(skill):
        if found := _FLOW.search(_QUOTED.sub(" ", text)):
            yield Notice(
                message="The description tells the steps.",
                place=field.value,
                text=found.group(),
                fix="Say what comes out and when to use it; keep the steps in the body.",
            )


@Rule(
    "D07",
    "description",
    Severity.WARNING,
    source="specification: keywords that help agents find it",
    fails=Example(
        description="Helps users work on various tasks effectively. Use when the user asks for help with a task."
    ),
    passes=Example(
        description="Fills, checks and flattens PDF forms with pdftk. Use when an application form comes in."
    ),
)
def names_something(skill: ParsedSkill) -> Iterator[Notice]:
    """At least three words that are particular: tools, file types, what people say."""
    for field, text in _description(skill):
        terms = {term.casefold().strip(".-") for term in _TERM.findall(text)}
        if len(terms - _GENERIC - STOP_WORDS) < FEWEST_TERMS and text.isascii():
            yield Notice(
                message="The description names nothing particular, so nothing leads to it.",
                place=field.value,
                text=text,
                fix="Name the tools, file types and words that people type.",
            )


def _description(skill: ParsedSkill) -> Iterator[tuple[Field, str]]:
    field = skill.field("description")
    if field and field.text and field.text.strip():
        yield field, field.text.strip()

"""A skill's name and description: what would not pass the specification, and a proposal that does."""

import re
import unicodedata
from typing import Final

from skill_fleet_common.prompts import FieldFix
from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.emission import one_line
from skill_fleet_server.quality.engine import SPEC, rules
from skill_fleet_server.quality.frontmatter import Field, Frontmatter, Place
from skill_fleet_server.quality.naming import NAME_CHARACTERS, RESERVED, VAGUE_NAMES, is_strict
from skill_fleet_server.quality.skill import ParsedSkill

DESCRIPTION_CHARACTERS: Final = 1024
"""Longest description."""

SUGGESTED_WORDS: Final = 4
"""A name proposed from a sentence has at most this many words."""

FALLBACK_NAME: Final = "new-skill"

_FILLERS: Final = frozenset(
    """a an and are as at be by can create creates creating for from generate help helps how i in into is it make me my
    of on or our please skill skills so that the their this to use used uses using want we when which with you
    your""".split()  # noqa: SIM905 a list would fill a screen
)
_WHEN: Final = re.compile(r"\b(?:when(?:ever)?|if|before|after|while)\b", re.IGNORECASE)
_FIELD_OF_FAMILY: Final = {"naming": "name", "description": "description"}


def suggest_name(text: str) -> str:
    """A name that passes the specification, made of anything: a wrong name, a title, a sentence."""
    if is_strict(text) and not any(word in text for word in RESERVED):
        return text
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    ascii_text = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().casefold().replace("'", "")
    words = [word for word in re.findall(r"[a-z0-9]+", ascii_text) if not any(part in word for part in RESERVED)]
    if len(words) > SUGGESTED_WORDS:
        words = ([word for word in words if word not in _FILLERS] or words)[:SUGGESTED_WORDS]
    name = "-".join(words)[:NAME_CHARACTERS].strip("-")
    if not name or name in VAGUE_NAMES:
        return f"{name}-{FALLBACK_NAME}" if name and name != "skill" else FALLBACK_NAME
    return name


def suggest_description(text: str) -> str:
    """A description that passes the specification, made of anything: cleaned, cut at a sentence, never empty.

    When it does not say when to use the skill, a general sentence that does is added.
    """
    description = _cut(one_line(text), DESCRIPTION_CHARACTERS)
    if not description:
        return "Guides a task step by step. Use when the user asks for this task."
    if _WHEN.search(description):
        return description
    when = "Use when the user asks for this."
    what = _cut(description, DESCRIPTION_CHARACTERS - len(when) - 2).rstrip(" .!?…")
    return f"{what}. {when}" if what else when


def check_identity(name: str, description: str) -> list[FieldFix]:
    """The fields on which a client would break, each with what is wrong and a suggestion that passes.

    The directory is taken to be named like the skill.
    """
    by_field: dict[str, list[str]] = {"name": [], "description": []}
    for field, finding in _errors(name, description):
        by_field[field].append(finding.message)
    fixes = []
    if by_field["name"]:
        suggestion = suggest_name(name) if name.strip() else suggest_name(description)
        fixes.append(FieldFix(field="name", current=name, problems=by_field["name"], suggestion=suggestion))
    if by_field["description"]:
        suggestion = suggest_description(description)
        problems = by_field["description"]
        fixes.append(FieldFix(field="description", current=description, problems=problems, suggestion=suggestion))
    return fixes


def _errors(name: str, description: str) -> list[tuple[str, Finding]]:
    skill = _bare(name, description)
    return [
        (_FIELD_OF_FAMILY[rule.family], finding)
        for rule in rules(SPEC)
        if rule.family in _FIELD_OF_FAMILY
        for finding in rule.findings(skill)
        if finding.severity is Severity.ERROR
    ]


def _bare(name: str, description: str) -> ParsedSkill:
    """A skill that is nothing but these two fields, written without fault."""
    fields = tuple(
        Field(field, Place(line, 1), Place(line, len(field) + 3), "string", text, '"')
        for line, (field, text) in enumerate((("name", name), ("description", description)), 2)
    )
    return ParsedSkill(name.strip(), {}, Frontmatter("", 2, fields), "", 5)


def _cut(text: str, limit: int) -> str:
    """The text, or as many whole sentences (else words) of it as fit."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    sentence = max(head.rfind(end) for end in (". ", "! ", "? "))
    if sentence > limit // 2:
        return head[: sentence + 1]
    space = head.rfind(" ", 0, limit - 1)
    return head[: space if space > limit // 2 else limit - 1].rstrip(" ,;:-") + "…"

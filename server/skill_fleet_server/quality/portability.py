"""The portability matrix: the same skill, one row per client, with what each would do with it and why."""

from dataclasses import dataclass
from enum import StrEnum

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.engine import rules
from skill_fleet_server.quality.profiles import CLIENTS, MATRIX
from skill_fleet_server.quality.skill import ParsedSkill


class Outcome(StrEnum):
    """What becomes of a skill in a client."""

    LOADS = "loads"
    CHANGED = "loads with changes"
    """Another name, a shortened description, or the like: the reasons say what."""
    REFUSED = "does not load"
    """For `spec` and `skills-ref`: is not valid."""


@dataclass(frozen=True)
class Row:
    """One client's row."""

    profile: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    """Sentences, the worst first."""


def portability(skill: ParsedSkill) -> list[Row]:
    """A row for each profile of `MATRIX`, in that order."""
    return [_row(profile, skill) for profile in MATRIX]


def _row(profile: str, skill: ParsedSkill) -> Row:
    families = {"clients"} if profile in CLIENTS else {"frontmatter", "naming", "description", "reference"}
    found = [finding for rule in rules(profile) if rule.family in families for finding in rule.findings(skill, profile)]
    errors = _messages(found, Severity.ERROR)
    if errors:
        return Row(profile, Outcome.REFUSED, errors)
    changes = _messages(found, Severity.WARNING) if profile in CLIENTS else ()
    return Row(profile, Outcome.CHANGED if changes else Outcome.LOADS, changes)


def _messages(found: list[Finding], severity: Severity) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.message for finding in found if finding.severity is severity))

"""Rules that judge one skill, and the check that runs them.

A rule is a function from a parsed skill to what it noticed, decorated with a `Rule` in the module of its family
under `rules/`. It says what is wrong and where; its id, severity, source, examples and fix stand in the decorator.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.profiles import CLIENTS, DRAFT, SKILLS_REF, SPEC
from skill_fleet_server.quality.registry import SEVERITIES, Notice, Registered, rules_of
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, parse

__all__ = ["CLIENTS", "DRAFT", "SKILLS_REF", "SPEC", "Fix", "Notice", "Rule", "check", "check_skill", "rules"]

NOTICES: Final = 50
"""Most findings of one rule in one skill; more would bury the others."""

_log = logging.getLogger(__name__)

Judge = Callable[[ParsedSkill], Iterable[Notice]]
Fix = Callable[[ParsedSkill], Change | None]
"""What would put right what a rule noticed, or `None` when only a person can."""


@dataclass(frozen=True, kw_only=True)
class Rule(Registered[Judge]):
    """A rule about one skill."""

    fix: Fix | None = None
    fails: Example | None = None
    passes: Example | None = None

    @property
    def can_fix(self) -> bool:
        """Whether it comes with a fix."""
        return self.fix is not None

    def findings(self, skill: ParsedSkill, profile: str = SPEC) -> list[Finding]:
        """What the rule notices. A rule that fails says so as a finding: one bad rule must not hide the others."""
        found: list[Finding] = []
        try:
            for notice in self.judge(skill):
                if len(found) == NOTICES:
                    found.append(self._more(profile))
                    break
                found.append(self.finding(notice, profile))
        except Exception:
            _log.exception("rule %s failed", self.id)
            return [Finding(rule=self.id, severity=Severity.WARNING, message="This rule could not read the skill.")]
        return found

    def _more(self, profile: str) -> Finding:
        message = f"There is more of this: only the first {NOTICES} are listed."
        return Finding(rule=self.id, severity=self.severity_in(profile), message=message)


def rules(profile: str = SPEC) -> list[Rule]:
    """The rules of a profile that judge one skill, by id.

    Raises:
        ValueError: If there is no such profile.
    """
    return rules_of(Rule, profile)


def check(files: Mapping[str, str], directory: str, *, profile: str = SPEC) -> list[Finding]:
    """What a profile's rules notice about a skill, worst first, then in reading order.

    Args:
        files: The skill's texts by path.
        directory: The name of its directory, which its name must equal.
        profile: One of `profiles.PROFILES`.
    """
    return check_skill(parse(files, directory), profile)


def check_skill(skill: ParsedSkill, profile: str = SPEC) -> list[Finding]:
    """The same for a skill that was read already."""
    found = [finding for each in rules(profile) for finding in each.findings(skill, profile)]
    return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[int, bool, str, int, int, str]:
    place = (finding.line or 0, finding.column or 0)
    return (SEVERITIES.index(finding.severity), finding.path != MAIN_FILE, finding.path, *place, finding.rule)

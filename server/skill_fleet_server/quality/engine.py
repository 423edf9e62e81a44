"""The rule registry and the check that runs it.

A rule is a function from a parsed skill to what it noticed, registered with `@rule` in the module of its family
under `rules/`. It says what is wrong and where; its id, severity and source stand in the decorator.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, parse

SPEC: Final = "spec"
"""The specification as written, plus what makes a skill good."""
SKILLS_REF: Final = "skills-ref"
"""The verdict of the reference validator."""

FAMILIES: Final = ("frontmatter", "naming", "description", "body", "size", "links", "reference")
"""The modules of `rules/`."""

SHOWN_CHARACTERS: Final = 120
"""How much of an offending text a finding carries."""

_SEVERITIES: Final = list(Severity)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a rule noticed, before the registry puts its name to it."""

    message: str
    place: Place | None = None
    path: str = MAIN_FILE
    text: str = ""
    fix: str = ""
    severity: Severity | None = None
    """Only when it differs from the rule's own."""


Judge = Callable[[ParsedSkill], Iterable[Notice]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A registered rule."""

    id: str
    family: str
    severity: Severity
    source: str
    """Who says so: the specification, a client, a measured corpus."""
    profiles: frozenset[str]
    judge: Judge

    def findings(self, skill: ParsedSkill) -> list[Finding]:
        """What the rule notices. A rule that fails says so as a finding: one bad rule must not hide the others."""
        try:
            return [self._finding(notice) for notice in self.judge(skill)]
        except Exception:
            _log.exception("rule %s failed", self.id)
            return [Finding(rule=self.id, severity=Severity.WARNING, message="This rule could not read the skill.")]

    def _finding(self, notice: Notice) -> Finding:
        return Finding(
            rule=self.id,
            severity=notice.severity or self.severity,
            message=notice.message,
            path=notice.path,
            line=notice.place.line if notice.place else None,
            column=notice.place.column if notice.place else None,
            text=_shortened(notice.text),
            fix=notice.fix,
        )


_RULES: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002 what a rule's id is called everywhere
    family: str,
    severity: Severity,
    *,
    source: str,
    profiles: Iterable[str] = (SPEC,),
) -> Callable[[Judge], Judge]:
    """Register a rule under its id."""

    def register(judge: Judge) -> Judge:
        if id in _RULES:
            raise ValueError(f"There are two rules {id}.")
        _RULES[id] = Rule(
            id=id, family=family, severity=severity, source=source, profiles=frozenset(profiles), judge=judge
        )
        return judge

    return register


def rules(profile: str = SPEC) -> list[Rule]:
    """The rules of a profile, by id.

    Raises:
        ValueError: If no rule belongs to it.
    """
    for family in FAMILIES:
        import_module(f"skill_fleet_server.quality.rules.{family}")
    found = [each for _, each in sorted(_RULES.items()) if profile in each.profiles]
    if not found:
        known = ", ".join(sorted({name for each in _RULES.values() for name in each.profiles}))
        raise ValueError(f"There is no profile {profile!r}; choose one of {known}.")
    return found


def check(files: Mapping[str, str], directory: str, *, profile: str = SPEC) -> list[Finding]:
    """What a profile's rules notice about a skill, worst first, then in reading order.

    Args:
        files: The skill's texts by path.
        directory: The name of its directory, which its name must equal.
        profile: `spec` or `skills-ref`.
    """
    skill = parse(files, directory)
    found = [finding for each in rules(profile) for finding in each.findings(skill)]
    return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[int, bool, str, int, int, str]:
    place = (finding.line or 0, finding.column or 0)
    return (_SEVERITIES.index(finding.severity), finding.path != MAIN_FILE, finding.path, *place, finding.rule)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"

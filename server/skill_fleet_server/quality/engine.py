"""The rule registry and the check that runs it.

A rule is a function from a parsed skill to what it noticed, registered with `@rule` in the module of its family
under `rules/`. It says what is wrong and where; its id, severity, source, examples and fix stand in the decorator.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Final

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.profiles import CLIENTS, DRAFT, JUDGED_BY_CLIENTS, PROFILES, SKILLS_REF, SPEC
from skill_fleet_server.quality.secrets import masked
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, parse

__all__ = ["DRAFT", "FAMILIES", "SKILLS_REF", "SPEC", "Fix", "Notice", "Rule", "check", "check_skill", "rule", "rules"]

FAMILIES: Final = (
    "frontmatter", "naming", "description", "body", "wording", "size", "links", "scripts", "safety", "packaging",
    "clients", "reference",
)  # fmt: skip
"""The modules of `rules/`."""

USUAL: Final = (SPEC, DRAFT, *CLIENTS)
"""The profiles of a rule that names none."""

SHOWN_CHARACTERS: Final = 120
"""How much of an offending text a finding carries."""

MASKED_CHARACTERS: Final = 4_000
"""As much of it is looked through for secrets before it is shortened."""

NOTICES: Final = 50
"""Most findings of one rule in one skill; more would bury the others."""

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
    fixable: bool = True
    """Whether the rule's fix, if it has one, can put this right."""


Judge = Callable[[ParsedSkill], Iterable[Notice]]
Fix = Callable[[ParsedSkill], Change | None]
"""What would put right what a rule noticed, or `None` when only a person can."""


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
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """By profile, where it differs."""
    fix: Fix | None = None
    fails: Example | None = None
    passes: Example | None = None

    @property
    def about(self) -> str:
        """What must be so, in a sentence."""
        return " ".join((self.judge.__doc__ or "").split())

    def findings(self, skill: ParsedSkill, profile: str = SPEC) -> list[Finding]:
        """What the rule notices. A rule that fails says so as a finding: one bad rule must not hide the others."""
        found: list[Finding] = []
        try:
            for notice in self.judge(skill):
                if len(found) == NOTICES:
                    found.append(self._more(profile))
                    break
                found.append(self._finding(notice, profile))
        except Exception:
            _log.exception("rule %s failed", self.id)
            return [Finding(rule=self.id, severity=Severity.WARNING, message="This rule could not read the skill.")]
        return found

    def severity_in(self, profile: str, own: Severity | None = None) -> Severity:
        """How much what it notices matters under a profile."""
        severity = own or self.severities.get(profile) or self.severity
        if profile in CLIENTS and self.family in JUDGED_BY_CLIENTS and severity is Severity.ERROR:
            return Severity.WARNING
        return severity

    def _finding(self, notice: Notice, profile: str) -> Finding:
        return Finding(
            rule=self.id,
            severity=self.severity_in(profile, notice.severity),
            message=notice.message,
            path=notice.path,
            line=notice.place.line if notice.place else None,
            column=notice.place.column if notice.place else None,
            text=_shortened(masked(notice.text[:MASKED_CHARACTERS])),
            fix=notice.fix,
            fixable=self.fix is not None and notice.fixable,
        )

    def _more(self, profile: str) -> Finding:
        message = f"There is more of this: only the first {NOTICES} are listed."
        return Finding(rule=self.id, severity=self.severity_in(profile), message=message)


_RULES: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002 what a rule's id is called everywhere
    family: str,
    severity: Severity,
    *,
    source: str,
    fails: Example | None = None,
    passes: Example | None = None,
    profiles: Iterable[str] = USUAL,
    severities: Mapping[str, Severity] | None = None,
    fix: Fix | None = None,
) -> Callable[[Judge], Judge]:
    """Register a rule under its id."""

    def register(judge: Judge) -> Judge:
        if id in _RULES:
            raise ValueError(f"There are two rules {id}.")
        _RULES[id] = Rule(
            id=id, family=family, severity=severity, source=source, profiles=frozenset(profiles), judge=judge,
            severities=severities or {}, fix=fix, fails=fails, passes=passes,
        )  # fmt: skip
        return judge

    return register


@cache
def _load() -> None:
    for family in FAMILIES:
        import_module(f"skill_fleet_server.quality.rules.{family}")


def rules(profile: str = SPEC) -> list[Rule]:
    """The rules of a profile, by id.

    Raises:
        ValueError: If there is no such profile.
    """
    _load()
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; choose one of {', '.join(sorted(PROFILES))}.")
    return [each for _, each in sorted(_RULES.items()) if profile in each.profiles]


def every_rule() -> list[Rule]:
    """The rules of all profiles, by id."""
    _load()
    return [each for _, each in sorted(_RULES.items())]


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
    return (_SEVERITIES.index(finding.severity), finding.path != MAIN_FILE, finding.path, *place, finding.rule)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"

"""Putting right what rules can put right by themselves, again and again until nothing changes.

A fix is kept only if the skill is checked again and is better for it: less of what the rule noticed, and no more errors
and no more warnings than before, under the profile and under the specification.
"""

from collections.abc import Collection
from dataclasses import dataclass

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.engine import SKILLS_REF, SPEC, Rule, check_skill, rules
from skill_fleet_server.quality.skill import OnDisk, ParsedSkill, parse

ROUNDS = 10
"""Most times that all fixes are tried. Each can enable another; ten in a row have never been needed."""


@dataclass(frozen=True)
class Repair:
    """What was put right."""

    skill: ParsedSkill
    """The skill as it is then."""
    files: dict[str, str]
    """The texts that changed, by path."""
    directory: str | None
    """The directory's new name, if it gets one."""
    rules: tuple[str, ...]
    """The ids of the rules whose fixes were kept, in that order."""


def repair(skill: ParsedSkill, profile: str = SPEC, only: Collection[str] = ()) -> Repair:
    """Apply the fixes of a profile's rules, or only of some rules, until nothing changes.

    The profile of the reference validator has no fixes of its own: those of the specification lead to its verdict.
    """
    profile = SPEC if profile == SKILLS_REF else profile
    fixing = [rule for rule in rules(profile) if rule.fix and (not only or rule.id in only)]
    current, kept = skill, []
    for _ in range(ROUNDS):
        before = current
        for rule in fixing:
            if better := _better(current, rule, profile):
                current = better
                kept.append(rule.id)
        if current is before:
            break
    changed = {path: text for path, text in current.files.items() if skill.files.get(path) != text}
    renamed = current.directory if current.directory != skill.directory else None
    return Repair(current, changed, renamed, tuple(dict.fromkeys(kept)))


def _better(skill: ParsedSkill, rule: Rule, profile: str) -> ParsedSkill | None:
    noticed = [finding for finding in rule.findings(skill, profile) if finding.fixable]
    if not noticed or rule.fix is None:
        return None
    change = rule.fix(skill)
    if change is None or not _can_be_written(change, skill.on_disk):
        return None
    candidate = _changed(skill, change)
    if len([finding for finding in rule.findings(candidate, profile) if finding.fixable]) >= len(noticed):
        return None
    worse = any(_badness(candidate, each) > _badness(skill, each) for each in {profile, SPEC})
    return None if worse else candidate


def _can_be_written(change: Change, on_disk: OnDisk) -> bool:
    """A file that was read with replacements would lose what was replaced."""
    return not any(path in on_disk.undecodable for path in change.files)


def _changed(skill: ParsedSkill, change: Change) -> ParsedSkill:
    return parse({**skill.files, **change.files}, change.directory or skill.directory, skill.on_disk)


def _badness(skill: ParsedSkill, profile: str) -> tuple[bool, int, int]:
    """Worse is larger. While the frontmatter cannot be read, most of what is wrong with it is not seen either."""
    findings = check_skill(skill, profile)
    frontmatter = skill.frontmatter
    unread = frontmatter is None or frontmatter.problem is not None or skill.unclosed
    return (unread, _count(findings, Severity.ERROR), _count(findings, Severity.WARNING))


def _count(findings: list[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)

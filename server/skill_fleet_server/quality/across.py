"""Rules that judge skills which are kept together, and the check that runs them.

Such a rule is decorated with a `RuleAcross` in `rules/across.py`. It sees a card of each skill, not the skill: a
thousand of them are held at once. What it notices it says of one of them.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.profiles import SPEC
from skill_fleet_server.quality.registry import SEVERITIES, Notice, Registered, rules_of
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.skill import ParsedSkill

CARD_CHARACTERS: Final = 2_000
"""As much of a name and of a description is kept: no client lists more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """What is kept of a skill to hold it against others."""

    where: str
    """Its directory, as people are told."""
    name: str
    description: str
    digest: str = ""
    """Of its SKILL.md; empty when that is not known."""
    name_place: Place | None = None
    description_place: Place | None = None

    @classmethod
    def of(cls, skill: ParsedSkill, where: str) -> "Card":
        """The card of a skill that was read."""
        name, description = skill.field("name"), skill.field("description")
        text = (skill.text or "").encode("utf-8", errors="replace")
        return cls(
            where=where,
            name=(skill.string("name") or skill.directory)[:CARD_CHARACTERS],
            description=(skill.string("description") or "")[:CARD_CHARACTERS],
            digest=hashlib.sha256(text).hexdigest(),
            name_place=name.value if name else None,
            description_place=description.value if description else None,
        )

    @property
    def listed(self) -> Listed:
        """What clients list of it, on one line."""
        return Listed(self.name, " ".join(self.description.split()))


@dataclass(frozen=True)
class Together:
    """Skills that are kept together."""

    cards: Sequence[Card]
    asked: Sequence[int] | None = None
    """Numbers of those that are asked about; `None` for all of them. The rest is there to be compared with."""


JudgeAcross = Callable[[Together], Iterable[tuple[int, Notice]]]
"""What it noticed, each with the number of the skill of which it says it."""


@dataclass(frozen=True, kw_only=True)
class RuleAcross(Registered[JudgeAcross]):
    """A rule about skills that are kept together."""

    fails: tuple[Example, ...] = ()
    passes: tuple[Example, ...] = ()

    def findings(self, together: Together, profile: str = SPEC) -> list[tuple[int, Finding]]:
        """What the rule notices, each with the number of its skill. A rule that fails says so as a finding."""
        try:
            return [(number, self.finding(notice, profile)) for number, notice in self.judge(together)]
        except Exception:
            _log.exception("rule %s failed", self.id)
            message = "This rule could not compare the skills."
            return [(0, Finding(rule=self.id, severity=Severity.WARNING, message=message))]


def check_across(together: Together, profile: str = SPEC) -> dict[int, list[Finding]]:
    """What a profile's rules notice about skills that are kept together: by number, the worst first.

    One skill alone is compared with nothing.
    """
    found: dict[int, list[Finding]] = {}
    if len(together.cards) < 2:
        return found
    for each in rules_of(RuleAcross, profile):
        for number, finding in each.findings(together, profile):
            found.setdefault(number, []).append(finding)
    return {
        number: sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.rule))
        for number, findings in sorted(found.items())
    }

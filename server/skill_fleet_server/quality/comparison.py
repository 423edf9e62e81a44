"""Which of two revisions is better, so that a refinement is kept only when it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.skills import Finding, Measure, Severity
from skill_fleet_server.quality.measures import COVERAGE, GROUNDED, ROUTING, ROUTING_ASIDE

COMPARED: Final = (COVERAGE, ROUTING, ROUTING_ASIDE, GROUNDED)
"""The measures of which more is better. Size, readability and borderline queries are shown, not pursued."""

_NOISE: Final = 1e-9


@dataclass(frozen=True)
class Assessment:
    """What is known of one revision."""

    findings: Sequence[Finding]
    measures: Sequence[Measure] = ()

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.severity is severity for finding in self.findings)


def measures_better(before: Assessment, after: Assessment) -> bool:
    """Whether `after` is better, in this order: fewer errors; as many and fewer warnings, with no measure lower; as
    many of both, and of the measures in `COMPARED` none lower and at least one higher.

    A measure missing on either side is not compared. Equal is not better: the person's text stays.
    """
    for_errors = after.count(Severity.ERROR) - before.count(Severity.ERROR)
    if for_errors:
        return for_errors < 0
    changes = _changes(before, after)
    if any(change < -_NOISE for change in changes):
        return False
    for_warnings = after.count(Severity.WARNING) - before.count(Severity.WARNING)
    if for_warnings:
        return for_warnings < 0
    return any(change > _NOISE for change in changes)


def _changes(before: Assessment, after: Assessment) -> list[float]:
    old = {each.name: each.value for each in before.measures}
    new = {each.name: each.value for each in after.measures}
    pairs = ((old.get(name), new.get(name)) for name in COMPARED)
    return [second - first for first, second in pairs if first is not None and second is not None]

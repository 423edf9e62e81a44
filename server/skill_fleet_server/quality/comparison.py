"""Which of two revisions is better, so that a refinement is kept only when it is.

The order is always the same: fewer errors, then fewer warnings, then the measures in `COMPARED`. Only a heap of words
comes after everything that is text, whatever else it measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.skills import Finding, Measure, MeasureChange, Severity
from skill_fleet_server.quality.measures import COVERAGE, GROUNDED, ORDER, ROUTING, ROUTING_ASIDE, SECTIONS, SENTENCES

COMPARED: Final = (COVERAGE, SECTIONS, ROUTING, ROUTING_ASIDE, GROUNDED, SENTENCES, ORDER)
"""The measures of which more is better. Size, readability and borderline queries are shown, not pursued."""

TEXT_AT: Final = 0.5
"""Below this share of plain sentences something is no text but a heap of words."""

_NOISE: Final = 1e-9


@dataclass(frozen=True)
class Assessment:
    """What is known of one revision."""

    findings: Sequence[Finding]
    measures: Sequence[Measure] = ()

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def value(self, name: str) -> float | None:
        """Of a measure; `None` when it was not measured."""
        return next((measure.value for measure in self.measures if measure.name == name), None)


def measures_better(before: Assessment, after: Assessment) -> bool:
    """Whether `after` is better, in this order: fewer errors; as many and fewer warnings, with no measure lower; as
    many of both, and of the measures in `COMPARED` none lower and at least one higher.

    A measure missing on either side is not compared. Equal is not better: the person's text stays.
    """
    for_errors = after.count(Severity.ERROR) - before.count(Severity.ERROR)
    if for_errors:
        return for_errors < 0
    differences = [difference for each in changes(before, after) if (difference := _difference(each)) is not None]
    if any(difference < -_NOISE for difference in differences):
        return False
    for_warnings = after.count(Severity.WARNING) - before.count(Severity.WARNING)
    if for_warnings:
        return for_warnings < 0
    return any(difference > _NOISE for difference in differences)


def rank(assessment: Assessment) -> tuple[int, bool, int, float]:
    """Sorts several revisions of one skill, the best last: errors, then whether it is text at all, then warnings, then
    the mean of what was measured.

    For choosing among candidates, where one has to be taken. Whether one may replace a text that is there already is
    for `measures_better` to say.
    """
    measured = [value for name in COMPARED if (value := assessment.value(name)) is not None]
    mean = round(sum(measured) / len(measured), 9) if measured else 0.0
    sentences = assessment.value(SENTENCES)
    is_text = sentences is None or sentences >= TEXT_AT
    return -assessment.count(Severity.ERROR), is_text, -assessment.count(Severity.WARNING), mean


def changes(before: Assessment, after: Assessment) -> list[MeasureChange]:
    """The compared measures of both."""
    units = {measure.name: measure.unit for measure in (*before.measures, *after.measures)}
    return [
        MeasureChange(name=name, unit=units[name], before=before.value(name), after=after.value(name))
        for name in COMPARED
        if name in units
    ]


def in_words(assessment: Assessment) -> str:
    """What decides, such as `1 error, 2 warnings, measures 0.83`."""
    errors, _, warnings, mean = rank(assessment)
    return f"{_counted(-errors, 'error')}, {_counted(-warnings, 'warning')}, measures {mean:.2f}"


def why(before: Assessment, after: Assessment) -> str:
    """What decided between a text and its refinement, in a sentence."""
    for severity, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning")):
        old, new = before.count(severity), after.count(severity)
        if old != new:
            return f"It has {_counted(new, name)} instead of {old}."
    moved = [each for each in changes(before, after) if abs(_difference(each) or 0.0) > _NOISE]
    if not moved:
        return "It measures the same."
    return "Measured anew: " + "; ".join(f"{each.name} {each.before:.0%} → {each.after:.0%}" for each in moved) + "."


def _difference(change: MeasureChange) -> float | None:
    return None if change.before is None or change.after is None else change.after - change.before


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number or 'no'} {name}s"

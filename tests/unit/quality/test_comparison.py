"""A revision is kept only when it measures better."""

import pytest

from skill_fleet_common.skills import Finding, Measure, Severity
from skill_fleet_server.quality import Assessment, measures_better
from skill_fleet_server.quality.measures import COVERAGE, ROUTING


def revision(
    errors: int = 0, warnings: int = 0, coverage: float | None = 0.5, routing: float | None = 0.5, tokens: float = 1
):
    severities = [Severity.ERROR] * errors + [Severity.WARNING] * warnings + [Severity.INFO]
    return Assessment(
        findings=[Finding(rule="X", severity=severity, message="") for severity in severities],
        measures=[
            Measure(name=COVERAGE, value=coverage),
            Measure(name=ROUTING, value=routing),
            Measure(name="tokens", value=tokens),
        ],
    )


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        (revision(errors=2), revision(errors=1, warnings=9, coverage=0.1), True),
        (revision(errors=1, warnings=9), revision(errors=2), False),
        (revision(warnings=2), revision(warnings=1), True),
        (revision(warnings=1), revision(warnings=2, coverage=1.0), False),
        (revision(warnings=2), revision(warnings=1, coverage=0.4), False),
        (revision(), revision(coverage=0.6), True),
        (revision(), revision(coverage=0.6, routing=0.4), False),
        (revision(), revision(), False),
        (revision(), revision(tokens=5), False),
        (revision(routing=None), revision(routing=1.0), False),
        (revision(routing=None), revision(routing=None, coverage=0.6), True),
    ],
)
def test_order(before, after, better):
    assert measures_better(before, after) is better


def test_nothing_is_better_than_itself_and_never_both_ways():
    revisions = [revision(e, w, c, r) for e in (0, 1) for w in (0, 1) for c in (0.2, 0.8) for r in (0.2, None)]
    for one in revisions:
        for other in revisions:
            assert not (measures_better(one, other) and measures_better(other, one))

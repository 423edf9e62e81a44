"""A revision is kept only when it measures better."""

import pytest

from skill_fleet_common.skills import Finding, Measure, Severity
from skill_fleet_server.quality import Assessment, TestQueries, check, measure, measures_better
from skill_fleet_server.quality.measures import COVERAGE, ROUTING
from tests.unit.quality.builders import BODY, DESCRIPTION, good


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


DEGRADATIONS = {
    "half the body": (DESCRIPTION, BODY[: len(BODY) // 2]),
    "headings only": (DESCRIPTION, "\n\n".join(line for line in BODY.split("\n") if line.startswith("#"))),
    "truncated description": (DESCRIPTION[:40], BODY),
    "broken link": (DESCRIPTION, BODY + "\n[more](references/gone.md)\n"),
    "words without sense": (DESCRIPTION, "MUST always use when steps example gotchas best practices. " * 40),
}


@pytest.mark.parametrize("degraded", DEGRADATIONS)
def test_a_degraded_copy_never_measures_better_than_its_original(degraded):
    original, worse = (assess(description, body) for description, body in ((DESCRIPTION, BODY), DEGRADATIONS[degraded]))
    assert measures_better(worse, original)
    assert not measures_better(original, worse)


def assess(description: str, body: str) -> Assessment:
    files = {"SKILL.md": good(body=body, description=description)}
    measures = measure(
        files,
        "pdf-forms",
        test_queries=TestQueries(positive=["complete this PDF, it has form fields"], negative=["scan a paper"]),
        neighbours=[("completing-tables", "Completes tables with fields. Use when a table has gaps to complete.")],
        success_criteria=[
            "The form is flattened",
            "Check boxes take the name of their state",
            "Two viewers were opened",
        ],
    )
    return Assessment(findings=check(files, "pdf-forms"), measures=measures)


def test_nothing_is_better_than_itself_and_never_both_ways():
    revisions = [revision(e, w, c, r) for e in (0, 1) for w in (0, 1) for c in (0.2, 0.8) for r in (0.2, None)]
    for one in revisions:
        for other in revisions:
            assert not (measures_better(one, other) and measures_better(other, one))

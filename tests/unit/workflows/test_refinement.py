"""What is carried from one report to the next, and which of several texts is taken."""

import pytest

from skill_fleet_common.skills import Finding, Measure, Remark, Severity
from skill_fleet_server.quality.comparison import Assessment, in_words, why
from skill_fleet_server.quality.measures import COVERAGE, SENTENCES
from skill_fleet_server.workflows.candidates import best
from skill_fleet_server.workflows.refinement import Examination, still_true


def assessed(errors: int = 0, warnings: int = 0, coverage: float = 0.5, sentences: float = 1.0) -> Assessment:
    severities = [Severity.ERROR] * errors + [Severity.WARNING] * warnings
    findings = [Finding(rule="X", severity=severity, message="m") for severity in severities]
    return Assessment(findings, [Measure(name=COVERAGE, value=coverage), Measure(name=SENTENCES, value=sentences)])


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([assessed(errors=1), assessed(warnings=9)], 1),
        ([assessed(warnings=2), assessed(warnings=1, coverage=0.1)], 1),
        ([assessed(), assessed(coverage=0.6), assessed(coverage=0.4)], 1),
        ([assessed(), assessed()], 0),
        ([assessed(coverage=1.0, sentences=0.1), assessed(warnings=3, coverage=0.1)], 1),
    ],
    ids=["errors", "warnings", "measures", "the first of equals", "a heap of words last"],
)
def test_the_best_is_taken_in_the_documented_order(candidates: list[Assessment], chosen: int) -> None:
    assert best(candidates) == chosen


def test_what_decided_is_said() -> None:
    assert why(assessed(errors=1), assessed()) == "It has no errors instead of 1."
    assert why(assessed(), assessed(coverage=0.75)) == f"Measured anew: {COVERAGE} 50% → 75%."
    assert why(assessed(), assessed()) == "It measures the same."
    assert in_words(assessed(errors=1, warnings=2)) == "1 error, 2 warnings, measures 0.75"


def test_a_remark_goes_with_its_line_and_without_it_when_the_line_is_gone() -> None:
    before, after = "a\nb\nc\n", "new\na\nc\n"
    remarks = [
        Remark(line=1, text="on a"),
        Remark(line=2, text="on b"),
        Remark(text="on all"),
        Remark(line=99, text="?"),
    ]
    assert [(remark.line, remark.text) for remark in still_true(remarks, before, after)] == [
        (2, "on a"),
        (None, "on all"),
    ]


def test_an_error_that_only_moved_is_not_new() -> None:
    def error(line: int, message: str = "m", severity: Severity = Severity.ERROR) -> Finding:
        return Finding(rule="X", severity=severity, message=message, line=line)

    before = Examination(findings=[error(3)])
    after = Examination(findings=[error(9), error(9, "other"), error(1, "warned", Severity.WARNING)])
    assert [each.message for each in after.new_errors(before)] == ["other"]

"""Every change of rules and measures keeps these bars: good ranks above spoiled, and a heap of keywords below all."""

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality import Assessment, check, measure, skill_md
from skill_fleet_server.quality.comparison import rank
from skill_fleet_server.quality.measures import COVERAGE, ROUTING
from tests.unit.quality.corpus import DEGRADATIONS, SAMPLES, Sample, nonsense

BAR = 0.95
SECTIONS = ["Steps", "Mistakes to avoid", "Check the result"]


def assessed(sample: Sample, named: str) -> Assessment:
    files = {"SKILL.md": skill_md(named, sample.description, sample.body)}
    neighbours = [(other.name, other.description) for other in SAMPLES if other.name != named]
    measures = measure(
        files,
        named,
        test_queries=sample.queries,
        neighbours=neighbours,
        success_criteria=sample.criteria,
        planned_sections=SECTIONS,
    )
    return Assessment(check(files, named), measures)


ORIGINALS = {sample.name: assessed(sample, sample.name) for sample in SAMPLES}


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_originals_are_good(name: str) -> None:
    original = ORIGINALS[name]
    serious = [each for each in original.findings if each.severity is not Severity.INFO]
    assert serious == []
    assert original.value(COVERAGE) == 1.0
    assert (original.value(ROUTING) or 0) >= 0.6


def test_an_original_ranks_above_its_spoiled_copies() -> None:
    pairs = {
        (sample.name, spoiled): rank(ORIGINALS[sample.name]) > rank(assessed(degrade(sample), sample.name))
        for sample in SAMPLES
        for spoiled, degrade in DEGRADATIONS.items()
    }
    wrong = [pair for pair, above in pairs.items() if not above]
    assert len(wrong) <= (1 - BAR) * len(pairs), wrong


def test_a_heap_of_keywords_ranks_below_every_skill() -> None:
    worst = min(rank(original) for original in ORIGINALS.values())
    for sample in SAMPLES:
        heap = assessed(nonsense(sample), sample.name)
        assert heap.value(COVERAGE) == 1.0, "it has all the words"
        assert rank(heap) < worst, sample.name

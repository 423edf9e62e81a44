"""What the text itself measures, what was promised of it, and where its size stands."""

import pytest

from skill_fleet_common.skills import Measure
from skill_fleet_server.quality import TestQueries, measure
from skill_fleet_server.quality.distribution import PERCENTILES, percentile, standing
from skill_fleet_server.quality.measures import LISTING, ORDER, OVERLAP, SECTIONS, SENTENCES, route
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.similarity import overlapping
from tests.unit.quality.builders import DESCRIPTION, good

LINKED = "# A\n\n## Steps\n\n{}\n"


def measured(name: str, body: str, **given: object) -> Measure:
    measures = measure({"SKILL.md": good(body=body)}, "pdf-forms", **given)  # ty: ignore[invalid-argument-type] named by the test
    return next(each for each in measures if each.name == name)


@pytest.mark.parametrize(
    ("steps", "share"),
    [
        ("1. Open it.\n2. Read it.\n3. Close it.", 1.0),
        ("1. Open it.\n1. Read it.\n1. Close it.", 1.0),
        ("3. Close it.\n1. Open it.\n2. Read it.", 1 / 3),
        ("1. Finally, close it.\n2. Open it.", 0.5),
        ("1. Then read it.\n2. Open it.", 0.5),
        ("1. Read it.\n2. First open it.", 0.5),
        ("5. Open it.\n6. Read it.", 0.5),
    ],
)
def test_steps_are_in_order_by_their_numbers_and_words(steps: str, share: float) -> None:
    assert measured(ORDER, LINKED.format(steps)).value == pytest.approx(share)


def test_without_numbered_steps_their_order_is_not_measured() -> None:
    assert measured(ORDER, LINKED.format("- Open it.\n- Read it.")).value is None


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("Bind the request id to the logger before you log.", True),
        ("Never log a password or a card number.", True),
        ("logging structlog request id python format json field service", False),
        ("the the the the the logging", False),
        ("log the log and log of log to log in log", False),
    ],
)
def test_a_heap_of_words_is_no_sentence(line: str, plain: bool) -> None:
    assert measured(SENTENCES, f"# A\n\n{line}\n").value == float(plain)


def test_a_planned_section_is_written_when_it_is_there_and_not_empty() -> None:
    body = "# A\n\n## Steps to take\n\n- Do it now.\n\n## Mistakes\n\n## Check\n\n- Look.\n"
    found = measured(SECTIONS, body, planned_sections=["Steps to take", "Mistakes", "Example"])
    assert found.value == pytest.approx(1 / 3)
    assert "Missing: Mistakes; Example." in found.how


def test_a_criterion_is_covered_in_one_place_or_not_at_all() -> None:
    scattered = "# A\n\n## One\n\nInvoices here.\n\n## Two\n\nPaid there.\n\n## Three\n\nThirty days.\n"
    criteria = ["invoices paid thirty days"]
    covered = "success criteria covered"
    assert measured(covered, scattered, success_criteria=criteria).value == 0.0
    assert (
        measured(covered, "# A\n\n## One\n\nInvoices are paid in thirty days.\n", success_criteria=criteria).value == 1
    )


def test_percentiles_rise_with_the_value_and_end_where_the_measuring_did() -> None:
    for name, known in PERCENTILES.items():
        assert [percentile(name, at) for at in known.values()] == list(known)
        assert percentile(name, 0) == 0
        assert percentile(name, 10**9) == 99
    assert percentile("tokens", 1_705) == pytest.approx(62.5)
    assert percentile("readability", 8) is None
    assert "99 % or more" in standing("lines", 2_000)
    assert "At most 5 %" in standing("lines", 2)


def test_size_says_where_it_stands_among_public_skills() -> None:
    found = measured("description length", "# A\n")
    assert found.value == len(DESCRIPTION)
    assert 5 < (found.percentile or 0) < 50
    assert "4,883 public skills" in found.how


def test_the_nearest_skill_is_named_and_an_older_version_of_itself_is_none() -> None:
    neighbours = [("flat-pdfs", DESCRIPTION), ("pdf-forms", DESCRIPTION), ("cooking", "Cooks soup.")]
    found = measured(OVERLAP, "# A\n", neighbours=neighbours)
    assert (found.value or 0) > 0.8
    assert "flat-pdfs is nearest" in found.how
    assert measured(LISTING, "# A\n", neighbours=neighbours).value == sum(
        len(name) + len(description) for name, description in [("pdf-forms", DESCRIPTION), neighbours[0], neighbours[2]]
    )


def test_overlaps_are_those_above_the_bar_the_nearest_first() -> None:
    others = [Listed("soup", "Cooks soup."), Listed("b", f"{DESCRIPTION} And prints."), Listed("a", DESCRIPTION)]
    assert [name for name, _ in overlapping(Listed("pdf-forms", DESCRIPTION), others)] == ["a", "b"]


def test_each_query_says_where_it_leads_and_by_which_words() -> None:
    queries = TestQueries(positive=["fill this PDF form"], negative=["soup with beans"], edge=["good morning"])
    found = route({"SKILL.md": good()}, "pdf-forms", queries, [("soup", "Cooks soup with beans.")])
    assert [(each.kind, each.reached) for each in found] == [
        ("positive", "pdf-forms"),
        ("negative", "soup"),
        ("edge", ""),
    ]
    assert set(found[1].words) == {"soup", "bean"}
    assert route({"SKILL.md": good()}, "pdf-forms", queries, []) == []

"""Numbers are computed, or are not there; each says how."""

import pytest

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_server.quality import TestQueries, measure
from skill_fleet_server.quality.measures import COVERAGE, GROUNDED, READABILITY, ROUTING, ROUTING_ASIDE, ROUTING_EDGE
from skill_fleet_server.quality.ranking import Bm25, words
from tests.unit.quality.builders import DESCRIPTION, good

NEIGHBOURS = [
    ("reviewing-sql", "Reviews SQL migrations. Use when a database schema changes."),
    ("writing-emails", "Writes polite emails. Use when the user answers a customer."),
]
QUERIES = TestQueries(
    positive=["fill this PDF form for me", "complete the form fields", "answer the customer"],
    negative=["review my SQL migration", "flatten this PDF form, please"],
    edge=["reply to the customer with a polite email and a PDF", "PDF"],
)


def measured(text: str | None = None, **given):
    return {each.name: each for each in measure({"SKILL.md": text or good()}, "pdf-forms", **given)}


def test_every_measure_says_how_and_is_always_listed():
    nothing, everything = (
        measured(),
        measured(
            test_queries=QUERIES,
            neighbours=NEIGHBOURS,
            success_criteria=["fills fields"],
            planned_sections=["Steps"],
            provenance=[Provenance(text="", line=1, origin=Origin.MODEL)],
        ),
    )
    assert list(nothing) == list(everything)
    assert all(each.how for each in [*nothing.values(), *everything.values()])
    assert all(each.value is not None for each in everything.values())


def test_what_was_not_measured_has_no_value_and_says_why():
    found = measured()
    assert [found[name].value for name in (ROUTING, ROUTING_ASIDE, COVERAGE, GROUNDED)] == [None] * 4
    assert "no other skills" in found[ROUTING].how
    assert "no test queries" in measured(neighbours=NEIGHBOURS)[ROUTING].how
    assert measured(good(body="Too little."))[READABILITY].value is None


def test_routing_counts_the_queries_that_lead_here_and_those_kept_away():
    found = measured(test_queries=QUERIES, neighbours=NEIGHBOURS)
    assert found[ROUTING].value == pytest.approx(2 / 3)
    assert found[ROUTING_ASIDE].value == pytest.approx(1 / 2)
    assert found[ROUTING_EDGE].value == pytest.approx(1 / 2)
    assert "cannot read negation" in found[ROUTING].how


def test_a_truncated_description_routes_worse_and_its_own_older_version_is_no_neighbour():
    vague = measured(good(description="Helps."), test_queries=QUERIES, neighbours=NEIGHBOURS)
    assert (vague[ROUTING].value or 0) <= 2 / 3
    own = measured(test_queries=QUERIES, neighbours=[*NEIGHBOURS, ("pdf-forms", DESCRIPTION)])
    assert own[ROUTING].value == pytest.approx(2 / 3)


def test_coverage_lists_the_criteria_that_are_not_covered():
    found = measured(success_criteria=["Fields are filled and flattened", "Signatures are verified cryptographically"])
    assert found[COVERAGE].value == pytest.approx(0.5)
    assert "Signatures are verified cryptographically" in found[COVERAGE].how
    assert "Fields are filled" not in found[COVERAGE].how


def test_a_quote_that_was_not_found_does_not_ground_anything():
    provenance = [
        Provenance(text="a", line=1, origin=Origin.SOURCE, verified=True),
        Provenance(text="b", line=2, origin=Origin.SOURCE, verified=False),
        Provenance(text="c", line=3, origin=Origin.ANSWER, verified=True),
        Provenance(text="d", line=4, origin=Origin.MODEL),
    ]
    assert measured(provenance=provenance)[GROUNDED].value == pytest.approx(0.5)


def test_readability_and_size_are_in_the_range_of_real_skills():
    found = measured()
    assert 3 < (found[READABILITY].value or 0) < 12
    assert found["tokens"].value == pytest.approx((found["words"].value or 0) * 1.4, rel=0.4)
    assert "Approximate" in found["tokens"].how


def test_words_are_folded_split_stripped_of_endings_and_of_stop_words():
    assert words("Generating PDFs with generateInvoice() and C++") == ["generat", "pdf", "generat", "invoic", "c++"]
    assert words("query queries process processing") == ["query", "query", "process", "process"]


def test_rare_words_count_for_more_and_no_shared_word_counts_nothing():
    index = Bm25.of(["common rare", "common other", "common more common"])
    rare, other, _ = index.scores("rare")
    assert rare > 0 == other
    assert index.scores("common rare")[0] == max(index.scores("common rare"))
    assert Bm25.of([]).scores("x") == []
    assert Bm25.of([""]).scores("x") == [0]

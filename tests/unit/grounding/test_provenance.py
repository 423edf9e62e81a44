"""A claim about an origin is believed only as far as it can be checked."""

import pytest

from skill_fleet_common.skills import Origin
from skill_fleet_server.grounding import Attribution, Excerpt, Instruction, origins, verify

EXCERPTS = [
    Excerpt("guide.md", 1, 4, "Invoices are paid\nwithin  30 days.\n\nAsk the “finance desk” about exceptions."),
    Excerpt("guide.md", 6, 7, "Refunds go through the portal."),
]
ANSWERS = {"tone": "Friendly, and never blame the customer."}
STEP = Instruction("Pay invoices in 30 days.", 12)


def judged(*attributions: Attribution):
    [found] = verify(attributions, [STEP], EXCERPTS, ANSWERS)
    return found.origin, found.reference, found.verified


def claim(
    origin: str = "source",
    reference: str = "guide.md:1-4",
    quote: str = "Invoices are paid within 30 days",
    line: int = 12,
):
    return Attribution(line, origin, reference, quote)


@pytest.mark.parametrize(
    "quote", ["Invoices are paid within 30 days", "invoices are  paid\nwithin 30 days.", 'the "finance desk" about']
)
def test_a_quote_found_in_its_excerpt_is_verified_whatever_its_white_space_and_quotes(quote):
    assert judged(claim(quote=quote)) == (Origin.SOURCE, "guide.md:1-4", True)


@pytest.mark.parametrize(
    "quote", ["Invoices are paid within 60 days", "Refunds go through the portal.", "", "are", "   "]
)
def test_a_quote_that_is_elsewhere_altered_or_too_short_is_not(quote):
    assert judged(claim(quote=quote)) == (Origin.SOURCE, "guide.md:1-4", False)


@pytest.mark.parametrize("reference", ["other.md:1-4", "guide.md:90-99", "guide.md", "", "guide.md:4-1"])
def test_a_source_that_does_not_exist_makes_it_the_models_own(reference):
    assert judged(claim(reference=reference)) == (Origin.MODEL, "", False)


def test_a_range_within_what_was_shown_can_be_cited_too():
    assert judged(claim(reference="guide.md:2-2"))[2] is True
    assert judged(claim(reference="guide.md:3-7", quote="Refunds go through"))[2] is True


@pytest.mark.parametrize(
    ("reference", "quote", "expected"),
    [
        ("tone", "never blame the customer", (Origin.ANSWER, "tone", True)),
        ("tone", "be very formal with them", (Origin.ANSWER, "tone", False)),
        ("unasked", "never blame the customer", (Origin.MODEL, "", False)),
    ],
)
def test_answers_are_checked_the_same_way(reference, quote, expected):
    assert judged(claim("answer", reference, quote)) == expected


@pytest.mark.parametrize("origin", ["model", "hearsay", ""])
def test_any_other_origin_is_the_models_own(origin):
    assert judged(claim(origin)) == (Origin.MODEL, "", False)


def test_an_instruction_without_a_claim_is_the_models_own_and_a_claim_without_one_is_dropped():
    assert judged(claim(line=13)) == (Origin.MODEL, "", False)
    assert verify([claim()], [], EXCERPTS, ANSWERS) == []


def test_of_several_claims_the_verified_one_counts():
    assert judged(claim("model"), claim(quote="altered words here"), claim()) == (Origin.SOURCE, "guide.md:1-4", True)


def test_a_quote_across_the_pieces_of_one_long_line_is_found():
    pieces = [Excerpt("log", 1, 1, "the end of a long li"), Excerpt("log", 1, 1, "ne that was cut")]
    [found] = verify([Attribution(12, Origin.SOURCE, "log:1-1", "long line that was")], [STEP], pieces, {})
    assert found.verified


def test_counts_name_every_origin():
    provenance = verify([claim()], [STEP, Instruction("Be kind.", 14)], EXCERPTS, ANSWERS)
    assert [each.line for each in provenance] == [12, 14]
    assert origins(provenance) == {Origin.SOURCE: 1, Origin.ANSWER: 0, Origin.MODEL: 1}


def test_two_instructions_on_one_line_are_judged_apart() -> None:
    steps = [Instruction("Pay invoices in 30 days.", 12, "12"), Instruction("Dance.", 12, "12.2")]
    claims = [
        Attribution(12, "source", "guide.md:1-4", "Invoices are paid within 30 days", id="12"),
        Attribution(12, "model", id="12.2"),
    ]
    assert [each.origin for each in verify(claims, steps, EXCERPTS, ANSWERS)] == [Origin.SOURCE, Origin.MODEL]
    assert [each.id for each in verify(claims[:1], steps, EXCERPTS, ANSWERS)] == ["12", "12.2"]
    assert verify(claims[:1], steps, EXCERPTS, ANSWERS)[1].origin is Origin.MODEL

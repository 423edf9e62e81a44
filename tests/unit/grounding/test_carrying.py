"""What is known of an instruction stays known as long as it says the same."""

import pytest

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_server.grounding import Instruction, carry
from skill_fleet_server.grounding.carrying import said_by_person, written_by_person

KNOWN = [
    Provenance(
        id="5", text="Pay every invoice in full within 30 days.", line=5, origin=Origin.SOURCE, reference="g:1-2"
    ),
    Provenance(id="6", text="Ask the desk about the exceptions.", line=6, origin=Origin.MODEL, confirmed=True),
]


def carried(text: str, said: str = "") -> Provenance:
    [found] = carry(KNOWN, [Instruction(text, 9, "9")], said_by_person("the review", said))
    return found


def test_an_instruction_that_moved_keeps_its_origin_at_its_new_line() -> None:
    found = carried("Ask the desk about the exceptions.")
    assert (found.id, found.line, found.confirmed) == ("9", 9, True)


def test_a_rewording_keeps_it_too() -> None:
    assert carried("Pay each invoice in full within 30 days.").origin is Origin.SOURCE


def test_steps_that_are_counted_anew_change_nothing_of_it() -> None:
    known = carry([], [Instruction("Repeat steps 3 and 4.", 9, "9")], written_by_person("your edit"))
    [found] = carry(known, [Instruction("Repeat steps 2 and [4?].", 8, "8")], said_by_person("", ""))
    assert (found.origin, found.id, found.text) == (Origin.ANSWER, "8", "Repeat steps 2 and [4?].")


@pytest.mark.parametrize(
    "text",
    ["Pay every invoice in full within 60 days.", "Never pay every invoice in full within 30 days.", "Go home now."],
)
def test_another_number_or_a_negation_says_something_else(text: str) -> None:
    found = carried(text)
    assert (found.origin, found.reference, found.confirmed) == (Origin.MODEL, "", False)


def test_what_a_review_asked_for_comes_from_the_person() -> None:
    found = carried("Warn about doors.", said="Please: warn about doors. And shorten it.")
    assert (found.origin, found.reference, found.verified) == (Origin.ANSWER, "the review", True)


def test_what_a_person_typed_is_theirs() -> None:
    [found] = carry([], [Instruction("Go home now.", 9, "9")], written_by_person("your edit"))
    assert (found.origin, found.reference, found.verified) == (Origin.ANSWER, "your edit", True)


def test_one_old_instruction_grounds_one_new_one() -> None:
    twice = [Instruction(KNOWN[0].text, 9, "9"), Instruction(KNOWN[0].text, 10, "10")]
    assert [each.origin for each in carry(KNOWN, twice, said_by_person("", ""))] == [Origin.SOURCE, Origin.MODEL]

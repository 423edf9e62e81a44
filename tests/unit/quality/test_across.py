"""Skills that are kept together are held against each other: names, what clients list of them, what they say."""

import logging
from dataclasses import replace

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.across import Card, RuleAcross, Together, check_across
from skill_fleet_server.quality.pairs import Pairs
from skill_fleet_server.quality.ranking import likeness
from skill_fleet_server.quality.registry import REGISTERED
from skill_fleet_server.quality.skill import parse
from tests.support.skills import good_skill


def card(name: str, description: str = "", digest: str = "") -> Card:
    return Card(f"skills/{name}", name, description or f"Does {name}.", digest or name)


def kinds(found: dict) -> dict[int, list[tuple[str, Severity]]]:
    return {number: [(each.rule, each.severity) for each in findings] for number, findings in found.items()}


def described(number: int) -> Card:
    skill = good_skill(number)
    return Card.of(parse(skill.files, skill.name), skill.name)


def test_one_skill_alone_is_compared_with_nothing():
    assert check_across(Together([card("a", "x" * 2_000)] * 1)) == {}


def test_the_second_of_two_of_one_name_is_an_error_that_says_where_the_first_is():
    first, second = replace(card("sorting"), where="a/sorting"), replace(card("Sorting", digest="2"), where="b/sorting")
    found = check_across(Together([first, card("merging"), second]))
    assert kinds(found) == {2: [("N05", Severity.ERROR)]}
    assert "a/sorting" in found[2][0].message


def test_a_copy_to_the_letter_is_a_warning_and_under_a_client_so_is_any_namesake():
    copies = Together([card("sorting", digest="1"), card("sorting", digest="1")])
    assert kinds(check_across(copies)) == {1: [("N05", Severity.WARNING)]}
    others = Together([card("sorting", digest="1"), card("sorting", digest="2")])
    assert kinds(check_across(others, "claude")) == {1: [("N05", Severity.WARNING)]}
    assert check_across(others, "skills-ref") == {}


def test_of_those_asked_about_each_is_told():
    both = Together([card("sorting", digest="1"), card("sorting", digest="2"), card("merging")], asked=[0])
    assert kinds(check_across(both)) == {0: [("N05", Severity.ERROR)]}
    alike = "Sorts invoices by date and total with csvkit. Use when a folder of invoices is in disorder."
    cards = [card("sorting-invoices", alike), card("ordering-invoices", alike), card("x"), card("y"), card("z")]
    assert list(check_across(Together(cards))) == [1]
    assert list(check_across(Together(cards, asked=[0]))) == [0]
    assert check_across(Together(cards, asked=[2])) == {}


def test_a_list_that_is_too_long_is_said_once_of_the_longest_with_what_it_takes_in_each_client():
    cards = [described(number) for number in range(0, 400, 10)]
    [(number, [finding])] = [(n, f) for n, f in check_across(Together(cards)).items() if f[0].rule == "D08"]
    assert len(cards[number].description) == max(len(each.description) for each in cards)
    assert finding.line == 3
    for client in ("Codex, which gives it 8,000", "Claude Code", "VS Code", "Gemini CLI"):
        assert client in finding.message
    assert "D08" not in {each.rule for found in check_across(Together(cards), "gemini").values() for each in found}


def test_pairs_are_those_of_comparing_each_with_each():
    texts = [f"{each.name} {each.description}" for each in map(described, range(80))]
    found = {(pair.later, pair.earlier): pair.likeness for pair in Pairs.of(texts, 0.5)}
    expected = {}
    for number, text in enumerate(texts):
        others = [other for other in range(len(texts)) if other != number]
        for other, value in zip(others, likeness(text, [texts[other] for other in others]), strict=True):
            if other < number and value >= 0.5:
                expected[number, other] = value
    assert found == pytest.approx(expected)
    assert len(found) > 20


def test_texts_made_to_be_alike_cost_no_more_than_was_allowed_and_what_was_not_compared_is_said():
    text = " ".join(f"word{number}" for number in range(200))
    pairs = Pairs.of([text] * 300, 0.6, work=100_000)
    assert 10 < pairs.compared < 100
    assert sum(1 for _ in pairs) == pairs.compared * (pairs.compared - 1) / 2
    cards = [card(f"sorting-{number}", text) for number in range(500)]
    said = [each for findings in check_across(Together(cards)).values() for each in findings if each.rule == "D09"]
    assert any("of 500 descriptions were compared" in each.message for each in said)


def test_a_description_of_megabytes_is_kept_short():
    skill = parse({"SKILL.md": f'---\nname: a\ndescription: "{"x" * 90_000}"\n---\n'}, "a")
    assert len(Card.of(skill, "a").description) == 2_000


def test_a_rule_that_fails_does_not_hide_the_others(monkeypatch, caplog):
    def broken(_together):
        raise RuntimeError("odd input")

    bad = RuleAcross(
        id="Q99", family="across", severity=Severity.ERROR, source="", profiles=frozenset({"spec"}), judge=broken
    )
    monkeypatch.setitem(REGISTERED, "Q99", bad)
    with caplog.at_level(logging.CRITICAL):
        found = check_across(Together([card("a", digest="1"), card("a", digest="2")]))
    assert {each.rule for findings in found.values() for each in findings} == {"N05", "Q99"}

"""Each rule catches what breaks it in good skills, and says nothing about those that are left alone."""

import random

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.across import Card, RuleAcross, Together, check_across
from skill_fleet_server.quality.engine import Rule, check_skill
from skill_fleet_server.quality.profiles import CLIENTS, DRAFT, SPEC
from skill_fleet_server.quality.registry import every_rule
from tests.support.skills import good_skill
from tests.unit.quality.mutations import ACROSS, OPERATORS, Mutable

REFERENCE = "R01"
"""Is held against the reference validator itself."""
RULES = [rule for rule in every_rule() if isinstance(rule, Rule) and rule.id != REFERENCE]
RULES_ACROSS = [rule for rule in every_rule() if isinstance(rule, RuleAcross)]
SKILLS = [good_skill(number) for number in range(0, 400, 10)]
CAUGHT = 0.95


def test_every_rule_has_an_operator():
    assert sorted(OPERATORS) == [rule.id for rule in RULES]
    assert sorted(ACROSS) == [rule.id for rule in RULES_ACROSS]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_breaks_a_rule_is_caught(rule):
    missed = []
    for number, skill in enumerate(SKILLS):
        mutated = OPERATORS[rule.id](random.Random(number), Mutable.of(skill))
        if not list(rule.judge(mutated.parsed())):
            missed.append(mutated)
    assert 1 - len(missed) / len(SKILLS) >= CAUGHT, missed[0]


@pytest.mark.parametrize("profile", [SPEC, DRAFT, *CLIENTS])
def test_good_skills_are_left_alone(profile):
    found = [
        (skill.name, finding)
        for skill in SKILLS
        for finding in check_skill(Mutable.of(skill).parsed(), profile)
        if finding.severity is not Severity.INFO
    ]
    assert found == []


FEW = [SKILLS[start::8] for start in range(8)]
"""Skills as they might be kept together: five of each kind."""


def cards(skills: list[Mutable]) -> Together:
    return Together([Card.of(skill.parsed(), f"skills/{number}") for number, skill in enumerate(skills)])


@pytest.mark.parametrize("rule", RULES_ACROSS, ids=lambda rule: rule.id)
def test_what_breaks_a_rule_about_several_skills_is_caught(rule):
    caught = []
    for number in range(40):
        skills = [Mutable.of(skill) for skill in FEW[number % len(FEW)]]
        mutated = ACROSS[rule.id](random.Random(number), skills)
        caught.append(bool(list(rule.judge(cards(mutated)))))
    assert sum(caught) / len(caught) >= CAUGHT


@pytest.mark.parametrize("profile", [SPEC, DRAFT, *CLIENTS])
def test_good_skills_are_left_alone_beside_each_other(profile):
    for skills in FEW:
        assert check_across(cards([Mutable.of(skill) for skill in skills]), profile) == {}

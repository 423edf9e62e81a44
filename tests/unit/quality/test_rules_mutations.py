"""Each rule catches what breaks it in good skills, and says nothing about those that are left alone."""

import random

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import check_skill, every_rule
from skill_fleet_server.quality.profiles import CLIENTS, DRAFT, SPEC
from tests.support.skills import good_skill
from tests.unit.quality.mutations import OPERATORS, Mutable

RULES = [rule for rule in every_rule() if rule.id != "R01"]  # which is held against the reference itself
SKILLS = [good_skill(number) for number in range(0, 400, 10)]
CAUGHT = 0.95


def test_every_rule_has_an_operator():
    assert sorted(OPERATORS) == [rule.id for rule in RULES]


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

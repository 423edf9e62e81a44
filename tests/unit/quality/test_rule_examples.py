"""Every rule is registered with an example that it refuses and one that it accepts, and they are so."""

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.across import Card, RuleAcross, Together, check_across
from skill_fleet_server.quality.engine import Rule, check_skill
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.portability import Outcome, portability
from skill_fleet_server.quality.profiles import CLIENTS, PROFILES
from skill_fleet_server.quality.registry import every_rule

RULES = [rule for rule in every_rule() if isinstance(rule, Rule)]
RULES_ACROSS = [rule for rule in every_rule() if isinstance(rule, RuleAcross)]


def example(given: Example | None) -> Example:
    assert given
    return given


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_failing_example_fails_and_the_passing_one_passes(rule):
    assert list(rule.judge(example(rule.fails).skill()))
    assert list(rule.judge(example(rule.passes).skill())) == []


def together(examples: tuple[Example, ...]) -> Together:
    return Together([Card.of(each.skill(), f"{number}/{each.directory}") for number, each in enumerate(examples)])


@pytest.mark.parametrize("rule", RULES_ACROSS, ids=lambda rule: rule.id)
def test_the_failing_skills_fail_and_the_passing_ones_pass(rule):
    assert list(rule.judge(together(rule.fails)))
    assert check_across(together(rule.passes)) == {}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_good_skill_of_the_examples_has_no_findings(profile):
    assert check_skill(Example().skill(), profile) == []


def test_the_good_skill_loads_everywhere():
    assert {row.outcome for row in portability(Example().skill())} == {Outcome.LOADS}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix], ids=lambda rule: rule.id)
def test_what_a_rule_can_fix_is_fixed_in_its_example(rule):
    skill = example(rule.fails).skill()
    change = rule.fix(skill)
    assert change
    from skill_fleet_server.quality.skill import parse

    again = parse({**skill.files, **change.files}, change.directory or skill.directory)
    assert list(rule.judge(again)) == []


def test_what_keeps_a_skill_from_loading_in_a_client_is_said_by_that_clients_rule_alone():
    broken = Example(frontmatter="name: Wrong Name\nversion: 1").skill()
    for client in CLIENTS:
        errors = {found.rule for found in check_skill(broken, client) if found.severity is Severity.ERROR}
        assert all(rule.startswith("C") for rule in errors)

"""Fixes put right what they say, lose nothing, never make a skill worse, and come to an end."""

import random

import pytest
import strictyaml
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.repair import repair
from skill_fleet_server.quality.skill import OnDisk, ParsedSkill, parse
from tests.support.skills import good_skill
from tests.unit.quality.builders import BODY, skill_text
from tests.unit.quality.mutations import OPERATORS, Mutable


def skill(frontmatter: str, body: str = BODY, directory: str = "pdf-forms") -> ParsedSkill:
    return parse({"SKILL.md": skill_text(frontmatter, body)}, directory)


def frontmatter_of(repaired: ParsedSkill) -> str:
    assert repaired.frontmatter
    return repaired.frontmatter.source


def badness(of: ParsedSkill) -> tuple[int, int]:
    found = [finding.severity for finding in check_skill(of)]
    return found.count(Severity.ERROR), found.count(Severity.WARNING)


def test_unknown_fields_move_into_metadata_and_nothing_else_changes():
    repaired = repair(
        skill('name: pdf-forms\nversion: 1.2.0\n# kept\ndescription: "Fills. Use when asked."\ntags: [a, b]')
    )
    assert frontmatter_of(repaired.skill) == (
        'name: pdf-forms\n# kept\ndescription: "Fills. Use when asked."\n'
        'metadata:\n  version: "1.2.0"\n  tags: "a, b"\n'
    )
    assert repaired.skill.body == f"\n{BODY}"


def test_metadata_that_is_there_is_joined_with_what_moves():
    repaired = repair(skill('name: pdf-forms\ndescription: "D."\nmetadata: {a: 1}\nauthor: me'), only={"F02"})
    assert 'metadata:\n  a: "1"\n  author: "me"\n' in frontmatter_of(repaired.skill)


def test_a_field_that_would_be_lost_in_metadata_stays():
    text = 'name: pdf-forms\ndescription: "D."\nversion: 2\nmetadata:\n  version: "1"'
    assert repair(skill(text), only={"F02"}).files == {}


def test_under_the_profile_of_claude_code_its_own_fields_stay():
    given = skill('name: pdf-forms\ndescription: "D."\nversion: 2\nmodel: fast')
    source = frontmatter_of(repair(given, "claude").skill)
    assert "\nmodel: fast\n" in source
    assert '  version: "2"\n' in source
    assert '  model: "fast"\n' in frontmatter_of(repair(given).skill)


def test_what_is_nested_too_deeply_to_be_written_again_stays():
    text = 'name: pdf-forms\ndescription: "D."\nhooks:\n  - on: start\n    do: x'
    assert repair(skill(text), only={"F02"}).files == {}


@pytest.mark.parametrize(
    ("frontmatter", "expected"),
    [
        ("name: pdf-forms\ndescription: Fills: all", 'description: "Fills: all"'),
        ("name: pdf-forms\ndescription: |\n  Fills\n  forms", 'description: "Fills forms"'),
        ("name: PDF Forms\ndescription: d", "name: pdf-forms"),
        ("description: d", "name: pdf-forms"),
        ("name: pdf-forms\ndescription: a --- b -> <c>", 'description: "a - b to c"'),
        ("name: pdf-forms\ndescription: d\nallowed-tools: Read, Bash(a, b)", 'allowed-tools: "Read Bash(a, b)"'),
        ("{name: pdf-forms, description: d}", 'description: "d"'),
        ("name: pdf-forms\ndescription: &d x\nlicense: *d", 'license: "x"'),
    ],
)
def test_mechanical_faults_are_put_right(frontmatter, expected):
    assert expected in frontmatter_of(repair(skill(frontmatter)).skill)


def test_a_directory_that_cannot_be_a_name_is_renamed_with_the_name():
    repaired = repair(skill("name: My Forms\ndescription: d", directory="My Forms"))
    assert (repaired.directory, repaired.skill.string("name")) == ("my-forms", "my-forms")


def test_one_rule_alone_is_applied_alone():
    repaired = repair(skill("name: PDF Forms\nversion: 1\ndescription: d"), only={"F02"})
    assert repaired.rules == ("F02",)
    assert repaired.skill.string("name") == "PDF Forms"


def test_line_ends_stay_unless_they_are_what_is_fixed():
    text = skill_text("name: pdf-forms\nversion: 1\ndescription: d").replace("\n", "\r\n")
    given = parse({"SKILL.md": text}, "pdf-forms")
    assert repair(given, only={"F02"}).files["SKILL.md"].count("\r\n") == text.count("\n") + 1
    assert "\r" not in repair(given).files["SKILL.md"]


def test_a_file_that_is_not_utf8_is_never_written():
    text = skill_text("name: PDF\nversion: 1\ndescription: caf\ufffd")
    given = parse({"SKILL.md": text}, "pdf-forms", OnDisk(undecodable={"SKILL.md": 4}))
    assert repair(given).files == {}


@pytest.mark.parametrize("rule", sorted(OPERATORS))
def test_no_repair_of_a_broken_skill_makes_it_worse_and_none_changes_it_twice(rule):
    for number in range(0, 80, 10):
        broken = OPERATORS[rule](random.Random(number), Mutable.of(good_skill(number))).parsed()
        repaired = repair(broken)
        unread = broken.frontmatter is None or broken.frontmatter.problem or broken.unclosed
        assert unread or badness(repaired.skill) <= badness(broken)
        assert repair(repaired.skill).files == {}


values = st.text(max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    description=values, author=values, version=st.sampled_from(["1", "1.0", "yes", "~", "2026-01-01", "[a, b]", "x: y"])
)
def test_what_is_written_reads_the_same_in_three_parsers(description, author, version):
    quoted = description.replace("\\", "").replace('"', "")
    given = skill(
        f'name: PDF\ndescription: "{quoted}"\nversion: {version}\nauthor: "{author.encode("ascii", "ignore")!r}"'
    )
    repaired = repair(given).skill
    assume(repaired.field("metadata"))
    source = frontmatter_of(repaired)
    read = [yaml.safe_load(source), dict(YAML(typ="safe", pure=True).load(source)), strictyaml.load(source).data]
    assert read[0] == read[1] == read[2]

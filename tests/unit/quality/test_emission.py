"""What we write is read back the same by every kind of reader."""

import re

import pytest
import strictyaml
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from skill_fleet_server.quality import check, skill_md
from skill_fleet_server.quality.emission import clean_body, one_line
from tests.unit.quality.builders import BODY, DESCRIPTION

anything = st.text(max_size=300)
keys = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


def frontmatter_of(text: str) -> str:
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match
    return match[1] + "\n"


@given(description=anything, author=anything, licence=anything, compatibility=anything, key=keys)
def test_three_yaml_readers_and_a_naive_cut_give_back_the_same_values(description, author, licence, compatibility, key):
    text = skill_md(
        "pdf-forms", description, "# Body", metadata={key: author}, license=licence, compatibility=compatibility
    )
    source = frontmatter_of(text)
    expected: dict = {
        "name": "pdf-forms",
        "description": one_line(description),
        "metadata": {one_line(key): one_line(author)},
    }
    for name, value in (("license", licence), ("compatibility", compatibility)):
        if one_line(value):
            expected[name] = one_line(value)
    assert yaml.safe_load(source) == expected
    assert YAML(typ="safe", pure=True).load(source) == expected
    assert strictyaml.load(source).data == expected
    assert text.split("---", 2)[1] == f"\n{source}"


@given(description=anything)
def test_descriptions_never_hold_what_uploads_and_naive_readers_refuse(description):
    cleaned = one_line(description)
    assert not re.search(r"[<>\n\r\t]|---", cleaned)
    assert one_line(cleaned) == cleaned


@given(body=anything)
def test_bodies_are_clean_whatever_is_given(body):
    assert clean_body(clean_body(body)) == clean_body(body)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", clean_body(body))


@pytest.mark.parametrize(
    "description", ["a: b # c", 'say "hi" \\ there', "'quoted'", "- list", "@at `code` %x", "yes", "12"]
)
def test_awkward_descriptions_survive(description):
    assert yaml.safe_load(frontmatter_of(skill_md("a", description, "b")))["description"] == description


@pytest.mark.parametrize("name", ["pdf-forms", "true", "null", "yes", "on", "1", "12e3", "2026-01-01", "0x1f", "a1"])
def test_names_and_keys_are_read_as_text(name):
    text = skill_md(name, DESCRIPTION, BODY, metadata={name: "x"})
    read = yaml.safe_load(frontmatter_of(text))
    assert (read["name"], read["metadata"]) == (name, {name: "x"})
    assert [finding for finding in check({"SKILL.md": text}, name) if finding.severity == "error"] == []


def test_a_well_written_skill_has_nothing_found_in_it():
    text = skill_md("pdf-forms", DESCRIPTION, BODY, metadata={"generator": "skill-fleet"}, license="Apache-2.0")
    assert [finding for finding in check({"SKILL.md": text}, "pdf-forms") if finding.severity != "info"] == []


def test_a_frontmatter_that_a_model_wrote_into_the_body_is_dropped():
    text = skill_md("a", "b", "---\nname: other\ndescription: c\n---\n\n# Title\n\n---\n\nmore")
    assert text == '---\nname: a\ndescription: "b"\n---\n\n# Title\n\n---\n\nmore\n'


def test_a_thematic_break_at_the_start_of_the_body_stays():
    assert clean_body("---\n\ntext\n\n---\n") == "---\n\ntext\n\n---"

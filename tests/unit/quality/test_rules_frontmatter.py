"""F rules: one thing wrong at a time, and what is said about it."""

import pytest

from skill_fleet_common.skills import Severity
from tests.unit.quality.builders import BODY, found, frontmatter, good, skill_text


def test_a_good_frontmatter_has_nothing_wrong():
    wrong = [finding.rule for finding in found(good()) if finding.rule[0] in "FND"]
    assert [rule for rule in wrong if rule != "N04"] == []  # it is called pdf-forms, which is a thing


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("# No frontmatter\n", "does not begin with a frontmatter", 1),
        ("\n" + good(), "does not begin with a frontmatter", 1),
        ("---\nname: a\n", "never closed", 1),
        (skill_text("name: a\ndescription: Fills: forms"), "cannot be read", 3),
        (skill_text("- a\n- b"), "not a mapping", 2),
        (skill_text("# nothing"), "it is empty", 2),
        (skill_text("name: a\n\tdescription: b"), "cannot be read", 3),
        (skill_text('description: "b"'), "field name is missing", 1),
        (skill_text("name: pdf-forms"), "field description is missing", 1),
    ],
)
def test_an_unreadable_or_incomplete_frontmatter_is_an_error_at_its_place(text, message, line):
    [finding] = found(text, "F01")
    assert message in finding.message
    assert (finding.line, finding.severity) == (line, Severity.ERROR)
    assert finding.fix


def test_unknown_and_repeated_fields_are_errors_with_their_line():
    unknown, repeated = found(good(extra="version: 1\nname: again"), "F02", "F07")
    assert ("version" in unknown.message, unknown.line, unknown.severity) == (True, 4, Severity.ERROR)
    assert ("the key name twice" in repeated.message, repeated.line) == (True, 5)


@pytest.mark.parametrize("value", ["1.2", "2026-01-01", "true", "", "\n    deeper: x", "\n    - x"])
def test_metadata_values_must_be_strings(value):
    [finding] = found(good(extra=f"metadata:\n  version: {value}"), "F03")
    assert "metadata.version is not a string" in finding.message


def test_metadata_must_be_a_mapping():
    assert "not a mapping" in found(good(extra="metadata: text"), "F03")[0].message
    assert found(good(extra='metadata:\n  version: "1.2"\n  author: someone'), "F03") == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"Read Write"', []),
        ('"Bash(git:*, npm:*) Read"', []),
        ('"Read, Write"', ["allowed-tools is separated by commas."]),
        ("\n  - Read", ["allowed-tools is not a string."]),
        ('"Read Bash"', ["Bash without a scope allows every command."]),
    ],
)
def test_allowed_tools_are_one_space_separated_string(value, said):
    assert [finding.message for finding in found(good(extra=f"allowed-tools: {value}"), "F04")] == said


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ('"Fills <b>forms</b>. Use when asked."', Severity.WARNING),
        ('"Fills\\tforms. Use when asked."', Severity.WARNING),
        (">-\n  Fills forms.\n  Use when asked.", Severity.WARNING),
        ("Fills forms.\n  Use when asked.", Severity.WARNING),
        ('"Fills forms --- all. Use when asked."', Severity.ERROR),
        ("|\n  Fills forms. Use when asked.", Severity.WARNING),
    ],
)
def test_descriptions_that_naive_readers_spoil(written, severity):
    [finding] = found(skill_text(f"name: pdf-forms\ndescription: {written}"), "F05")
    assert (finding.severity, finding.line) == (severity, 3)


@pytest.mark.parametrize(
    ("text", "severity", "place"),
    [
        ("\ufeff" + good(), Severity.ERROR, (1, 1)),
        (good().replace("\n", "\r\n"), Severity.WARNING, (1, 4)),
        (good(body="one\ntw\0o"), Severity.ERROR, (7, 3)),
        (good(body="one\x1b[31m"), Severity.ERROR, (6, 4)),
    ],
)
def test_what_is_not_plain_text_is_found_where_it_is(text, severity, place):
    [finding] = found(text, "F06")
    assert (finding.severity, (finding.line, finding.column)) == (severity, place)


def test_bundled_files_are_searched_for_control_characters_too():
    [finding] = found(good(), "F06", files={"references/a.md": "a\0b"})
    assert finding.path == "references/a.md"


@pytest.mark.parametrize(
    "extra", ["metadata: {a: b}", "allowed-tools: [Read]", "license: &x MIT", "license: !!str MIT", "license: ="]
)
def test_yaml_that_strict_readers_refuse_is_an_error(extra):
    assert [(finding.line, finding.severity) for finding in found(good(extra=extra), "F07")] == [(4, Severity.ERROR)]


@pytest.mark.parametrize(
    ("value", "wrong"), [('"Python 3.11"', False), ('""', True), ("x" * 501, True), ("\n  - a", True)]
)
def test_compatibility_is_1_to_500_characters(value, wrong):
    assert bool(found(good(extra=f"compatibility: {value}"), "F08")) is wrong


def test_the_builder_is_what_it_says():
    assert good() == f"---\n{frontmatter()}\n---\n\n{BODY}"

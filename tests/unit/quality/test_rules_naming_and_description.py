"""N and D rules."""

import pytest

from skill_fleet_common.skills import Severity
from tests.unit.quality.builders import DESCRIPTION, found, frontmatter, good, skill_text


def named(name: str, directory: str | None = None):
    return found(skill_text(frontmatter(name=name)), "N01", "N02", "N03", directory=directory or name.strip('"'))


@pytest.mark.parametrize("name", ["a", "pdf-forms", "a1-2b", "x" * 64])
def test_good_names_pass(name):
    assert named(f'"{name}"') == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PDF-Forms", "capital letters"),
        ("-a", "hyphen at an end"),
        ("a-", "hyphen at an end"),
        ("a--b", "two in a row"),
        ("a_b", "other than letters"),
        ("a b", "other than letters"),
        ("x" * 65, "65 characters"),
        ("", "empty"),
    ],
)
def test_bad_names_are_errors(name, said):
    [finding] = named(f'"{name}"')
    assert said in finding.message
    assert (finding.rule, finding.severity, finding.line) == ("N01", Severity.ERROR, 2)


def test_a_name_unlike_its_directory_is_an_error():
    [finding] = named("pdf-forms", directory="forms")
    assert "differs from its directory's, forms" in finding.message


@pytest.mark.parametrize(
    ("name", "directory", "fix"),
    [
        ("pdf-forms", "forms", "Write name: forms, or rename the directory to pdf-forms."),
        ("PDF Forms", "forms", "Write name: forms."),
        ("pdf-forms", "PDF Forms", "Name the directory pdf-forms."),
        ("PDF Förms", "PDF_Forms", "Name the directory pdf-forms."),
        ("表格", "PDF Forms", "Name the directory as the skill."),
    ],
)
def test_of_name_and_directory_the_one_that_clients_take_is_suggested(name, directory, fix):
    [finding] = [each for each in named(f'"{name}"', directory) if "differs" in each.message]
    assert finding.fix == fix


def test_a_name_with_capitals_is_suggested_as_clients_take_it():
    assert "Write pdf-forms." in [finding.fix for finding in named('"PDF Forms"', "pdf-forms")]


def test_a_name_that_yaml_reads_as_a_number_is_an_error():
    assert "other than text" in named("123")[0].message


def test_letters_of_other_scripts_are_a_warning():
    assert [finding.severity for finding in named("мой-навык")] == [Severity.WARNING]


@pytest.mark.parametrize(("name", "rule"), [("claude-tricks", "N02"), ("my-utils", "N03"), ("data", "N03")])
def test_reserved_and_vague_names_are_warnings(name, rule):
    assert [(finding.rule, finding.severity) for finding in named(name)] == [(rule, Severity.WARNING)]


@pytest.mark.parametrize(
    "description",
    [
        "Fills forms. Use when the user has a PDF.",
        "Fills PDF forms whenever somebody hands one over to be completed.",
        "Invoke this before releasing a package to check its version numbers.",
        "Reviews code. Triggers on pull requests that change the public interface.",
    ],
)
def test_saying_when_is_recognised(description):
    assert found(good(description=description), "D01") == []


def test_not_saying_when_is_a_warning():
    assert found(good(description="A collection of scripts for PDF forms, with documentation."), "D01")


def test_saying_the_name_again_is_a_warning():
    assert found(good(description="PDF forms skill. Use when filling PDF forms."), "D02")
    assert found(good(), "D02") == []


@pytest.mark.parametrize(
    ("length", "severity"),
    [(0, Severity.ERROR), (49, Severity.WARNING), (99, Severity.INFO), (100, None), (500, None), (501, Severity.INFO),
     (1024, Severity.INFO), (1025, Severity.ERROR)],
)  # fmt: skip
def test_length_of_descriptions(length, severity):
    findings = found(good(description=("word " * 300)[:length].replace(" ", "-")), "D03")
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_a_block_scalar_counts_its_last_line_end_as_the_reference_validator_does():
    written = "|\n  " + "x" * 1024
    assert found(skill_text(f"name: pdf-forms\ndescription: {written}"), "D03")[0].severity is Severity.ERROR


@pytest.mark.parametrize("value", ["12", "true", "\n  - a", "\n  a: b"])
def test_a_description_that_is_not_text_is_an_error(value):
    assert found(skill_text(f"name: pdf-forms\ndescription: {value}"), "D03")[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    "description", ["I can fill forms when asked.", "You can fill forms when asked.", "Helps us when asked."]
)
def test_first_and_second_person_are_warnings(description):
    assert found(good(description=description), "D04")


def test_what_people_say_in_quotes_is_not_the_descriptions_own_voice():
    quoted = "Fills forms. Use when the user says 'fill my form' or `I need this filled`. Does I/O on files."
    assert found(good(description=quoted), "D04") == []
    assert found(good(description=DESCRIPTION), "D04") == []

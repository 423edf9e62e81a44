"""Suggestions pass the specification, whatever they are made of; what passes already is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality import check, check_identity, skill_md, suggest_description, suggest_name
from skill_fleet_server.quality.naming import is_strict
from tests.unit.quality.builders import BODY, DESCRIPTION

anything = st.text(max_size=1500)


@given(name=anything, description=anything)
def test_suggestions_leave_nothing_to_fix_and_make_a_skill_without_errors(name, description):
    fixed = {fix.field: fix.suggestion for fix in check_identity(name, description)}
    good_name, good_description = fixed.get("name", name.strip()), fixed.get("description", description)
    assert check_identity(good_name, good_description) == []


@given(text=anything)
def test_what_is_suggested_makes_a_skill_without_errors(text):
    name = suggest_name(text)
    written = skill_md(name, suggest_description(text), BODY)
    assert is_strict(name)
    assert [finding for finding in check({"SKILL.md": written}, name) if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pdf-forms", "pdf-forms"),
        ("PDF Forms!", "pdf-forms"),
        ("processInvoices_v2", "process-invoices-v2"),
        ("Crème brûlée", "creme-brulee"),
        (
            "Create a skill that helps me review SQL migrations before they ship to production",
            "review-sql-migrations-before",
        ),
        ("claude helper", "helper-new-skill"),
        ("技能", "new-skill"),
        ("", "new-skill"),
        ("x" * 100, "x" * 64),
    ],
)
def test_names(text, name):
    assert suggest_name(text) == name


def test_descriptions_are_cleaned_cut_at_a_sentence_and_say_when():
    assert suggest_description("Fills <b>forms</b>\nfast") == "Fills bforms/b fast. Use when the user asks for this."
    long = suggest_description("Fills a form. " * 100)
    assert len(long) <= 1024
    assert long.endswith("form. Use when the user asks for this.")
    assert suggest_description(DESCRIPTION) == DESCRIPTION


def test_a_good_identity_has_nothing_to_fix():
    assert check_identity("pdf-forms", DESCRIPTION) == []


def test_only_what_breaks_a_client_is_asked_about():
    assert check_identity("utils", "Short.") == []


def test_fixes_carry_what_is_there_what_is_wrong_and_a_suggestion():
    name, description = check_identity("PDF Forms", "")
    assert (name.field, name.current, name.suggestion) == ("name", "PDF Forms", "pdf-forms")
    assert [problem.split(".")[0] for problem in name.problems] == [
        "The name has capital letters",
        "The name has characters other than letters, digits and hyphens",
    ]
    assert (description.field, description.problems) == ("description", ["The description is empty."])

"""A plan is text that a person can edit, and what cannot be read is named with its line."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.plan_text import PlanTextInvalid, plan_text, read_plan
from skill_fleet_common.skills import PlannedFile, PlannedSection, SkillPlan

PLAN = SkillPlan(
    name="react-hooks",
    description="Write React hooks. Use when a component needs state.",
    taxonomy_path="web/react",
    outline=[PlannedSection(heading="When to use", points=["state", "effects"]), PlannedSection(heading="Mistakes")],
    files=[PlannedFile(path="references/rules.md", purpose="the rules: all of them")],
    examples=["a hook that fetches"],
    success_criteria=["no hook in a loop"],
    overlaps=["react-basics"],
)

words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
said = st.lists(words, min_size=1, max_size=4).map(" ".join)
names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
plans = st.builds(
    SkillPlan,
    name=names,
    description=said,
    outline=st.lists(st.builds(PlannedSection, heading=said, points=st.lists(said, max_size=3)), max_size=3),
    files=st.lists(st.builds(PlannedFile, path=names.map("references/{}.md".format), purpose=said), max_size=3),
    examples=st.lists(said, max_size=3),
    success_criteria=st.lists(said, max_size=3),
)


@given(plans)
def test_the_text_of_a_plan_is_that_plan(plan: SkillPlan) -> None:
    assert read_plan(plan_text(plan), plan) == plan


def test_what_is_not_in_the_text_stays_and_what_is_edited_changes() -> None:
    text = plan_text(PLAN).replace("- effects\n", "").replace("## Mistakes", "## Pitfalls\n- loops")
    edited = read_plan(text, PLAN)
    assert [(section.heading, section.points) for section in edited.outline] == [
        ("When to use", ["state"]),
        ("Pitfalls", ["loops"]),
    ]
    assert (edited.taxonomy_path, edited.overlaps, edited.files) == (PLAN.taxonomy_path, PLAN.overlaps, PLAN.files)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("name: react-hooks", "name: React Hooks", "Line 1: a name is of a-z"),
        ("name: react-hooks\n", "", "A plan needs a name"),
        ("description: Write", "descr: Write", "Line 2: here only"),
        ("# Outline\n", "# Contents\n", "Line 4: there is no such part"),
        ("## When to use\n", "", "Line 5: a point of the outline stands below a heading"),
        ("- a hook", "a hook", "begin it with “- ”"),
        ("references/rules.md", "../rules.md", "a file is in references/"),
        (": the rules: all of them", "", "a file is “path: what it is for”"),
        ("# Files\n", "# Files\n## Sub\n", "headings belong to the part"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(before: str, after: str, problem: str) -> None:
    with pytest.raises(PlanTextInvalid, match=re.escape(problem)):
        read_plan(plan_text(PLAN).replace(before, after, 1), PLAN)


def test_a_skill_that_is_extended_keeps_its_name() -> None:
    extending = PLAN.model_copy(update={"extends": "react-hooks"})
    with pytest.raises(PlanTextInvalid, match="keeps its name"):
        read_plan(plan_text(PLAN).replace("name: react-hooks", "name: hooks"), extending)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(PlanTextInvalid):
        assert read_plan(text, PLAN).name

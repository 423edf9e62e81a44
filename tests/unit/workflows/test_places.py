"""A skill's category is one of the list, or a person has said in so many words that it is a new one."""

import pytest

from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.programs.values import Category, TaxonomyChoice
from skill_fleet_server.workflows.places import Place, place_of, proposed, slugged
from skill_fleet_server.workflows.questions import about_place, placed

LIST = [
    Category(path="development", title="Software development", description="Code."),
    Category(path="development/python", title="Python", description="Python code and its tools."),
    Category(path="data", title="Data", description="Tables, queries, pipelines."),
]
PLAN = SkillPlan(name="a", description="b")


def place(path: str, *, planned: str = "", confidence: float = 0.9, new: bool = False) -> Place:
    return place_of(TaxonomyChoice(path=path, confidence=confidence, new_category=new), planned, "SQL queries", LIST)


def test_a_listed_category_that_is_sure_is_not_asked_about() -> None:
    assert about_place(place("data")) is None
    assert placed(PLAN, place("data"), None) == PLAN.model_copy(update={"taxonomy_path": "data"})


@pytest.mark.parametrize("found", [place("data", confidence=0.5), place("data", new=True)])
def test_one_that_is_not_sure_is(found: Place) -> None:
    question = about_place(found)
    assert question is not None
    assert [option.id for option in question.options] == ["yes", "development", "development/python"]


@pytest.mark.parametrize("found", [place("cooking", confidence=1.0), place("data", planned="cooking")])
def test_one_that_is_not_in_the_list_is_asked_about_however_sure_the_model_is(found: Place) -> None:
    question = about_place(found)
    assert question is not None
    assert "no category cooking" in question.text
    assert question.options[0].id == "data", "by default a listed one"
    assert question.options[-1].id == "new"
    agreed = placed(PLAN, found, "new")
    assert isinstance(agreed, SkillPlan)
    assert (agreed.taxonomy_path, agreed.new_category) == ("cooking", True)


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("Development / Python", "development/python"),
        ("python", "development/python"),
        ("Software Development", "development"),
    ],
)
def test_what_is_typed_is_found_in_the_list_whatever_its_form(typed: str, path: str) -> None:
    agreed = placed(PLAN, place("cooking"), {"other": typed})
    assert isinstance(agreed, SkillPlan)
    assert (agreed.taxonomy_path, agreed.new_category) == (path, False)


def test_what_is_typed_and_not_in_the_list_is_asked_about_again_with_what_is_possible() -> None:
    first = place("data", confidence=0.1)
    typed = placed(PLAN, first, {"other": "Haute Cuisine!"})
    assert typed == "haute-cuisine"
    question = about_place(proposed(typed, first))
    assert question is not None
    assert "closed list" in question.rationale
    assert question.options[-1].label == "Propose a new category: haute-cuisine"


def test_what_cannot_be_a_category_is_not_proposed() -> None:
    typed = placed(PLAN, place("data", confidence=0.1), {"other": "!!!"})
    assert isinstance(typed, str)
    question = about_place(proposed(typed, place("data")))
    assert question is not None
    assert "lower-case letters" in question.rationale
    assert all(option.id != "new" for option in question.options)


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Über Daten", "uber-daten"), ("a/b/c", "a/b"), ("../etc/passwd", "etc/passwd"), ("  ", ""), ("x" * 99, "x" * 64)],
)
def test_a_slug_has_two_parts_of_letters_digits_and_hyphens_at_most(text: str, slug: str) -> None:
    assert slugged(text) == slug

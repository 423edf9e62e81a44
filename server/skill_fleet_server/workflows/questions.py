"""Questions for people, made of what models leave open; and answers, in words and in the plan."""

from typing import Any, Final

from skill_fleet_common.prompts import Option, Question, QuestionType
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.programs.values import Ambiguity, Dependencies, TaxonomyChoice

_SURE_ENOUGH: Final = 0.6
"""Below this confidence a person chooses the category."""
_PLACE: Final = "place"
_OVERLAP: Final = "overlap"


def about_plan(plan: SkillPlan, place: TaxonomyChoice, dependencies: Dependencies) -> list[Question]:
    """What a person has to decide before a plan is followed: an unsure category, an overlap."""
    questions: list[Question] = []
    if place.confidence < _SURE_ENOUGH or place.new_category:
        questions.append(
            Question(
                id=_PLACE,
                text=f"Does it belong in {plan.taxonomy_path or place.path}?",
                rationale=place.rationale,
                type=QuestionType.SINGLE,
                options=[Option(id="yes", label=f"Yes, in {plan.taxonomy_path or place.path}")],
                allows_other=True,
            )
        )
    if dependencies.overlaps:
        names = ", ".join(overlap.name for overlap in dependencies.overlaps)
        questions.append(
            Question(
                id=_OVERLAP,
                text=f"The library already covers part of this ({names}). Write it all the same?",
                rationale=" ".join(overlap.why for overlap in dependencies.overlaps),
                type=QuestionType.SINGLE,
                options=[
                    Option(id="new", label="Write a new skill"),
                    *(Option(id=o.name, label=f"Extend {o.name} instead") for o in dependencies.overlaps),
                ],
            )
        )
    return questions


def with_choices(plan: SkillPlan, answers: dict[str, Any]) -> SkillPlan:
    """The plan, after the answers to `about_plan`."""
    place = answers.get(_PLACE)
    if isinstance(place, dict):
        plan = plan.model_copy(update={"taxonomy_path": str(place["other"]).strip()})
    extended = answers.get(_OVERLAP)
    if isinstance(extended, str) and extended != "new":
        plan = plan.model_copy(update={"overlaps": [extended]})
    return plan


def about_ambiguity(question_id: str, ambiguity: Ambiguity) -> Question:
    """A question that settles an ambiguity."""
    options = [
        Option(id=f"o{number}", label=choice.label, description=choice.description)
        for number, choice in enumerate(ambiguity.options, 1)
    ]
    return Question(
        id=question_id,
        text=ambiguity.question,
        rationale=ambiguity.rationale,
        type=ambiguity.type,
        options=options,
        allows_other=ambiguity.allows_other,
    )


def default_of(question: Question) -> Any:
    """The answer that commits to least: the first choice offered, or that the writer may decide."""
    match question.type:
        case QuestionType.BOOLEAN:
            return True
        case QuestionType.SINGLE:
            return question.options[0].id
        case QuestionType.MULTI:
            return [question.options[0].id]
        case QuestionType.TEXT:
            return "No preference: choose what fits the request best."


def in_words(question: Question, value: Any) -> str:
    """An answer as a person would say it."""
    labels = {option.id: option.label for option in question.options}
    match value:
        case bool():
            return "yes" if value else "no"
        case {"other": other}:
            return str(other)
        case list():
            return ", ".join(in_words(question, choice) for choice in value)
    return labels.get(value, str(value))

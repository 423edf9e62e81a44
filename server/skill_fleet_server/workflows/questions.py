"""Questions for people, made of what models leave open; and answers, in words and in the plan."""

from collections.abc import Sequence
from typing import Any, Final

from skill_fleet_common.choices import EXTEND, OVERLAP
from skill_fleet_common.prompts import Option, Question, QuestionType
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.programs.values import Ambiguity, Overlap
from skill_fleet_server.workflows.places import Place, slugged

PLACE: Final = "place"
_YES: Final = "yes"
_PROPOSED: Final = "new"
_NEW: Final = "new"


def about_place(place: Place) -> Question | None:
    """Where the skill belongs, unless that is clear; the closed list is what can be chosen from."""
    if place.is_clear:
        return None
    options = [Option(id=path, label=f"In {path}", description=title) for path, title in place.nearest]
    if place.is_listed:
        options.insert(0, Option(id=_YES, label=f"Yes, in {place.path}"))
        text = f"Does it belong in {place.path}?"
    elif place.path:
        options.append(Option(id=_PROPOSED, label=f"Propose a new category: {place.path}"))
        text = f"The library has no category {place.path}. Where does it belong?"
    else:
        text = "Where in the library does it belong?"
    return Question(
        id=PLACE, text=text, rationale=place.rationale, type=QuestionType.SINGLE, options=options, allows_other=True
    )


def placed(plan: SkillPlan, place: Place, answer: Any) -> SkillPlan | str:
    """The plan in its place; or, when another category was typed that the list does not have, what was typed.

    Args:
        plan: What was agreed on.
        place: What `about_place` asked about.
        answer: To that question; `None` when it was not asked.
    """
    if answer == _PROPOSED and not place.is_listed:
        return plan.model_copy(update={"taxonomy_path": place.path, "new_category": True})
    if isinstance(answer, dict):
        typed = str(answer["other"])
        path = place.listed(typed)
        if path is None:
            return slugged(typed) or typed
    else:
        path = place.path if answer in (None, _YES) else str(answer)
    return plan.model_copy(update={"taxonomy_path": path, "new_category": False})


def about_overlaps(overlaps: Sequence[Overlap], extendable: Sequence[str]) -> Question | None:
    """Whether to write a new skill all the same, or to extend one of those whose text could be read."""
    if not overlaps:
        return None
    names = ", ".join(overlap.name for overlap in overlaps)
    return Question(
        id=OVERLAP,
        text=f"The library already covers part of this ({names}). Write it all the same?",
        rationale=" ".join(overlap.why for overlap in overlaps),
        type=QuestionType.SINGLE,
        options=[
            Option(id=_NEW, label="Write a new skill"),
            *(
                Option(
                    id=f"{EXTEND}{name}",
                    label=f"Extend {name} instead",
                    description="Its text is the start; the plan is made again, and the result is its next revision.",
                )
                for name in extendable
            ),
        ],
    )


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

"""The end of phase 1: a plan that a person agrees with, for a new skill or for the next revision of one there is."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.choices import OVERLAP, extended
from skill_fleet_common.plan_text import PLAN, read_plan
from skill_fleet_common.prompts import Checkpoint, ConfirmPrompt, Default
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.library.existing import read_texts
from skill_fleet_server.programs.values import (
    Answered,
    Category,
    Dependencies,
    Excerpt,
    ExistingSkill,
    Intent,
    LibrarySkill,
    Plan,
    Requirements,
    TaxonomyChoice,
)
from skill_fleet_server.quality.skill import parse
from skill_fleet_server.quality.suggest import check_identity
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.places import Place, place_of, proposed
from skill_fleet_server.workflows.questions import (
    PLACE,
    about_overlaps,
    about_place,
    default_of,
    placed,
)


class Library(BaseModel):
    """What the library held when the job looked: kept as a checkpoint, because libraries change."""

    skills: list[LibrarySkill] = []
    categories: list[Category] = []


class Extendable(BaseModel):
    """The overlapping skills whose text could be read as a whole."""

    skills: list[ExistingSkill] = []


@dataclass(frozen=True)
class Analysed:
    """What there is to plan from."""

    requirements: Requirements
    answers: list[Answered]
    excerpts: list[Excerpt]
    intent: Intent
    choice: TaxonomyChoice
    dependencies: Dependencies
    library: Library


@dataclass(frozen=True)
class Agreed:
    """The plan, and what was said on the way to it."""

    plan: SkillPlan
    existing: ExistingSkill | None = None
    """The skill of the library that it extends."""
    said: list[Answered] = field(default_factory=list)
    """What the person wanted changed."""


async def agree_on_plan(job: JobRun, given: Analysed) -> Agreed:
    """Plan, and plan again with what the person says or for the skill they would rather extend, until they agree."""
    extendable = await _read_overlaps(job, given)
    agreed = Agreed(plan=SkillPlan(name="", description=""))
    previous: SkillPlan | None = None
    feedback = ""
    for round_ in count(1):
        plan = await _plan(job, given, agreed, round_, feedback=feedback, previous=previous)
        answered = await _confirm(job, given, plan, [] if agreed.existing else extendable)
        match answered:
            case SkillPlan():
                await job.tell("The plan is agreed on", fraction=0.35, name=answered.name)
                return replace(agreed, plan=answered)
            case ExistingSkill():
                await job.tell(f"It will extend {answered.name}: the plan is made again", name=answered.name)
                agreed, previous, feedback = replace(agreed, existing=answered), None, ""
            case str():
                said = Answered(question="What should change in the plan?", answer=answered)
                agreed, previous, feedback = replace(agreed, said=[*agreed.said, said]), plan, answered
    raise AssertionError("count has no end")


async def _read_overlaps(job: JobRun, given: Analysed) -> list[ExistingSkill]:
    """The skills that can be extended, with their text, as they are now."""
    overlapping = {overlap.name for overlap in given.dependencies.overlaps}
    known = [skill for skill in given.library.skills if skill.name in overlapping]
    if not known:
        return []

    def work() -> Extendable:
        texts = {skill.name: read_texts(job.parts.catalog, skill.name) for skill in known}
        return Extendable(
            skills=[
                ExistingSkill(name=skill.name, category=skill.category, files=files)
                for skill in known
                if (files := texts[skill.name]) and not _identity_problems(skill.name, files)
            ]
        )

    return (await job.mechanical("read_overlaps", Extendable, work)).skills


async def _plan(
    job: JobRun, given: Analysed, agreed: Agreed, round_: int, *, feedback: str, previous: SkillPlan | None
) -> SkillPlan:
    await job.tell("Planning the skill" if round_ == 1 else "Planning it again", fraction=0.28)
    existing = agreed.existing
    planned = await job.module(
        "synthesize_plan",
        Plan,
        step="synthesize_plan" if round_ == 1 else f"synthesize_plan/{round_}",
        label="" if round_ == 1 else f"round {round_}",
        task=job.request.task_description,
        requirements=given.requirements,
        intent=given.intent,
        taxonomy_path=existing.category if existing else given.choice.path,
        dependencies=given.dependencies,
        answers=[*given.answers, *agreed.said],
        excerpts=given.excerpts,
        existing=existing.files["SKILL.md"] if existing else "",
        feedback=feedback,
        previous=previous,
    )
    return _lawful(planned.plan, given, existing)


async def _confirm(
    job: JobRun, given: Analysed, plan: SkillPlan, extendable: list[ExistingSkill]
) -> SkillPlan | ExistingSkill | str:
    """The agreed plan, the skill to extend instead, or what should change. Asks again about a category if need be."""
    about = f"{plan.name} {plan.description} {' '.join(given.requirements.topics)}"
    place = place_of(given.choice, plan.taxonomy_path, about, given.library.categories)
    while True:
        answer = await job.ask(_prompt(job, given, plan, place, extendable))
        if answer.action is not Action.PROCEED:
            return answer.feedback
        if PLAN in answer.edits:
            plan = read_plan(answer.edits[PLAN], plan)
        name = extended(answer.answers.get(OVERLAP))
        if name:
            return next(skill for skill in extendable if skill.name == name)
        if plan.extends:
            return plan
        settled = placed(plan, place, answer.answers.get(PLACE))
        if isinstance(settled, SkillPlan):
            return settled
        place = proposed(settled, place)


def _prompt(
    job: JobRun, given: Analysed, plan: SkillPlan, place: Place, extendable: list[ExistingSkill]
) -> ConfirmPrompt:  # fmt: skip
    overlaps = [] if plan.extends else given.dependencies.overlaps
    asked = [
        None if plan.extends else about_place(place),
        about_overlaps(overlaps, [skill.name for skill in extendable]),
    ]
    questions = [question for question in asked if question]
    return ConfirmPrompt(
        prompt_id=job.next_prompt_id(Checkpoint.CONFIRM),
        job_id=job.job_id,
        title=f"The plan for {plan.name}" + (", which it extends" if plan.extends else ""),
        body=_in_a_nutshell(given.intent),
        plan=plan,
        questions=questions,
        default=Default(answers={question.id: default_of(question) for question in questions}),
        created_at=datetime.now(UTC),
    )


def _lawful(plan: SkillPlan, given: Analysed, existing: ExistingSkill | None) -> SkillPlan:
    """The plan with a name, a description and neighbours that can be, whatever the model made of them."""
    known = {skill.name for skill in given.library.skills}
    lawful: dict[str, object] = {
        "overlaps": [name for name in plan.overlaps if name in known],
        "extends": "",
        "new_category": False,
    }
    if existing:
        skill = parse(existing.files, existing.name)
        lawful |= {"name": existing.name, "extends": existing.name, "taxonomy_path": existing.category}
        if check_identity(existing.name, plan.description):
            lawful["description"] = skill.string("description") or ""
    elif check_identity(plan.name, plan.description):
        lawful |= {
            "name": given.requirements.suggested_name,
            "description": given.requirements.suggested_description,
        }
    return plan.model_copy(update=lawful)


def _identity_problems(name: str, files: dict[str, str]) -> bool:
    skill = parse(files, name)
    return skill.string("name") != name or bool(check_identity(name, skill.string("description") or ""))


def _in_a_nutshell(intent: Intent) -> str:
    return f"**Purpose** {intent.purpose}\n\n**For** {intent.audience}\n\n**Why** {intent.value}"

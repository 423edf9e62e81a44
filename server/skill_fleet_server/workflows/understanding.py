"""Phase 1: what is wanted, what is open, where it belongs, and what will be written."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.api import Source
from skill_fleet_common.jobs import Phase
from skill_fleet_common.prompts import (
    Checkpoint,
    ClarifyPrompt,
    ConfirmPrompt,
    Default,
    FieldFix,
    StructureFixPrompt,
)
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.grounding import excerpts as grounding
from skill_fleet_server.grounding.excerpts import cut, select
from skill_fleet_server.programs.values import (
    Ambiguity,
    Answered,
    Category,
    Dependencies,
    Excerpt,
    GatheredRequirements,
    Intent,
    LibrarySkill,
    Plan,
    Requirements,
    TaxonomyChoice,
)
from skill_fleet_server.quality.suggest import check_identity
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.questions import about_ambiguity, about_plan, default_of, in_words, with_choices
from skill_fleet_server.workflows.side_by_side import side_by_side

EXCERPT_CHARACTERS: Final = 24_000
"""Most text of the sources that one module reads."""


class Library(BaseModel):
    """What the library held when the job looked: kept as a checkpoint, because libraries change."""

    skills: list[LibrarySkill] = []
    categories: list[Category] = []


class IdentityCheck(BaseModel):
    """What of a name and a description would not pass the specification."""

    fixes: list[FieldFix] = []


@dataclass(frozen=True)
class Understood:
    """What phase 1 leaves to the others."""

    requirements: Requirements
    answers: list[Answered]
    cited: list[grounding.Excerpt]
    """The excerpts as they were cut, for checking what is quoted from them."""
    excerpts: list[Excerpt]
    """The same as programs read them."""
    library: Library
    plan: SkillPlan


async def understand(job: JobRun) -> Understood:
    """From a sentence to a plan that a person agrees with."""
    async with job.phase(Phase.UNDERSTANDING):
        await job.tell("Reading the request", fraction=0.02)
        task = job.request.task_description
        cited = await asyncio.to_thread(_excerpts, job.request.sources, task)
        excerpts = [Excerpt(ref=excerpt.reference, text=excerpt.text) for excerpt in cited]
        gathered = await job.module("gather_requirements", GatheredRequirements, task=task, excerpts=excerpts)
        answers = await _clarify(job, gathered.ambiguities)
        requirements = await _fix_structure(job, gathered.requirements)
        library = await job.mechanical("read_library", Library, lambda: _read_library(job))
        intent, place, dependencies = await _analyse(job, requirements, answers, library)
        plan = await _agree_on_plan(job, requirements, answers, excerpts, intent, place, dependencies)
        return Understood(requirements, answers, cited, excerpts, library, plan)


def _excerpts(sources: list[Source], task: str) -> list[grounding.Excerpt]:
    return select(cut(sources), task, EXCERPT_CHARACTERS)


async def _clarify(job: JobRun, ambiguities: list[Ambiguity]) -> list[Answered]:
    if not ambiguities:
        return []
    questions = [about_ambiguity(f"q{number}", ambiguity) for number, ambiguity in enumerate(ambiguities, 1)]
    prompt = ClarifyPrompt(
        prompt_id=job.next_prompt_id(Checkpoint.CLARIFY),
        job_id=job.job_id,
        title="A question before it is planned" if len(questions) == 1 else "A few questions before it is planned",
        questions=questions,
        default=Default(answers={question.id: default_of(question) for question in questions}),
        actions=[Action.PROCEED, Action.CANCEL],
        created_at=datetime.now(UTC),
    )
    answer = await job.ask(prompt)
    return [
        Answered(question=question.text, answer=in_words(question, answer.answers[question.id]))
        for question in questions
        if question.id in answer.answers
    ]


async def _fix_structure(job: JobRun, requirements: Requirements) -> Requirements:
    """Until the name and the description pass the specification."""
    for round_ in count(1):
        name, description = requirements.suggested_name, requirements.suggested_description
        check = await job.mechanical(
            "validate_structure",
            IdentityCheck,
            lambda name=name, description=description: IdentityCheck(fixes=check_identity(name, description)),
            step=_numbered("validate_structure", round_),
        )
        if not check.fixes:
            await job.tell(f"It will be called {name}", fraction=0.15, name=name)
            return requirements
        prompt = StructureFixPrompt(
            prompt_id=job.next_prompt_id(Checkpoint.STRUCTURE_FIX),
            job_id=job.job_id,
            title="The name or the description would not pass the specification",
            fixes=check.fixes,
            actions=[Action.PROCEED, Action.CANCEL],
            created_at=datetime.now(UTC),
        )
        answer = await job.ask(prompt)
        fixed = {fix.field: answer.edits.get(fix.field, fix.suggestion) for fix in check.fixes}
        requirements = requirements.model_copy(
            update={f"suggested_{field}": text.strip() for field, text in fixed.items()}
        )  # fmt: skip
    raise AssertionError("count has no end")


async def _analyse(
    job: JobRun, requirements: Requirements, answers: list[Answered], library: Library
) -> tuple[Intent, TaxonomyChoice, Dependencies]:
    """Three questions that do not depend on each other."""
    await job.tell("Finding its purpose, its place and its neighbours", fraction=0.18)
    asked: dict[str, Any] = {"task": job.request.task_description, "requirements": requirements}
    async with side_by_side() as group:
        intent = group.create_task(job.module("analyze_intent", Intent, **asked, answers=answers))
        place = group.create_task(
            job.module("find_taxonomy_path", TaxonomyChoice, **asked, taxonomy=library.categories)
        )  # fmt: skip
        dependencies = group.create_task(
            job.module("analyze_dependencies", Dependencies, **asked, library=library.skills)
        )  # fmt: skip
    return intent.result(), place.result(), dependencies.result()


async def _agree_on_plan(
    job: JobRun,
    requirements: Requirements,
    answers: list[Answered],
    excerpts: list[Excerpt],
    intent: Intent,
    place: TaxonomyChoice,
    dependencies: Dependencies,
) -> SkillPlan:
    """Plan, and plan again with what the person says, until they agree."""
    previous: SkillPlan | None = None
    feedback = ""
    for round_ in count(1):
        await job.tell("Planning the skill" if previous is None else "Planning it again", fraction=0.28)
        planned = await job.module(
            "synthesize_plan",
            Plan,
            step=_numbered("synthesize_plan", round_),
            label="" if round_ == 1 else f"round {round_}",
            task=job.request.task_description,
            requirements=requirements,
            intent=intent,
            taxonomy_path=place.path,
            dependencies=dependencies,
            answers=answers,
            excerpts=excerpts,
            feedback=feedback,
            previous=previous,
        )
        plan = _lawful(planned.plan, requirements)
        questions = about_plan(plan, place, dependencies)
        prompt = ConfirmPrompt(
            prompt_id=job.next_prompt_id(Checkpoint.CONFIRM),
            job_id=job.job_id,
            title=f"The plan for {plan.name}",
            body=_in_a_nutshell(intent),
            plan=plan,
            questions=questions,
            default=Default(answers={question.id: default_of(question) for question in questions}),
            created_at=datetime.now(UTC),
        )
        answer = await job.ask(prompt)
        if answer.action is Action.PROCEED:
            await job.tell("The plan is agreed on", fraction=0.35, name=plan.name)
            return with_choices(plan, answer.answers)
        previous, feedback = plan, answer.feedback
    raise AssertionError("count has no end")


def _lawful(plan: SkillPlan, requirements: Requirements) -> SkillPlan:
    """The plan with a name and a description that pass, whatever the model made of them."""
    if not check_identity(plan.name, plan.description):
        return plan
    return plan.model_copy(
        update={"name": requirements.suggested_name, "description": requirements.suggested_description}
    )  # fmt: skip


def _in_a_nutshell(intent: Intent) -> str:
    return f"**Purpose** {intent.purpose}\n\n**For** {intent.audience}\n\n**Why** {intent.value}"


def _read_library(job: JobRun) -> Library:
    skills = [LibrarySkill(name=entry.name, description=entry.description) for entry in job.parts.catalog.entries()]
    categories = [
        Category(path=path, title=category.title, description=category.description)
        for top in job.parts.taxonomy().categories
        for path, category in [(top.slug, top), *((f"{top.slug}/{sub.slug}", sub) for sub in top.subcategories)]
    ]
    return Library(skills=skills, categories=categories)


def _numbered(step: str, round_: int) -> str:
    return step if round_ == 1 else f"{step}/{round_}"

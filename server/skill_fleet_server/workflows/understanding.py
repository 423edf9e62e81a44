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
from skill_fleet_common.prompts import Checkpoint, ClarifyPrompt, Default, FieldFix, StructureFixPrompt
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.grounding import excerpts as grounding
from skill_fleet_server.grounding.excerpts import cut, select
from skill_fleet_server.grounding.transcripts import went_wrong
from skill_fleet_server.programs.values import (
    Ambiguity,
    Answered,
    Category,
    Dependencies,
    Excerpt,
    ExistingSkill,
    GatheredRequirements,
    Intent,
    LibrarySkill,
    Overlap,
    Requirements,
    TaxonomyChoice,
)
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.similarity import overlapping
from skill_fleet_server.quality.suggest import check_identity
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.planning import Analysed, Library, agree_on_plan
from skill_fleet_server.workflows.questions import about_ambiguity, default_of, in_words
from skill_fleet_server.workflows.side_by_side import side_by_side

_MOST_OVERLAPS: Final = 3
_WRONG_CHARACTERS: Final = 8_000
"""The same, of what went wrong."""
EXCERPT_CHARACTERS: Final = 24_000
"""Most text of the sources that one module reads."""


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
    went_wrong: list[Excerpt]
    """What of the transcripts says what failed, or was corrected."""
    library: Library
    plan: SkillPlan
    existing: ExistingSkill | None = None
    """The skill of the library that is extended."""


async def understand(job: JobRun) -> Understood:
    """From a sentence to a plan that a person agrees with."""
    async with job.phase(Phase.UNDERSTANDING):
        await job.tell("Reading the request", fraction=0.02)
        task = job.request.task_description
        cited, wrong = await asyncio.to_thread(_excerpts, job.request.sources, task)
        excerpts, lessons = _readable(cited), _readable(wrong)
        if wrong:
            await job.tell(f"{len(wrong)} places in the transcripts say what went wrong")
        gathered = await job.module(
            "gather_requirements", GatheredRequirements, task=task, excerpts=excerpts, went_wrong=lessons
        )
        answers = await _clarify(job, gathered.ambiguities)
        requirements = await _fix_structure(job, gathered.requirements)
        library = await job.mechanical("read_library", Library, lambda: _read_library(job))
        intent, choice, dependencies = await _analyse(job, requirements, answers, library)
        given = Analysed(requirements, answers, excerpts, intent, choice, dependencies, library)
        agreed = await agree_on_plan(job, given)
        return Understood(
            requirements,
            [*answers, *agreed.said],
            [*cited, *wrong],
            excerpts,
            lessons,
            library,
            agreed.plan,
            agreed.existing,
        )


def _excerpts(sources: list[Source], task: str) -> tuple[list[grounding.Excerpt], list[grounding.Excerpt]]:
    """What the sources say, and what in them went wrong, each as much as modules read."""
    return select(cut(sources), task, EXCERPT_CHARACTERS), select(went_wrong(sources), task, _WRONG_CHARACTERS)


def _readable(excerpts: list[grounding.Excerpt]) -> list[Excerpt]:
    return [Excerpt(ref=excerpt.reference, text=excerpt.text) for excerpt in excerpts]


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
    known = await asyncio.to_thread(_known, dependencies.result(), requirements, library)
    return intent.result(), place.result(), known


def _known(found: Dependencies, requirements: Requirements, library: Library) -> Dependencies:
    """Dependencies on skills that the library really has, and the overlaps that their words show."""
    names = {skill.name for skill in library.skills}
    overlaps = {overlap.name: overlap for overlap in found.overlaps if overlap.name in names}
    listed = [Listed(skill.name, skill.description) for skill in library.skills]
    wanted = Listed(requirements.suggested_name, requirements.suggested_description)
    for name, similarity in overlapping(wanted, listed):
        why = f"Its name and description share {similarity:.0%} of their words' weight with {name}."
        overlaps.setdefault(name, Overlap(name=name, why=why))
    return Dependencies(
        requires=[name for name in found.requires if name in names],
        related=[name for name in found.related if name in names and name not in overlaps],
        overlaps=list(overlaps.values())[:_MOST_OVERLAPS],
    )


def _read_library(job: JobRun) -> Library:
    skills = [
        LibrarySkill(name=entry.name, description=entry.description, category=entry.taxonomy_path)
        for entry in job.parts.catalog.entries()
    ]
    categories = [
        Category(path=path, title=category.title, description=category.description)
        for top in job.parts.taxonomy().categories
        for path, category in [(top.slug, top), *((f"{top.slug}/{sub.slug}", sub) for sub in top.subcategories)]
    ]
    return Library(skills=skills, categories=categories)


def _numbered(step: str, round_: int) -> str:
    return step if round_ == 1 else f"{step}/{round_}"

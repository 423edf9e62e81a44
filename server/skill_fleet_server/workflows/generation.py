"""Phase 2: the skill is written, its words are traced to where they come from, and a person looks at it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.api import Source
from skill_fleet_common.jobs import Phase
from skill_fleet_common.prompts import Checkpoint, PreviewPrompt
from skill_fleet_common.skills import Finding, Measure, PlannedFile, Provenance, SkillPlan
from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.grounding.excerpts import cut
from skill_fleet_server.grounding.instructions import instructions
from skill_fleet_server.grounding.provenance import origins, verify
from skill_fleet_server.library.paths import check_path
from skill_fleet_server.lm.config import DEMO_MODEL
from skill_fleet_server.programs.values import Answered, Attributions, Body, Content, Excerpt, NumberedLine
from skill_fleet_server.quality.comparison import Assessment
from skill_fleet_server.quality.emission import skill_md
from skill_fleet_server.quality.engine import DRAFT, check
from skill_fleet_server.quality.measures import measure
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, parse
from skill_fleet_server.quality.template import template_for
from skill_fleet_server.workflows import candidates
from skill_fleet_server.workflows.decisions import adopt_edits, cut_and_confirm, vouched_again
from skill_fleet_server.workflows.fitting import shown_provenance
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.shown import diff, prompt_files
from skill_fleet_server.workflows.side_by_side import side_by_side
from skill_fleet_server.workflows.understanding import Understood

REQUEST: Final = "What was asked for"
"""The reference of what the request itself says."""
_CHANGE: Final = "What should change in the draft?"
_MOST_FILES: Final = 8


@dataclass
class Written:
    """What phase 2 leaves to the third."""

    plan: SkillPlan
    provenance: list[Provenance]
    """Of each instruction of SKILL.md as it is."""


@dataclass
class _Drafting:
    """How far the draft is."""

    feedback: str = ""
    previous: str = ""
    """The body that the feedback is about."""
    shown: dict[str, str] = field(default_factory=dict)
    """The files as the person last saw them; before the first draft, those of the skill that is extended."""
    said: list[Answered] = field(default_factory=list)
    """What the person wanted changed."""
    provenance: list[Provenance] = field(default_factory=list)


class _Assessments(BaseModel):
    """What rules and measures say of each candidate."""

    findings: list[list[Finding]]
    measures: list[list[Measure]]


async def generate(job: JobRun, understood: Understood) -> Written:
    """Write, trace, show; and write again with what the person says, until they agree."""
    async with job.phase(Phase.GENERATION):
        drafting = _Drafting(shown=dict(understood.existing.files) if understood.existing else {})
        for round_ in count(1):
            await _write(job, understood, drafting, round_)
            traced = await _trace(job, understood, drafting, round_)
            drafting.provenance = vouched_again(traced, drafting.provenance)
            await job.traced(drafting.provenance)
            changed = await asyncio.to_thread(diff, drafting.shown, job.files) if drafting.shown else ""
            answer = await job.ask(_preview(job, understood.plan, drafting.provenance, changed))
            drafting.shown = dict(job.files)
            drafting.provenance = await cut_and_confirm(job, drafting.provenance, answer.answers)
            if answer.action is Action.PROCEED:
                plan, provenance = await adopt_edits(job, understood.plan, drafting.provenance, answer.edits)
                await job.traced(provenance)
                await job.tell("The draft is agreed on", fraction=0.68)
                return Written(plan, provenance)
            drafting.feedback, drafting.previous = answer.feedback, body_of(job.files)
            drafting.said.append(Answered(question=_CHANGE, answer=answer.feedback))
        raise AssertionError("count has no end")


async def _write(job: JobRun, understood: Understood, drafting: _Drafting, round_: int) -> None:
    """SKILL.md first, because the files beside it are written to go with it."""
    await job.tell("Writing SKILL.md" if round_ == 1 else "Writing it again", fraction=0.4)
    suffix = "" if round_ == 1 else f"/{round_}"
    body = await _write_body(job, understood, drafting, suffix, "" if round_ == 1 else f"revision {round_}")
    plan, existing = understood.plan, understood.existing
    files = {**(existing.files if existing else {}), MAIN_FILE: compose(job, plan, body, existing=_text_of(understood))}
    planned = _writable(plan.files)
    if planned:
        await job.tell(f"Writing {len(planned)} more files", fraction=0.52)
    async with side_by_side() as group:
        contents = {
            file.path: group.create_task(
                job.module(
                    "write_resource",
                    Content,
                    step=f"write_resource/{file.path}{suffix}",
                    label=file.path,
                    plan=plan,
                    path=file.path,
                    purpose=file.purpose,
                    excerpts=understood.excerpts,
                    body=body,
                )
            )
            for file in planned
        }
    files |= {path: writing.result().content.rstrip() + "\n" for path, writing in contents.items()}
    await job.keep(files)


async def _write_body(job: JobRun, understood: Understood, drafting: _Drafting, suffix: str, label: str) -> str:
    """The best of as many candidates as the settings ask for."""
    plan, existing = understood.plan, _text_of(understood)

    async def write(*, step: str, label: str, candidate: int) -> Body:
        return await job.module(
            "write_skill",
            Body,
            step=step,
            label=label,
            candidate=candidate,
            plan=plan,
            requirements=understood.requirements,
            answers=understood.answers,
            excerpts=understood.excerpts,
            went_wrong=understood.went_wrong,
            existing=body_of({MAIN_FILE: existing}) if existing else "",
            template=template_for(plan.taxonomy_path),
            feedback=drafting.feedback,
            previous=drafting.previous,
        )

    written = await candidates.several(job, write, step=f"write_skill{suffix}", label=label)
    if len(written) == 1:
        return written[0].body

    def work() -> _Assessments:
        # What is not written yet must be there, or every link to it counts as dead.
        beside = {file.path: f"# {file.path}\n\n{file.purpose}\n" for file in _writable(plan.files)}
        beside |= understood.existing.files if understood.existing else {}
        texts = [{**beside, MAIN_FILE: compose(job, plan, each.body, existing=existing)} for each in written]
        return _Assessments(
            findings=[check(text, plan.name, profile=DRAFT) for text in texts],
            measures=[
                measure(
                    text,
                    plan.name,
                    success_criteria=plan.success_criteria,
                    planned_sections=[section.heading for section in plan.outline],
                )
                for text in texts
            ],
        )

    found = await job.mechanical("choose_candidate", _Assessments, work, step=f"choose_candidate{suffix}")
    assessed = [Assessment(*each) for each in zip(found.findings, found.measures, strict=True)]
    chosen = candidates.best(assessed)
    await candidates.say_which(job, written, chosen, assessed)
    return written[chosen].body


def compose(job: JobRun, plan: SkillPlan, body: str, *, existing: str = "") -> str:
    """SKILL.md of a plan and a body. A skill that the demo model wrote says so.

    Args:
        job: Whose skill it is.
        plan: Its name, description and place.
        body: Markdown.
        existing: The SKILL.md that it is a revision of, whose other fields it keeps.
    """
    old = parse({MAIN_FILE: existing}, plan.name)
    kept = old.field("metadata")
    metadata = {each.name: each.text for each in (kept.fields if kept else ()) if each.text is not None}
    if plan.taxonomy_path:
        metadata["taxonomy"] = plan.taxonomy_path
    if job.is_demo:
        metadata["generated-by"] = f"skill-fleet with the demo model ({DEMO_MODEL})"
    return skill_md(
        plan.name,
        plan.description,
        body,
        metadata=metadata,
        license=old.string("license"),
        compatibility=old.string("compatibility"),
        allowed_tools=_tools(old),
    )


def _tools(skill: ParsedSkill) -> str | None:
    """What the skill may use, in the form of the specification, whatever form it has."""
    found = skill.field("allowed-tools")
    return (found.text or " ".join(found.items)) if found else None


def body_of(files: Mapping[str, str]) -> str:
    """SKILL.md without its frontmatter."""
    return parse(files, "").body


def _text_of(understood: Understood) -> str:
    return understood.existing.files[MAIN_FILE] if understood.existing else ""


async def _trace(job: JobRun, understood: Understood, drafting: _Drafting, round_: int) -> list[Provenance]:
    """Where each instruction comes from: a source, the skill it extends, the person's words, or the model."""
    await job.tell("Tracing where its instructions come from", fraction=0.58)
    told = await asyncio.to_thread(instructions, job.files[MAIN_FILE])
    if not told:
        return []
    existing = _text_of(understood)
    name = f"{understood.plan.extends}/{MAIN_FILE}"
    cited = [*understood.cited, *(cut([Source(name=name, text=existing)]) if existing else [])]
    said = [Answered(question=REQUEST, answer=job.request.task_description), *understood.answers, *drafting.said]
    attributed = await job.module(
        "attribute_sources",
        Attributions,
        step="attribute_sources" if round_ == 1 else f"attribute_sources/{round_}",
        instructions=[NumberedLine(id=each.id, line=each.line, text=each.text) for each in told],
        excerpts=[Excerpt(ref=excerpt.reference, text=excerpt.text) for excerpt in cited],
        answers=said,
    )
    answers: dict[str, str] = {}
    for each in said:
        answers[each.question] = f"{answers.get(each.question, '')}\n{each.answer}".strip()
    return await asyncio.to_thread(verify, attributed.attributions, told, cited, answers)


def _preview(job: JobRun, plan: SkillPlan, provenance: list[Provenance], changed: str) -> PreviewPrompt:
    return PreviewPrompt(
        prompt_id=job.next_prompt_id(Checkpoint.PREVIEW),
        job_id=job.job_id,
        title=f"The next revision of {plan.name}" if plan.extends else f"The draft of {plan.name}",
        files=prompt_files(job),
        diff=changed,
        provenance=shown_provenance(provenance),
        origins=origins(provenance),
        created_at=datetime.now(UTC),
    )


def _writable(planned: list[PlannedFile]) -> list[PlannedFile]:
    """The planned files whose paths a skill may have; a model's path is never trusted."""
    writable: dict[str, PlannedFile] = {}
    for file in planned[:_MOST_FILES]:
        try:
            writable[check_path(file.path)] = file
        except SkillFleetError:
            continue
    writable.pop(MAIN_FILE, None)
    return list(writable.values())

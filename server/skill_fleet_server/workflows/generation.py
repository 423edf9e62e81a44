"""Phase 2: the skill is written, its words are traced to where they come from, and a person looks at it."""

import asyncio
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

from skill_fleet_common.actions import Action
from skill_fleet_common.jobs import Phase
from skill_fleet_common.prompts import Checkpoint, PreviewPrompt, PromptFile
from skill_fleet_common.skills import PlannedFile, Provenance, SkillPlan
from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.grounding.instructions import instructions
from skill_fleet_server.grounding.provenance import origins, verify
from skill_fleet_server.library.paths import check_path
from skill_fleet_server.lm.config import DEMO_MODEL
from skill_fleet_server.programs.values import Attributions, Body, Content, NumberedLine
from skill_fleet_server.quality.emission import skill_md
from skill_fleet_server.quality.skill import parse
from skill_fleet_server.quality.suggest import check_identity
from skill_fleet_server.quality.template import BODY_TEMPLATE
from skill_fleet_server.workflows.job_run import JobRun, described
from skill_fleet_server.workflows.side_by_side import side_by_side
from skill_fleet_server.workflows.understanding import Understood

SKILL: Final = "SKILL.md"
_MOST_FILES: Final = 8
_INLINE_BYTES: Final = 24_000
"""Most text of files that travels inside a prompt; the rest is fetched by reference."""
_DIFF_CHARACTERS: Final = 12_000
_MOST_PROVENANCE: Final = 60
"""Most instructions whose origin a prompt lists; it counts all of them."""


@dataclass
class Written:
    """What phase 2 leaves to the third."""

    plan: SkillPlan
    provenance: list[Provenance]


async def generate(job: JobRun, understood: Understood) -> Written:
    """Write, trace, show; and write again with what the person says, until they agree."""
    async with job.phase(Phase.GENERATION):
        feedback = previous = ""
        shown: dict[str, str] = {}
        for round_ in count(1):
            await _write(job, understood, round_, feedback=feedback, previous=previous)
            provenance = await _trace(job, understood, round_)
            changed = await asyncio.to_thread(diff, shown, job.files) if shown else ""
            answer = await job.ask(_preview(job, understood.plan, provenance, changed))
            if answer.action is Action.PROCEED:
                plan = await adopt(job, understood.plan, answer.edits)
                await job.tell("The draft is agreed on", fraction=0.68)
                return Written(plan, provenance)
            feedback, previous, shown = answer.feedback, body_of(job.files), dict(job.files)
        raise AssertionError("count has no end")


async def _write(job: JobRun, understood: Understood, round_: int, *, feedback: str, previous: str) -> None:
    """SKILL.md first, because the files beside it are written to go with it."""
    plan = understood.plan
    await job.tell("Writing SKILL.md" if round_ == 1 else "Writing it again", fraction=0.4)
    suffix = "" if round_ == 1 else f"/{round_}"
    written = await job.module(
        "write_skill",
        Body,
        step=f"write_skill{suffix}",
        label="" if round_ == 1 else f"revision {round_}",
        plan=plan,
        requirements=understood.requirements,
        answers=understood.answers,
        excerpts=understood.excerpts,
        template=BODY_TEMPLATE,
        feedback=feedback,
        previous=previous,
    )
    files = {SKILL: compose(job, plan, written.body)}
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
                    body=written.body,
                )
            )
            for file in planned
        }
    files |= {path: writing.result().content.rstrip() + "\n" for path, writing in contents.items()}
    await job.keep(files)


def compose(job: JobRun, plan: SkillPlan, body: str) -> str:
    """SKILL.md of a plan and a body. A skill that the demo model wrote says so."""
    metadata = {"taxonomy": plan.taxonomy_path} if plan.taxonomy_path else {}
    if job.is_demo:
        metadata["generated-by"] = f"skill-fleet with the demo model ({DEMO_MODEL})"
    return skill_md(plan.name, plan.description, body, metadata=metadata)


def body_of(files: Mapping[str, str]) -> str:
    """SKILL.md without its frontmatter."""
    return parse(files, "").body


async def adopt(job: JobRun, plan: SkillPlan, edits: Mapping[str, str]) -> SkillPlan:
    """Keep what a person wrote in place of files; returns the plan with the name and description they gave."""
    if not edits:
        return plan
    await job.keep({**job.files, **edits})
    skill = parse(job.files, plan.name)
    name, description = skill.string("name"), skill.string("description")
    if not name or not description or check_identity(name, description):
        return plan
    return plan.model_copy(update={"name": name, "description": description})


async def _trace(job: JobRun, understood: Understood, round_: int) -> list[Provenance]:
    await job.tell("Tracing where its instructions come from", fraction=0.58)
    told = await asyncio.to_thread(instructions, job.files[SKILL])
    if not told:
        return []
    suffix = "" if round_ == 1 else f"/{round_}"
    attributed = await job.module(
        "attribute_sources",
        Attributions,
        step=f"attribute_sources{suffix}",
        instructions=[NumberedLine(line=instruction.line, text=instruction.text) for instruction in told],
        excerpts=understood.excerpts,
        answers=understood.answers,
    )
    answers = {answered.question: answered.answer for answered in understood.answers}
    return await asyncio.to_thread(verify, attributed.attributions, told, understood.cited, answers)


def _preview(job: JobRun, plan: SkillPlan, provenance: list[Provenance], changed: str) -> PreviewPrompt:
    return PreviewPrompt(
        prompt_id=job.next_prompt_id(Checkpoint.PREVIEW),
        job_id=job.job_id,
        title=f"The draft of {plan.name}",
        files=prompt_files(job),
        diff=changed,
        provenance=provenance[:_MOST_PROVENANCE],
        origins=origins(provenance),
        created_at=datetime.now(UTC),
    )


def prompt_files(job: JobRun) -> list[PromptFile]:
    """The skill's files as a prompt shows them: whole as far as they fit, SKILL.md first."""
    room = _INLINE_BYTES
    shown: list[PromptFile] = []
    for path in sorted(job.files, key=lambda path: (path != SKILL, path)):
        file = described(path, job.files[path], job.revision)
        fits = file.size <= room
        room -= file.size if fits else 0
        shown.append(PromptFile(**file.model_dump(), text=job.files[path] if fits else None))
    return shown


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What changed between two versions of the files, as a unified diff, cut when long."""
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, ""), after.get(path, "")
        lines += difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="", n=2)
    text = "\n".join(lines)
    return text if len(text) <= _DIFF_CHARACTERS else text[:_DIFF_CHARACTERS] + "\n… (cut)"


def _writable(planned: list[PlannedFile]) -> list[PlannedFile]:
    """The planned files whose paths a skill may have; a model's path is never trusted."""
    writable: dict[str, PlannedFile] = {}
    for file in planned[:_MOST_FILES]:
        try:
            writable[check_path(file.path)] = file
        except SkillFleetError:
            continue
    writable.pop(SKILL, None)
    return list(writable.values())

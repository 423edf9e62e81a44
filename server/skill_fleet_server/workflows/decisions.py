"""What a person decided about the text itself, carried out: instructions cut or vouched for, files edited by hand.

Provenance goes with the text: after every change each instruction is known by where it comes from now.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from skill_fleet_common.choices import CONFIRM, CUT
from skill_fleet_common.skills import Provenance, SkillPlan
from skill_fleet_server.grounding.carrying import carry, said_by_person, written_by_person
from skill_fleet_server.grounding.cutting import without
from skill_fleet_server.grounding.instructions import instructions
from skill_fleet_server.quality.skill import MAIN_FILE, parse
from skill_fleet_server.quality.suggest import check_identity
from skill_fleet_server.workflows.job_run import JobRun

EDIT: Final = "Your edit"
"""The reference of what a person typed into a file."""


async def cut_and_confirm(job: JobRun, known: Sequence[Provenance], choices: Mapping[str, Any]) -> list[Provenance]:
    """Take out what is to be cut, remember what is vouched for; returns the provenance of what is left."""
    confirmed, cut = set(choices.get(CONFIRM, [])), set(choices.get(CUT, []))
    known = [each.model_copy(update={"confirmed": True}) if each.id in confirmed else each for each in known]
    if confirmed:
        await job.tell(f"{_instructions(len(confirmed))} confirmed")
    if not cut:
        return known
    text = await asyncio.to_thread(without, job.files[MAIN_FILE], cut)
    left = [each for each in known if each.id not in cut]
    await job.keep({**job.files, MAIN_FILE: text})
    await job.tell(f"{_instructions(len(cut))} cut")
    return await asyncio.to_thread(lambda: carry(left, instructions(text), said_by_person("", "")))


async def adopt_edits(
    job: JobRun, plan: SkillPlan, known: Sequence[Provenance], edits: Mapping[str, str]
) -> tuple[SkillPlan, list[Provenance]]:
    """Keep what a person wrote in place of files; returns the plan with what they call it, and the provenance."""
    if not edits:
        return plan, list(known)
    await job.keep({**job.files, **edits})
    text = job.files[MAIN_FILE]
    provenance = await asyncio.to_thread(lambda: carry(known, instructions(text), written_by_person(EDIT)))
    skill = parse(job.files, plan.name)
    name, description = skill.string("name"), skill.string("description")
    # The next revision of a skill has its name: another one is for a rule to find.
    renamed = plan.extends and name != plan.extends
    if renamed or not name or not description or check_identity(name, description):
        return plan, provenance
    return plan.model_copy(update={"name": name, "description": description}), provenance


def vouched_again(provenance: Sequence[Provenance], before: Sequence[Provenance]) -> list[Provenance]:
    """The provenance of a new revision, in which what a person vouched for in the last one still is."""
    confirmed = {each.text for each in before if each.confirmed}
    return [each.model_copy(update={"confirmed": True}) if each.text in confirmed else each for each in provenance]


def _instructions(number: int) -> str:
    return "One instruction is" if number == 1 else f"{number} instructions are"

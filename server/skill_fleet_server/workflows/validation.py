"""Phase 3: rules, measures and a reader's remarks; refinement that must measure better; the draft on disk."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.events import Completed, CompletedData
from skill_fleet_common.jobs import JobStatus, Phase
from skill_fleet_common.prompts import Answer, Checkpoint, ValidatePrompt
from skill_fleet_server.grounding.provenance import origins
from skill_fleet_server.library.evidence import Evidence
from skill_fleet_server.programs.values import TestCases, Wanted
from skill_fleet_server.workflows.decisions import adopt_edits, cut_and_confirm
from skill_fleet_server.workflows.fitting import shown_provenance
from skill_fleet_server.workflows.generation import Written
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.refinement import MOST_FINDINGS, Examination, Examiner, Report
from skill_fleet_server.workflows.shown import diff, prompt_files
from skill_fleet_server.workflows.understanding import Understood


class WrittenDraft(BaseModel):
    """Where the draft is, relative to the data directory."""

    path: str


async def validate(job: JobRun, understood: Understood, written: Written) -> None:
    """Check, measure, refine, show; then keep the draft."""
    async with job.phase(Phase.VALIDATION):
        await job.tell("Writing queries that users might type", fraction=0.72)
        wanted = Wanted.of(understood.requirements)
        queries = await job.module("generate_test_cases", TestCases, requirements=wanted)
        examiner = Examiner(job, understood, written, queries)
        examination = await _agree_on_report(job, examiner)
        draft = await _write_draft(job, examiner.written, queries)
    await _complete(job, examiner.written, draft, examination, accepted=job.asks(Checkpoint.VALIDATE))


async def _agree_on_report(job: JobRun, examiner: Examiner) -> Examination:
    """Until the person is content with what they have seen: an error that their own change brings is shown first."""
    shown = dict(job.files)
    await job.tell("Checking and measuring", fraction=0.78)
    report = await examiner.refine_while_better(await examiner.report())
    title = f"The report on {examiner.written.plan.name}"
    while True:
        answer = await job.ask(await _prompt(job, examiner, report, shown, title))
        shown = dict(job.files)
        if answer.action is Action.PROCEED:
            decided = await _decide(job, examiner, report, answer)
            brought = decided.examination.new_errors(report.examination)
            if not brought:
                return decided.examination
            report = decided
            title = "Your change brings an error" if len(brought) == 1 else f"Your change brings {len(brought)} errors"
            await job.tell(f"{title}: they are shown before they can be accepted")
        else:
            await _decide(job, examiner, report, answer)
            await job.tell("Checking and measuring", fraction=0.78)
            report = await examiner.refine_as_asked(await examiner.report(), answer.feedback)
            title = f"The report on {examiner.written.plan.name}"


async def _decide(job: JobRun, examiner: Examiner, report: Report, answer: Answer) -> Report:
    """Carry out what the person decided about the text, and measure again what has changed."""
    written = examiner.written
    provenance = await cut_and_confirm(job, written.provenance, answer.answers)
    plan, provenance = await adopt_edits(job, written.plan, provenance, answer.edits)
    if not answer.edits and provenance == written.provenance:
        return report
    written.plan, written.provenance = plan, provenance
    await job.traced(provenance)
    if answer.action is not Action.PROCEED:
        return report
    examination = await examiner.examine(job.files, provenance)
    return replace(report, examination=examination, refinements=())


async def _prompt(
    job: JobRun, examiner: Examiner, report: Report, shown: Mapping[str, str], title: str
) -> ValidatePrompt:  # fmt: skip
    provenance = examiner.written.provenance
    return ValidatePrompt(
        prompt_id=job.next_prompt_id(Checkpoint.VALIDATE),
        job_id=job.job_id,
        title=title,
        files=prompt_files(job),
        findings=report.examination.findings[:MOST_FINDINGS],
        measures=report.examination.measures,
        remarks=report.remarks,
        diff=await asyncio.to_thread(diff, shown, job.files),
        provenance=shown_provenance(provenance),
        origins=origins(provenance),
        refinements=list(report.refinements),
        routing=report.examination.routing,
        created_at=datetime.now(UTC),
    )


async def _write_draft(job: JobRun, written: Written, queries: TestCases) -> str:
    """The files, and beside them what the library is to remember of how they came about."""
    name, files = written.plan.name, dict(job.files)
    evidence = Evidence(queries=queries.listed(), provenance=written.provenance)

    def work() -> WrittenDraft:
        return WrittenDraft(path=job.parts.drafts.write(job.job_id, name, files, evidence))

    return (await job.mechanical("write_draft", WrittenDraft, work)).path


async def _complete(
    job: JobRun, written: Written, draft: str, examination: Examination, *, accepted: bool
) -> None:  # fmt: skip
    unseen = bool(examination.errors) and not accepted
    plan = written.plan
    data = CompletedData(
        status=JobStatus.PENDING_REVIEW if unseen else JobStatus.COMPLETED,
        draft_path=draft,
        name=plan.name,
        description=plan.description,
        findings=examination.findings[:MOST_FINDINGS],
        measures=examination.measures,
        errors_accepted=examination.errors if accepted else 0,
        extends=plan.extends,
        new_category=plan.taxonomy_path if plan.new_category else "",
    )
    await job.end(Completed(job_id=job.job_id, data=data))

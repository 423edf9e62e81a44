"""Phase 3: rules, measures and a reader's remarks; refinement that must measure better; the draft on disk."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.events import Completed, CompletedData
from skill_fleet_common.jobs import JobStatus, Phase
from skill_fleet_common.prompts import Checkpoint, ValidatePrompt
from skill_fleet_common.skills import Finding, Measure, Remark, Severity
from skill_fleet_server.programs.values import Body, Remarks, TestCases
from skill_fleet_server.quality.comparison import Assessment, measures_better
from skill_fleet_server.quality.engine import check
from skill_fleet_server.quality.measures import COVERAGE, measure
from skill_fleet_server.workflows.generation import SKILL, Written, adopt, body_of, compose, diff, prompt_files
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.understanding import Understood

_REFINEMENTS: Final = 2
"""Most rounds of refinement before a person looks."""
_COVERED: Final = 0.8
"""Below this share of covered success criteria, refinement is tried."""
_MOST_FINDINGS: Final = 100
"""Most findings that one event carries."""


class WrittenDraft(BaseModel):
    """Where the draft is, relative to the data directory."""

    path: str


class Examination(BaseModel):
    """What rules and measures say of the skill's files."""

    findings: list[Finding] = []
    measures: list[Measure] = []

    @property
    def errors(self) -> int:
        """How many findings some client really breaks on."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def falls_short(self) -> bool:
        """Whether there is something that refinement could mend."""
        coverage = next((measure.value for measure in self.measures if measure.name == COVERAGE), None)
        flawed = any(finding.severity is not Severity.INFO for finding in self.findings)
        return flawed or (coverage is not None and coverage < _COVERED)

    def assessment(self) -> Assessment:
        """The same, to be compared."""
        return Assessment(self.findings, self.measures)


@dataclass
class _Report:
    """What is known of the skill as it stands."""

    examination: Examination
    remarks: list[Remark]


class _Examiner:
    """Examines one job's skill, as often as it changes."""

    def __init__(self, job: JobRun, understood: Understood, written: Written, queries: TestCases) -> None:
        self.job = job
        self.understood = understood
        self.written = written
        self.queries = queries
        self._rounds = count(1)
        self._refinements = count(1)

    async def examine(self, files: Mapping[str, str]) -> Examination:
        """Rules and measures. Checkpointed, because neighbours in the library may change meanwhile."""
        plan, files = self.written.plan, dict(files)

        def work() -> Examination:
            return Examination(
                findings=check(files, plan.name),
                measures=measure(
                    files,
                    plan.name,
                    test_queries=self.queries,
                    neighbours=[(other.name, other.description) for other in self.understood.library.skills],
                    success_criteria=plan.success_criteria,
                    provenance=self.written.provenance,
                ),
            )

        step = f"check_rules_and_measure/{next(self._rounds)}"
        return await self.job.mechanical("check_rules_and_measure", Examination, work, step=step)

    async def refine(self, report: _Report, feedback: str) -> dict[str, str]:
        """Another version of SKILL.md that answers the report."""
        number = next(self._refinements)
        refined = await self.job.module(
            "refine_skill",
            Body,
            step=f"refine_skill/{number}",
            label=f"round {number}",
            body=body_of(self.job.files),
            findings=report.examination.findings[:_MOST_FINDINGS],
            remarks=report.remarks,
            measures=report.examination.measures,
            feedback=feedback,
            plan=self.written.plan,
        )
        return {**self.job.files, SKILL: compose(self.job, self.written.plan, refined.body)}

    async def remarks(self, examination: Examination, number: int) -> list[Remark]:
        """What a reader has to say that no rule can."""
        read = await self.job.module(
            "assess_quality",
            Remarks,
            step=f"assess_quality/{number}",
            skill_md=self.job.files[SKILL],
            plan=self.written.plan,
            findings=examination.findings[:_MOST_FINDINGS],
        )
        return read.remarks


async def validate(job: JobRun, understood: Understood, written: Written) -> None:
    """Check, measure, refine, show; then keep the draft."""
    async with job.phase(Phase.VALIDATION):
        await job.tell("Writing queries that users might type", fraction=0.72)
        queries = await job.module("generate_test_cases", TestCases, requirements=understood.requirements)
        examiner = _Examiner(job, understood, written, queries)
        report, accepted = await _agree_on_report(job, examiner)
        draft = await _write_draft(job, examiner.written.plan.name)
    await _complete(job, examiner.written, draft, report.examination, accepted=accepted)


async def _agree_on_report(job: JobRun, examiner: _Examiner) -> tuple[_Report, bool]:
    """Until the person is content; returns the report and whether a person saw it."""
    first_shown = dict(job.files)
    feedback = ""
    for round_ in count(1):
        await job.tell("Checking and measuring", fraction=0.78)
        examination = await examiner.examine(job.files)
        report = _Report(examination, await examiner.remarks(examination, round_))
        if feedback:
            await job.keep(await examiner.refine(report, feedback))
            report.examination = await examiner.examine(job.files)
        else:
            await _refine_while_better(job, examiner, report)
        prompt = ValidatePrompt(
            prompt_id=job.next_prompt_id(Checkpoint.VALIDATE),
            job_id=job.job_id,
            title=f"The report on {examiner.written.plan.name}",
            files=prompt_files(job),
            findings=report.examination.findings[:_MOST_FINDINGS],
            measures=report.examination.measures,
            remarks=report.remarks,
            diff=await asyncio.to_thread(diff, first_shown, job.files),
            created_at=datetime.now(UTC),
        )
        answer = await job.ask(prompt)
        if answer.action is Action.PROCEED:
            if answer.edits:
                examiner.written.plan = await adopt(job, examiner.written.plan, answer.edits)
                report.examination = await examiner.examine(job.files)
            return report, job.asks(Checkpoint.VALIDATE)
        feedback, first_shown = answer.feedback, dict(job.files)
    raise AssertionError("count has no end")


async def _refine_while_better(job: JobRun, examiner: _Examiner, report: _Report) -> None:
    """Refine while something falls short, and keep a revision only if it measures better."""
    for _ in range(_REFINEMENTS):
        if not report.examination.falls_short:
            return
        await job.tell("Refining what falls short", fraction=0.84)
        candidate = await examiner.refine(report, "")
        examination = await examiner.examine(candidate)
        if not measures_better(report.examination.assessment(), examination.assessment()):
            await job.tell("The refinement measures no better: the text before it stays")
            return
        await job.keep(candidate)
        report.examination = examination
        await job.tell("The refinement measures better and is kept", fraction=0.9)


async def _write_draft(job: JobRun, name: str) -> str:
    files = dict(job.files)
    written = await job.mechanical(
        "write_draft", WrittenDraft, lambda: WrittenDraft(path=job.parts.drafts.write(job.job_id, name, files))
    )
    return written.path


async def _complete(
    job: JobRun, written: Written, draft: str, examination: Examination, *, accepted: bool
) -> None:  # fmt: skip
    unseen = bool(examination.errors) and not accepted
    data = CompletedData(
        status=JobStatus.PENDING_REVIEW if unseen else JobStatus.COMPLETED,
        draft_path=draft,
        name=written.plan.name,
        description=written.plan.description,
        findings=examination.findings[:_MOST_FINDINGS],
        measures=examination.measures,
        errors_accepted=examination.errors if accepted else 0,
    )
    await job.end(Completed(job_id=job.job_id, data=data))

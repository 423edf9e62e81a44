"""Refinement: a text that answers the report, kept only when it measures better than the one before it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from pydantic import BaseModel

from skill_fleet_common.skills import Finding, Measure, Provenance, Refinement, Remark, RoutedQuery, Severity
from skill_fleet_server.grounding.carrying import carry, said_by_person
from skill_fleet_server.grounding.instructions import instructions
from skill_fleet_server.programs.values import Body, Remarks, TestCases
from skill_fleet_server.quality.comparison import Assessment, changes, measures_better, why
from skill_fleet_server.quality.engine import DRAFT, check
from skill_fleet_server.quality.measures import COVERAGE, measure, route
from skill_fleet_server.quality.skill import MAIN_FILE
from skill_fleet_server.workflows import candidates
from skill_fleet_server.workflows.generation import Written, body_of, compose
from skill_fleet_server.workflows.job_run import JobRun
from skill_fleet_server.workflows.understanding import Understood

MOST_FINDINGS: Final = 100
"""Most findings that one event carries."""
REVIEW: Final = "What should change in the skill?"
"""The reference of what a person asked for when they saw the report."""
_ROUNDS: Final = 2
"""Most rounds of refinement before a person looks."""
_COVERED: Final = 0.8
"""Below this share of covered success criteria, refinement is tried."""


class Examination(BaseModel):
    """What rules and measures say of the skill's files."""

    findings: list[Finding] = []
    measures: list[Measure] = []
    routing: list[RoutedQuery] = []

    @property
    def errors(self) -> int:
        """How many findings some client really breaks on."""
        return self.assessment().count(Severity.ERROR)

    @property
    def falls_short(self) -> bool:
        """Whether there is something that refinement could mend."""
        coverage = self.assessment().value(COVERAGE)
        flawed = any(finding.severity is not Severity.INFO for finding in self.findings)
        return flawed or (coverage is not None and coverage < _COVERED)

    def assessment(self) -> Assessment:
        """The same, to be compared."""
        return Assessment(self.findings, self.measures)

    def new_errors(self, before: "Examination") -> list[Finding]:
        """The errors that were not there before, wherever in the text they were."""
        known = {(each.rule, each.path, each.message) for each in before.findings}
        return [
            each
            for each in self.findings
            if each.severity is Severity.ERROR and (each.rule, each.path, each.message) not in known
        ]


@dataclass(frozen=True)
class Report:
    """What is known of the skill as it stands."""

    examination: Examination
    remarks: list[Remark]
    refinements: Sequence[Refinement] = ()
    """What was tried since a person saw the last report."""


@dataclass(frozen=True)
class _Candidate:
    files: dict[str, str]
    provenance: list[Provenance]
    examination: Examination


class Examiner:
    """Examines and refines one job's skill, as often as it changes."""

    def __init__(self, job: JobRun, understood: Understood, written: Written, queries: TestCases) -> None:
        self.job = job
        self.written = written
        self._understood = understood
        self._queries = queries
        self._examinations = count(1)
        self._readings = count(1)
        self._refinements = count(1)

    async def report(self) -> Report:
        """The skill as it stands: rules, measures, and a reader's remarks."""
        examination = await self.examine(self.job.files, self.written.provenance)
        read = await self.job.module(
            "assess_quality",
            Remarks,
            step=f"assess_quality/{next(self._readings)}",
            skill_md=self.job.files[MAIN_FILE],
            plan=self.written.plan,
            excerpts=self._understood.excerpts,
            findings=examination.findings[:MOST_FINDINGS],
        )
        return Report(examination, read.remarks)

    async def examine(self, files: Mapping[str, str], provenance: Sequence[Provenance]) -> Examination:
        """Rules and measures. Checkpointed, because neighbours in the library may change meanwhile."""
        plan, files = self.written.plan, dict(files)
        neighbours = [(other.name, other.description) for other in self._understood.library.skills]

        def work() -> Examination:
            return Examination(
                findings=check(files, plan.name, profile=DRAFT),
                measures=measure(
                    files,
                    plan.name,
                    test_queries=self._queries,
                    neighbours=neighbours,
                    success_criteria=plan.success_criteria,
                    planned_sections=[section.heading for section in plan.outline],
                    provenance=provenance,
                ),
                routing=route(files, plan.name, self._queries, neighbours),
            )

        step = f"check_rules_and_measure/{next(self._examinations)}"
        return await self.job.mechanical("check_rules_and_measure", Examination, work, step=step)

    async def refine_while_better(self, report: Report) -> Report:
        """Refine while something falls short, and keep a text only if it measures better."""
        for _ in range(_ROUNDS):
            if not report.examination.falls_short:
                break
            await self.job.tell("Refining what falls short", fraction=0.84)
            candidate, tried = await self._try(report, "")
            if not tried.kept:
                await self.job.tell(f"The text before the refinement stays. {tried.why}")
                return replace(report, refinements=[*report.refinements, tried])
            report = await self._keep(report, candidate, tried)
            await self.job.tell(f"The refinement is kept. {tried.why}", fraction=0.9)
        return report

    async def refine_as_asked(self, report: Report, feedback: str) -> Report:
        """Do what a person asks for. It is kept even if it measures worse, and the report says by how much."""
        candidate, tried = await self._try(report, feedback)
        return await self._keep(report, candidate, tried.model_copy(update={"kept": True}))

    async def _try(self, report: Report, feedback: str) -> tuple[_Candidate, Refinement]:
        """The best of as many texts as the settings ask for, and how it compares with the one there is."""
        number = next(self._refinements)

        async def write(*, step: str, label: str, candidate: int) -> Body:
            return await self.job.module(
                "refine_skill",
                Body,
                step=step,
                label=label,
                candidate=candidate,
                body=body_of(self.job.files),
                findings=report.examination.findings[:MOST_FINDINGS],
                remarks=report.remarks,
                measures=report.examination.measures,
                excerpts=self._understood.excerpts,
                feedback=feedback,
                plan=self.written.plan,
            )

        label = f"round {number}"
        written = await candidates.several(self.job, write, step=f"refine_skill/{number}", label=label)
        found = [await self._candidate(each.body, feedback) for each in written]
        assessed = [each.examination.assessment() for each in found]
        chosen = candidates.best(assessed)
        if len(written) > 1:
            await candidates.say_which(self.job, written, chosen, assessed)
        before, after = report.examination.assessment(), assessed[chosen]
        kept = measures_better(before, after)
        return found[chosen], Refinement(
            label=f"{label}, as asked for" if feedback else label,
            kept=kept,
            why=why(before, after),
            errors_before=before.count(Severity.ERROR),
            errors_after=after.count(Severity.ERROR),
            warnings_before=before.count(Severity.WARNING),
            warnings_after=after.count(Severity.WARNING),
            changes=changes(before, after),
        )

    async def _candidate(self, body: str, feedback: str) -> _Candidate:
        existing = self._understood.existing
        text = compose(self.job, self.written.plan, body, existing=existing.files[MAIN_FILE] if existing else "")
        known = self.written.provenance
        provenance = await asyncio.to_thread(
            lambda: carry(known, instructions(text), said_by_person(REVIEW, feedback))
        )  # fmt: skip
        files = {**self.job.files, MAIN_FILE: text}
        return _Candidate(files, provenance, await self.examine(files, provenance))

    async def _keep(self, report: Report, candidate: _Candidate, tried: Refinement) -> Report:
        before = self.job.files[MAIN_FILE]
        await self.job.keep(candidate.files)
        self.written.provenance = candidate.provenance
        await self.job.traced(candidate.provenance)
        remarks = still_true(report.remarks, before, candidate.files[MAIN_FILE])
        return Report(candidate.examination, remarks, [*report.refinements, tried])


def still_true(remarks: Sequence[Remark], before: str, after: str) -> list[Remark]:
    """The remarks on lines that are still there, at the lines where they are now, and those on no line."""
    old, new = before.split("\n"), after.split("\n")
    moved = []
    for remark in remarks:
        if remark.line is None:
            moved.append(remark)
        elif 0 < remark.line <= len(old) and old[remark.line - 1].strip() and old[remark.line - 1] in new:
            moved.append(remark.model_copy(update={"line": new.index(old[remark.line - 1]) + 1}))
    return moved

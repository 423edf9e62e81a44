"""Builders of events, so that a test says only what matters to it."""

from datetime import UTC, datetime

from skill_fleet_common.events import (
    Artifact,
    ByData,
    Cancelled,
    Completed,
    CompletedData,
    DurableEvent,
    Failed,
    HitlPause,
    HitlPauseData,
    HitlResolved,
    HitlResolvedData,
    JobCreated,
    JobCreatedData,
    JobStarted,
    ModuleEnd,
    ModuleEndData,
    ModuleRetry,
    ModuleRetryData,
    ModuleStart,
    ModuleStartData,
    PhaseStart,
    Progress,
    ProgressData,
)
from skill_fleet_common.jobs import JobError, Phase, Usage
from skill_fleet_common.prompts import ClarifyPrompt, Question, QuestionType
from skill_fleet_common.skills import SkillFile
from skill_fleet_server.database.tables import JobRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def created(job_id: str = "job-1", task: str = "a skill for tests") -> JobCreated:
    return JobCreated(job_id=job_id, data=JobCreatedData(task_description=task))


def job_row(job_id: str = "job-1") -> JobRow:
    return JobRow(job_id=job_id, request={}, created_pos=0, status="", view="", updated_at=NOON)


def progress(job_id: str = "job-1", text: str = "working", fraction: float | None = None) -> Progress:
    return Progress(job_id=job_id, data=ProgressData(text=text, fraction=fraction))


def clarify_prompt(job_id: str = "job-1", ordinal: int = 1) -> ClarifyPrompt:
    question = Question(id="q1", text="Which version?", type=QuestionType.TEXT)
    return ClarifyPrompt(
        prompt_id=f"{job_id}.clarify.{ordinal}", job_id=job_id, title="Which?", created_at=NOON, questions=[question]
    )


def one_of_each(job_id: str = "job-1") -> list[DurableEvent]:
    """A job's middle, told with every kind of event that changes its view; no first, no last event."""
    prompt = clarify_prompt(job_id)
    return [
        JobStarted(job_id=job_id),
        PhaseStart(job_id=job_id, phase=Phase.UNDERSTANDING),
        ModuleStart(
            job_id=job_id,
            phase=Phase.UNDERSTANDING,
            module="gather_requirements",
            attempt=1,
            data=ModuleStartData(step="gather_requirements", model="demo/offline"),
        ),
        ModuleRetry(
            job_id=job_id,
            phase=Phase.UNDERSTANDING,
            module="gather_requirements",
            attempt=2,
            data=ModuleRetryData(step="gather_requirements", code="timeout", model="demo/offline"),
        ),
        ModuleEnd(
            job_id=job_id,
            phase=Phase.UNDERSTANDING,
            module="gather_requirements",
            attempt=2,
            data=ModuleEndData(step="gather_requirements", usage=Usage(calls=2, input_tokens=9), duration_s=1.5),
        ),
        HitlPause(job_id=job_id, data=HitlPauseData(prompt=prompt)),
        HitlResolved(job_id=job_id, data=HitlResolvedData(prompt_id=prompt.prompt_id, outcome="answered", by="owner")),
        Artifact(job_id=job_id, data=SkillFile(path="SKILL.md", size=3, sha256="0", revision=1)),
        Progress(job_id=job_id, data=ProgressData(text="half way", fraction=0.5, name="tests-for-you")),
    ]


def endings(job_id: str = "job-1") -> list[DurableEvent]:
    """The three ways a job can end."""
    result = CompletedData(draft_path="drafts/job-1/x", name="x", description="Does x. Use when x.")
    return [
        Completed(job_id=job_id, data=result),
        Failed(job_id=job_id, data=JobError(code="timeout", message="The model did not answer.")),
        Cancelled(job_id=job_id, data=ByData(by="owner")),
    ]

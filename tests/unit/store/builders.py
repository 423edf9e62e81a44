"""A log written by hand: events stamped as the server stamps them, and the frames a connection makes of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from skill_fleet_common import events as ev
from skill_fleet_common.fold import fold
from skill_fleet_common.jobs import JobError, JobView, Phase, Usage
from skill_fleet_common.prompts import (
    ClarifyPrompt,
    ConfirmPrompt,
    FieldFix,
    Option,
    PreviewPrompt,
    Prompt,
    PromptFile,
    Question,
    QuestionType,
    StructureFixPrompt,
    ValidatePrompt,
)
from skill_fleet_common.skills import (
    Finding,
    Measure,
    Origin,
    PlannedFile,
    PlannedSection,
    Provenance,
    Remark,
    Severity,
    SkillFile,
    SkillPlan,
)

NOON = datetime(2026, 11, 20, 14, 1, 2, tzinfo=UTC)


class Log:
    """Writes events one second apart and gives them their positions."""

    def __init__(self) -> None:
        self.events: list[ev.DurableEvent] = []

    def add(self, event: ev.DurableEvent) -> ev.DurableEvent:
        at = len(self.events) + 1
        seq = 1 + sum(other.job_id == event.job_id for other in self.events)
        stamped = event.model_copy(update={"pos": at, "seq": seq, "ts": NOON + timedelta(seconds=at - 1)})
        self.events.append(stamped)
        return stamped

    def of(self, job_id: str) -> list[ev.DurableEvent]:
        return [event for event in self.events if event.job_id == job_id]

    def view(self, job_id: str, upto: int | None = None) -> JobView:
        return fold(None, [event for event in self.of(job_id) if upto is None or event.pos <= upto])

    # --- a job's life ---------------------------------------------------------------------------------

    def created(self, job_id: str, task: str = "A skill for tests", **data: Any) -> None:
        self.add(ev.JobCreated(job_id=job_id, data=ev.JobCreatedData(task_description=task, **data)))
        self.add(ev.JobStarted(job_id=job_id))

    def phase(self, job_id: str, phase: Phase) -> None:
        self.add(ev.PhaseStart(job_id=job_id, phase=phase))

    def begins(self, job_id: str, module: str, phase: Phase = Phase.UNDERSTANDING) -> None:
        data = ev.ModuleStartData(step=module, model="demo/offline")
        self.add(ev.ModuleStart(job_id=job_id, phase=phase, module=module, attempt=1, data=data))

    def again(self, job_id: str, module: str, code: str = "timeout") -> None:
        data = ev.ModuleRetryData(
            step=module, code=code, message="The model did not answer in time.", model="demo/offline"
        )
        self.add(ev.ModuleRetry(job_id=job_id, module=module, attempt=2, data=data))

    def ends(self, job_id: str, module: str, phase: Phase = Phase.UNDERSTANDING, **data: Any) -> None:
        usage = Usage(calls=1, input_tokens=600, output_tokens=212)
        end = ev.ModuleEndData(step=module, duration_s=2.1, usage=usage, model="demo/offline", **data)
        self.add(ev.ModuleEnd(job_id=job_id, phase=phase, module=module, attempt=1, data=end))

    def thinks(self, job_id: str, module: str, text: str) -> None:
        self.add(ev.Reasoning(job_id=job_id, module=module, data=ev.ReasoningData(step=module, text=text)))

    def says(self, job_id: str, text: str, fraction: float | None = None, name: str = "") -> None:
        self.add(ev.Progress(job_id=job_id, data=ev.ProgressData(text=text, fraction=fraction, name=name)))

    def asks(self, job_id: str, prompt: Prompt) -> None:
        self.add(ev.HitlPause(job_id=job_id, data=ev.HitlPauseData(prompt=prompt)))

    def resolved(self, job_id: str, prompt: Prompt, by: str = "owner", **data: Any) -> None:
        resolved = ev.HitlResolvedData(prompt_id=prompt.prompt_id, outcome="answered", by=by, action="proceed", **data)
        self.add(ev.HitlResolved(job_id=job_id, data=resolved))

    def writes(self, job_id: str, path: str = "SKILL.md", revision: int = 1, size: int = 3_400) -> None:
        self.add(ev.Artifact(job_id=job_id, data=SkillFile(path=path, size=size, sha256="0", revision=revision)))

    def traces(self, job_id: str, provenance: list[Provenance], revision: int = 1) -> None:
        data = ev.TracedData(revision=revision, provenance=provenance)
        self.add(ev.Traced(job_id=job_id, data=data))

    def completed(self, job_id: str, name: str = "a-skill") -> None:
        data = ev.CompletedData(
            draft_path=f"drafts/{job_id}/{name}", name=name, description="Does it. Use when needed."
        )
        self.add(ev.Completed(job_id=job_id, data=data))

    def failed(self, job_id: str, message: str = "The model timed out three times.") -> None:
        self.add(ev.Failed(job_id=job_id, data=JobError(code="timeout", message=message, hint="Retry with r.")))


def hello(resume: str = "snapshot", epoch: str = "e1") -> ev.Hello:
    data = ev.HelloData.model_validate({"epoch": epoch, "head": 0, "oldest": 0, "resume": resume, "keepalive_s": 3.0})
    return ev.Hello(data=data)


def snapshot(log: Log, upto: int, jobs: Iterable[str]) -> list[ev.Frame]:
    """What a connection without a cursor gets first."""
    views = [log.view(job, upto) for job in jobs if any(event.pos <= upto for event in log.of(job))]
    frames = [ev.Snapshot(job_id=view.job_id, seq=view.seq, data=ev.SnapshotData(job=view)) for view in views]
    return [hello(), *frames, ev.SnapshotEnd(pos=upto, data=ev.SnapshotEndData(jobs=len(views)))]


def token(
    text: str, off: int = 0, gen: int = 1, job: str = "a", module: str = "write_skill", field: str = "body"
) -> ev.Token:
    data = ev.TokenData(step=module, gen=gen, field=field, off=off, text=text)
    return ev.Token(job_id=job, module=module, attempt=1, data=data)


def sync(text: str, gen: int = 1, job: str = "a", module: str = "write_skill", field: str = "body") -> ev.TokenSync:
    data = ev.TokenData(step=module, gen=gen, field=field, off=0, text=text)
    return ev.TokenSync(job_id=job, module=module, attempt=1, data=data)


# --- prompts of every kind --------------------------------------------------------------------------


def _base(job: str, kind: str, title: str) -> dict[str, Any]:
    return {"prompt_id": f"{job}.{kind}.1", "job_id": job, "title": title, "created_at": NOON}


def clarify(job: str = "a", questions: list[Question] | None = None) -> ClarifyPrompt:
    return ClarifyPrompt(**_base(job, "clarify", "Three things are open"), questions=questions or every_question())


def every_question() -> list[Question]:
    versions = [Option(id="19", label="React 19", description="the current one"), Option(id="18", label="React 18")]
    parts = [Option(id="hooks", label="Hooks"), Option(id="forms", label="Forms"), Option(id="tests", label="Tests")]
    return [
        Question(
            id="version", text="Which React version should the skill assume?", rationale="Hooks differ between them.",
            type=QuestionType.SINGLE, options=versions, allows_other=True,
        ),
        Question(id="parts", text="What should it cover?", type=QuestionType.MULTI, options=parts),
        Question(id="strict", text="Is strict mode on?", type=QuestionType.BOOLEAN),
        Question(id="words", text="How does your team call a component that fetches?", type=QuestionType.TEXT),
    ]  # fmt: skip


def structure_fix(job: str = "a") -> StructureFixPrompt:
    fixes = [
        FieldFix(field="name", current="React Hooks!", problems=["Only a-z, 0-9, hyphens."], suggestion="react-hooks"),
        FieldFix(
            field="description", current="Hooks.", problems=["Does not say when to use it."],
            suggestion="Write React hooks. Use when a component needs state.",
        ),
    ]  # fmt: skip
    return StructureFixPrompt(**_base(job, "structure_fix", "Two fields would not pass the specification"), fixes=fixes)


def plan() -> SkillPlan:
    return SkillPlan(
        name="react-hooks",
        description="Write React hooks the way our team does. Use when a component needs state or effects.",
        taxonomy_path="web/react",
        outline=[
            PlannedSection(heading="When to use", points=["state", "effects"]),
            PlannedSection(heading="Mistakes"),
        ],
        files=[PlannedFile(path="references/rules.md", purpose="the rules of hooks")],
        examples=["a hook that fetches"],
        success_criteria=["the agent never calls a hook in a loop"],
        overlaps=["react-basics"],
    )


def confirm(job: str = "a", questions: list[Question] | None = None) -> ConfirmPrompt:
    return ConfirmPrompt(**_base(job, "confirm", "The plan is ready"), plan=plan(), questions=questions or [])


DIFF = "--- SKILL.md\n+++ SKILL.md\n@@ -1 +1 @@\n # React hooks\n-Call hooks anywhere.\n+Call hooks at the top level.\n"
SKILL = (
    "---\nname: react-hooks\ndescription: Write React hooks.\n---\n\n# React hooks\n\nCall hooks at the top level.\n"
)


def preview(job: str = "a") -> PreviewPrompt:
    files = [PromptFile(path="SKILL.md", size=len(SKILL), sha256="0", revision=2, text=SKILL)]
    origins = {Origin.SOURCE: 6, Origin.ANSWER: 2, Origin.MODEL: 2}
    provenance = [Provenance(text="Call hooks at the top level.", line=8, origin=Origin.MODEL)]
    return PreviewPrompt(
        **_base(job, "preview", "The draft is written"), files=files, diff=DIFF, origins=origins, provenance=provenance
    )


def validate(job: str = "a") -> ValidatePrompt:
    files = [PromptFile(path="SKILL.md", size=len(SKILL), sha256="0", revision=2, text=SKILL)]
    findings = [
        Finding(rule="B03", severity=Severity.WARNING, message="A link leads nowhere.", line=7, fix="Remove it.")
    ]
    measures = [
        Measure(name="routing", value=0.91, how="10 queries, lexical"),
        Measure(name="coverage", value=None, how="no success criteria"),
    ]
    remarks = [Remark(line=8, text="Vague about loops.", proposal="Name the lint rule.")]
    return ValidatePrompt(
        **_base(job, "validate", "The report is ready"), files=files, findings=findings, measures=measures,
        remarks=remarks, diff=DIFF,
    )  # fmt: skip

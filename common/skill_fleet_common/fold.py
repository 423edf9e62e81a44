"""The one function that turns events into a job's view.

The server keeps each job's view with it; the dashboard makes its panels from it. Because both use this
function, a snapshot and the events after it always give the view that a fresh snapshot would.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from typing import Any

from skill_fleet_common.events import (
    Artifact,
    Cancelled,
    Completed,
    DurableEvent,
    Failed,
    HitlPause,
    HitlResolved,
    JobCancelling,
    JobCreated,
    JobResumed,
    JobStarted,
    ModuleEnd,
    ModuleRetry,
    ModuleStart,
    PhaseStart,
    Progress,
    UnknownEvent,
)  # fmt: skip
from skill_fleet_common.jobs import JobResult, JobStatus, JobView, ModuleStatus, ModuleView


def fold(view: JobView | None, events: Iterable[DurableEvent | UnknownEvent]) -> JobView:
    """Apply events in order. `view` is `None` when the first of them is `job_created`."""
    for event in events:
        view = apply(view, event)
    if view is None:
        raise ValueError("a job's first event is job_created")
    return view


def apply(view: JobView | None, event: DurableEvent | UnknownEvent) -> JobView:
    """The view after one more durable event of the same job. An event already folded in changes nothing.

    Raises:
        ValueError: If there is no view yet and the event does not begin one.
    """
    if isinstance(event, JobCreated):
        return view or _begin(event)
    if view is None:
        raise ValueError(f"{event.type} cannot be a job's first event")
    if event.seq <= view.seq:
        return view
    changes = _changes(event, view)
    return view.model_copy(update={"seq": event.seq, "pos": event.pos, "updated_at": event.ts, **changes})


def _begin(event: JobCreated) -> JobView:
    at = event.ts or datetime.min
    return JobView(
        job_id=event.job_id,
        task_description=event.data.task_description,
        source_names=[source.name for source in event.data.sources],
        model=event.data.model,
        demo=event.data.demo,
        auto_approve=event.data.auto_approve,
        created_by=event.data.by,
        forked_from=event.data.forked_from,
        fork_step=event.data.fork_step,
        created_at=at,
        updated_at=at,
        seq=event.seq,
        pos=event.pos,
    )


@singledispatch
def _changes(event: Any, view: JobView) -> dict[str, Any]:
    """What an event changes in the view; nothing, for a type that only tells a story."""
    return {}


@_changes.register
def _(event: JobStarted, view: JobView) -> dict[str, Any]:
    return {"status": JobStatus.RUNNING, "run": view.run + 1}


@_changes.register
def _(event: JobResumed, view: JobView) -> dict[str, Any]:
    changes: dict[str, Any] = {} if event.data.reason == "answered" else {"run": view.run + 1}
    if view.prompt is None and view.status is not JobStatus.CANCELLING:
        changes["status"] = JobStatus.RUNNING
    return changes


@_changes.register
def _(event: JobCancelling, view: JobView) -> dict[str, Any]:
    return {"status": JobStatus.CANCELLING}


@_changes.register
def _(event: PhaseStart, view: JobView) -> dict[str, Any]:
    return {"phase": event.phase}


@_changes.register
def _(event: ModuleStart, view: JobView) -> dict[str, Any]:
    run = ModuleView(
        step=event.data.step,
        module=event.module or event.data.step,
        phase=event.phase,
        label=event.data.label,
        attempt=event.attempt or 1,
        model=event.data.model,
        started_at=event.ts,
    )
    return {"module": run.module, "modules": _with_module(view, run)}


@_changes.register
def _(event: ModuleRetry, view: JobView) -> dict[str, Any]:
    run = _module(view, event.data.step)
    if run is None:
        return {}
    again = {"status": ModuleStatus.RUNNING, "attempt": event.attempt or run.attempt + 1, "model": event.data.model}
    return {"modules": _with_module(view, run.model_copy(update=again))}


@_changes.register
def _(event: ModuleEnd, view: JobView) -> dict[str, Any]:
    run = _module(view, event.data.step)
    usage = view.usage + event.data.usage
    if run is None:
        return {"usage": usage}
    ended = {
        "status": ModuleStatus.DONE if event.data.ok else ModuleStatus.FAILED,
        "attempt": event.attempt or run.attempt,
        "model": event.data.model,
        "duration_s": event.data.duration_s,
        "usage": event.data.usage,
        "degraded": event.data.degraded,
        "replayed": event.data.replayed,
    }
    return {"modules": _with_module(view, run.model_copy(update=ended)), "usage": usage}


@_changes.register
def _(event: Progress, view: JobView) -> dict[str, Any]:
    changes: dict[str, Any] = {"progress_text": event.data.text or view.progress_text}
    if event.data.fraction is not None:
        changes["progress"] = event.data.fraction
    if event.data.name:
        changes["name"] = event.data.name
    return changes


@_changes.register
def _(event: HitlPause, view: JobView) -> dict[str, Any]:
    return {"status": JobStatus.PENDING_HITL, "prompt": event.data.prompt}


@_changes.register
def _(event: HitlResolved, view: JobView) -> dict[str, Any]:
    if view.prompt is None or view.prompt.prompt_id != event.data.prompt_id:
        return {}
    status = JobStatus.RUNNING if view.status is JobStatus.PENDING_HITL else view.status
    return {"status": status, "prompt": None}


@_changes.register
def _(event: Artifact, view: JobView) -> dict[str, Any]:
    others = [file for file in view.files if file.path != event.data.path]
    files = sorted([*others, event.data], key=lambda file: (file.path != "SKILL.md", file.path))
    return {"files": files, "revision": max(view.revision, event.data.revision)}


@_changes.register
def _(event: Completed, view: JobView) -> dict[str, Any]:
    result = JobResult(**event.data.model_dump(exclude={"status"}))
    return {
        "status": event.data.status,
        "prompt": None,
        "result": result,
        "name": result.name,
        "draft_path": result.draft_path,
        "progress": 1.0,
        "modules": _ended(view),
    }


@_changes.register
def _(event: Failed, view: JobView) -> dict[str, Any]:
    return {"status": JobStatus.FAILED, "prompt": None, "error": event.data, "modules": _ended(view)}


@_changes.register
def _(event: Cancelled, view: JobView) -> dict[str, Any]:
    return {"status": JobStatus.CANCELLED, "prompt": None, "modules": _ended(view)}


def _ended(view: JobView) -> list[ModuleView]:
    """The modules of a job that is over: none of them runs any more."""
    return [
        run.model_copy(update={"status": ModuleStatus.CUT_OFF}) if run.status is ModuleStatus.RUNNING else run
        for run in view.modules
    ]


def _module(view: JobView, step: str) -> ModuleView | None:
    return next((run for run in view.modules if run.step == step), None)


def _with_module(view: JobView, run: ModuleView) -> list[ModuleView]:
    if _module(view, run.step) is None:
        return [*view.modules, run]
    return [run if known.step == run.step else known for known in view.modules]

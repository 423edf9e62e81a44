"""Jobs and events as lines for people."""

from datetime import datetime

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
    ModuleEnd,
    ModuleRetry,
    PhaseStart,
    Progress,
    UnknownEvent,
)
from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_tui.text.clean import clean_line

_STATUS_STYLES = {
    JobStatus.RUNNING: "cyan",
    JobStatus.PENDING_HITL: "bold yellow",
    JobStatus.COMPLETED: "green",
    JobStatus.PENDING_REVIEW: "yellow",
    JobStatus.FAILED: "red",
    JobStatus.CANCELLED: "dim",
}
_STATUS_WORDS = {
    JobStatus.PENDING: "pending",
    JobStatus.RUNNING: "running",
    JobStatus.PENDING_HITL: "asks",
    JobStatus.CANCELLING: "cancelling",
    JobStatus.COMPLETED: "completed",
    JobStatus.PENDING_REVIEW: "needs review",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}


def status_word(status: JobStatus) -> str:
    """A status as people say it."""
    return _STATUS_WORDS[status]


def status_style(status: JobStatus) -> str:
    """How a status is coloured."""
    return _STATUS_STYLES.get(status, "")


def job_title(view: JobView, width: int = 60) -> str:
    """What a job is called: its skill's name, or what was asked for, shortened."""
    title = clean_line(view.name or view.task_description)
    return title if len(title) <= width else f"{title[: width - 1]}…"


def job_position(view: JobView) -> str:
    """How far a job is, in a few words."""
    if view.prompt:
        return clean_line(view.prompt.title)
    if view.error:
        return clean_line(view.error.message)
    phase = view.phase.value if view.phase else ""
    percent = f"{view.progress:.0%}" if view.progress is not None else ""
    return " ".join(part for part in (phase, percent) if part)


def local_time(at: datetime | None) -> str:
    """A time of day where the reader is."""
    return at.astimezone().strftime("%H:%M:%S") if at else ""


def event_line(event: DurableEvent | UnknownEvent) -> str | None:
    """One event as a line, or `None` for one that is not worth a line here."""
    match event:
        case JobCreated():
            demo = " · demo model" if event.data.demo else ""
            said = f"Created {event.job_id}{demo}"
        case JobResumed():
            said = f"Goes on: {event.data.reason.replace('_', ' ')}"
        case JobCancelling():
            said = "Cancelling"
        case PhaseStart():
            said = event.phase.value.capitalize() if event.phase else "Next phase"
        case ModuleRetry():
            said = f"  ↻ {event.module or event.data.step} again ({event.data.code}): {event.data.message}"
        case ModuleEnd():
            said = _module_end(event)
        case Progress():
            said = f"  {event.data.text}" if event.data.text else ""
        case HitlPause():
            said = f"? {event.data.prompt.title} ({event.data.prompt.kind.value})"
        case HitlResolved():
            said = _resolved(event)
        case Artifact():
            said = f"  wrote {event.data.path} (revision {event.data.revision}, {event.data.size:,} bytes)"
        case Completed():
            review = " and needs review" if event.data.status is JobStatus.PENDING_REVIEW else ""
            said = f"✓ {event.data.name} is written{review}: {event.data.draft_path}"
        case Failed():
            said = f"✗ {event.data.message} {event.data.hint}"
        case Cancelled():
            said = "✗ Cancelled"
        case _:
            said = ""
    return clean_line(said).rstrip() or None


def _resolved(event: HitlResolved) -> str:
    action = f": {event.data.action.value}" if event.data.action else ""
    if event.data.outcome == "auto":
        return f"  nobody was asked{action}"
    by = f" by {event.data.by}" if event.data.by else ""
    return f"  {event.data.outcome}{by}{action}"


def _module_end(event: ModuleEnd) -> str:
    used = event.data.usage.input_tokens + event.data.usage.output_tokens
    parts = [f"  {'✓' if event.data.ok else '✗'} {event.module or event.data.step}", f"{event.data.duration_s:.1f} s"]
    if used:
        parts.append(f"{used:,} tokens")
    if event.data.replayed:
        parts.append("from its checkpoint")
    if event.data.error:
        parts.append(event.data.error.message)
    return " · ".join(parts)

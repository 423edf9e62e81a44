"""`jobs` and `events`: look at jobs, cancel them, run a failed one again."""

import uuid
from typing import Any

from rich import box
from rich.table import Table

from skill_fleet_common.api import JobDetail, Prune
from skill_fleet_common.events import DurableEvent, UnknownEvent
from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_common.library import Promoted
from skill_fleet_tui.cli.create import stay
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.lines import event_line, job_position, job_title, local_time, status_style, status_word
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.text.clean import clean_line


def list_jobs(session: Session, *, status: JobStatus | None, q: str, limit: int) -> Exit:
    """List jobs, newest first."""

    async def read(api: ApiClient) -> tuple[list[JobView], dict[str, Promoted]]:
        found: list[JobView] = []
        promoted: dict[str, Promoted] = {}
        cursor: str | None = None
        while len(found) < limit:
            page = await api.jobs(status=status, q=q, limit=min(limit - len(found), 100), cursor=cursor)
            found += page.jobs
            promoted |= page.promoted
            cursor = page.next
            if cursor is None:
                break
        return found, promoted

    jobs, promoted = session.request(read)
    if session.json:
        session.document({"jobs": [_document(job, promoted) for job in jobs]})
    elif not jobs:
        session.note('There are no jobs here. Begin one with: skill-fleet create "a skill for …"')
    elif session.out.is_terminal:
        session.out.print(_table(jobs, promoted))
    else:
        for job in jobs:
            session.line("\t".join([job.job_id, job.status.value, job_title(job), _where(job, promoted)]))
    return Exit.OK


def show_job(session: Session, job_id: str) -> Exit:
    """Show one job."""
    job: JobDetail = session.request(lambda api: api.job(job_id))
    if session.json:
        session.document(job)
        return Exit.OK
    session.line(f"{job_title(job)}  {status_word(job.status)}", status_style(job.status) or None)
    for name, value in _facts(job):
        if value:
            session.line(f"  {name:<11} {clean_line(value)}")
    for run in job.modules:
        took = f"{run.duration_s:.1f} s" if run.duration_s is not None else run.status.value
        session.line(f"    {run.step:<36} {took:>10}  {run.model}")
    return Exit.OK


def cancel_job(session: Session, job_id: str) -> Exit:
    """Cancel a job."""
    status: str = session.request(lambda api: api.cancel(job_id))
    if session.json:
        session.document({"job_id": job_id, "status": status})
    else:
        session.line(f"{job_id} is {status}.")
    return Exit.OK


def retry_job(session: Session, job_id: str, *, wait: bool) -> Exit:
    """Run a failed job again from its last good checkpoint."""
    key = str(uuid.uuid4())
    accepted = session.request(lambda api: api.retry(job_id, idempotency_key=key))
    if wait:
        return stay(session, accepted.job.job_id)
    if session.json:
        session.document(accepted)
    else:
        session.line(f"Goes on as {accepted.job.job_id}")
    return Exit.OK


def prune_jobs(session: Session, days: float, *, dry_run: bool) -> Exit:
    """Forget jobs that ended long ago."""
    count = session.request(lambda api: api.prune(Prune(days=days, dry_run=dry_run)))
    if session.json:
        session.document({"jobs": count, "dry_run": dry_run})
    else:
        jobs = "1 job" if count == 1 else f"{count:,} jobs"
        session.line(f"{jobs} would be forgotten." if dry_run else f"{jobs} forgotten. Their drafts are kept.")
    return Exit.OK


def show_events(session: Session, job_id: str) -> Exit:
    """Everything that has happened to a job up to now."""

    async def read(api: ApiClient) -> None:
        async for event in api.all_events(job_id):
            if session.json:
                session.document(event)
            elif isinstance(event, DurableEvent | UnknownEvent) and (said := event_line(event)):
                session.line(f"{local_time(event.ts)}  {said}")

    session.request(read)
    return Exit.OK


def _document(job: JobView, promoted: dict[str, Promoted]) -> dict[str, Any]:
    kept = promoted.get(job.job_id)
    known = {"promoted": kept.model_dump(mode="json", exclude_none=True)} if kept is not None else {}
    return {**job.model_dump(mode="json", exclude_none=True), **known}


def _where(job: JobView, promoted: dict[str, Promoted]) -> str:
    """Where it is: at a phase, or in the library."""
    kept = promoted.get(job.job_id)
    return f"in the library: {kept.taxonomy_path}/{kept.name}" if kept is not None else job_position(job)


def _kept(job: JobDetail) -> str:
    """As what its draft was promoted, and when."""
    if job.promoted is None:
        return ""
    at = job.promoted.at.astimezone().strftime(" on %Y-%m-%d %H:%M") if job.promoted.at else ""
    by = f" by {job.promoted.by}" if job.promoted.by else ""
    return f"{job.promoted.taxonomy_path}/{job.promoted.name} r{job.promoted.revision}{at}{by}"


def _table(jobs: list[JobView], promoted: dict[str, Promoted]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("job", "status", "skill", "where", "updated"):
        table.add_column(heading, overflow="fold" if heading == "job" else "ellipsis", no_wrap=True)
    for job in jobs:
        updated = job.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        row = [job.job_id, status_word(job.status), job_title(job), _where(job, promoted), updated]
        table.add_row(*row, style=status_style(job.status))
    return table


def _facts(job: JobDetail) -> list[tuple[str, str]]:
    used = job.usage.input_tokens + job.usage.output_tokens
    return [
        ("job", job.job_id),
        ("asked for", job.task_description),
        ("forked from", f"{job.forked_from} at {job.fork_step}".removesuffix(" at ") if job.forked_from else ""),
        ("sources", ", ".join(job.source_names)),
        ("model", f"{job.model} (demo)" if job.demo and "demo" not in job.model else job.model),
        ("where", job_position(job)),
        ("promoted as", _kept(job)),
        ("draft", "" if job.promoted else job.draft_path or ""),
        ("used", f"{used:,} tokens in {job.usage.calls} calls" if job.usage.calls else ""),
        ("hint", job.error.hint if job.error else ""),
        ("asks", f"skill-fleet answer {job.job_id}" if job.prompt else ""),
    ]

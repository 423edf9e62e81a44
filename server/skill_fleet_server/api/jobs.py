"""`/jobs`: creating, listing, reading, cancelling and retrying jobs; their files."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from fastapi.responses import PlainTextResponse

from skill_fleet_common import limits
from skill_fleet_common.api import CancelAccepted, CreateJob, ForkJob, JobAccepted, JobDetail, JobPage, Prune, Pruned
from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.api.auth import Admin, Author, Reader
from skill_fleet_server.api.context import IdempotencyKey, JobId, Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.library import exploring

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=JobAccepted,
    summary="Create a job",
    responses={200: {"model": JobAccepted, "description": "The same key and request created this job before"}}
    | problems(400, 413, 422, 503),
)
async def create_job(
    body: CreateJob, parts: Parts, by: Author, response: Response, idempotency_key: IdempotencyKey = None
) -> JobAccepted:
    """Begin a job that makes a skill of a description and sources.

    With an `Idempotency-Key` a request can be sent again without creating a second job.
    """
    accepted, is_new = await parts.jobs.create(body, idempotency_key=idempotency_key, by=by.name)
    return _accepted(accepted, is_new, response)


@router.get("", summary="List jobs, newest first", responses=problems(422, 503))
async def list_jobs(
    parts: Parts,
    who: Reader,
    status: Annotated[list[JobStatus], Query(description="Only jobs in one of these; repeat it for several.")] = [],  # noqa: B006 - FastAPI copies it
    q: Annotated[str, Query(max_length=200, description="Only jobs with this in their description or name.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$", description="`next` of the page before.")] = None,
) -> JobPage:
    """A page of jobs; `next` is the `cursor` of the page after it."""
    page = await parts.jobs.list(status=set(status), q=q, limit=limit, cursor=cursor, created_by=who.sees)
    with_drafts = {job.job_id for job in page.jobs if job.result is not None}
    known = await asyncio.to_thread(exploring.promotions, parts.library.catalog) if with_drafts else {}
    return page.model_copy(update={"promoted": {job: known[job] for job in known if job in with_drafts}})


@router.post("/prune", summary="Forget old jobs", responses=problems(422, 503))
async def prune_jobs(body: Prune, parts: Parts, _by: Admin) -> Pruned:
    """Forget jobs that ended long ago, with their events, prompts, files and checkpoints. Drafts on disk stay.

    A client whose cursor is from before is told so (`reset`) and gets a snapshot.
    """
    older_than = timedelta(days=body.days)
    do = parts.retention.count if body.dry_run else parts.retention.trim
    return Pruned(jobs=await do(older_than))


@router.get("/{job_id}", summary="Read a job", responses=problems(404, 503))
async def read_job(job_id: JobId, parts: Parts, _by: Reader) -> JobDetail:
    """The job's view, its open prompt and the text in flight, with the position at which that is true."""
    view, as_of = await parts.jobs.get(job_id)
    known = await asyncio.to_thread(exploring.promotions, parts.library.catalog) if view.result else {}
    return JobDetail(
        **dict(view),
        as_of=as_of,
        cursor=str(Cursor(parts.log.epoch, as_of)),
        live=parts.live.in_flight(job_id),
        promoted=known.get(job_id),
    )


@router.post(
    "/{job_id}/cancel",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=CancelAccepted,
    summary="Cancel a job",
    responses={200: {"model": CancelAccepted, "description": "The job is over"}} | problems(404, 503),
)
async def cancel_job(job_id: JobId, parts: Parts, by: Author, response: Response) -> CancelAccepted:
    """Ask for the job to end. May be sent again; nothing else cancels a job, a client that goes away least of all."""
    now = await parts.jobs.cancel(job_id, by=by.name)
    if now.is_terminal:
        response.status_code = status.HTTP_200_OK
    return CancelAccepted(status=now)


@router.post(
    "/{job_id}/retry",
    status_code=status.HTTP_201_CREATED,
    response_model=JobAccepted,
    summary="Retry a failed job",
    responses={200: {"model": JobAccepted, "description": "The same key began this retry before"}}
    | problems(404, 409, 422, 503),
)
async def retry_job(
    job_id: JobId, parts: Parts, by: Author, response: Response, idempotency_key: IdempotencyKey = None
) -> JobAccepted:
    """Begin a new job that goes on from the last good checkpoint of a failed one."""
    accepted, is_new = await parts.jobs.retry(job_id, by=by.name, idempotency_key=idempotency_key)
    return _accepted(accepted, is_new, response)


@router.post(
    "/{job_id}/fork",
    status_code=status.HTTP_201_CREATED,
    response_model=JobAccepted,
    summary="Fork a job",
    responses={200: {"model": JobAccepted, "description": "The same key and request made this fork before"}}
    | problems(404, 409, 422, 503),
)
async def fork_job(
    job_id: JobId,
    body: ForkJob,
    parts: Parts,
    by: Author,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> JobAccepted:
    """Begin a new job that shares another's finished steps up to one of them, and goes on from there with another
    answer or description. What is shared is not paid for again; the other job stays as it is."""
    accepted, is_new = await parts.jobs.fork(job_id, body, by=by.name, idempotency_key=idempotency_key)
    return _accepted(accepted, is_new, response)


@router.get(
    "/{job_id}/files/{path:path}",
    response_class=PlainTextResponse,
    summary="Read a file of a job's skill",
    responses=problems(404, 422, 503),
)
async def read_file(
    job_id: JobId,
    path: str,
    parts: Parts,
    _by: Reader,
    revision: Annotated[
        int | None, Query(ge=1, le=2**31, description="As it was then; the newest if left out.")
    ] = None,
) -> PlainTextResponse:
    """The text of one file, for what was too large for a frame. `path` is the name a file has in the job's view."""
    return _text(await parts.jobs.file(job_id, path, revision))


@router.get(
    "/{job_id}/sources",
    response_class=PlainTextResponse,
    summary="Read a source of a job",
    responses=problems(404, 422, 503),
)
async def read_source(
    job_id: JobId,
    parts: Parts,
    _by: Reader,
    name: Annotated[
        str,
        Query(
            min_length=1,
            max_length=limits.SOURCE_NAME_CHARACTERS,
            description="One of the job's `source_names`; only a name, never opened as a path.",
        ),
    ],
) -> PlainTextResponse:
    """The text that the job was given under this name: what `name:first-last` in a provenance refers to."""
    return _text(await parts.jobs.source(job_id, name))


def _text(text: str) -> PlainTextResponse:
    return PlainTextResponse(text, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})


def _accepted(accepted: JobAccepted, is_new: bool, response: Response) -> JobAccepted:
    response.headers["Location"] = f"/api/v1/jobs/{accepted.job.job_id}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return accepted

"""`/healthz`, `/readyz`, `/metrics`: for whoever keeps the server running."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response, status

from skill_fleet_common import __version__
from skill_fleet_common.api import Health
from skill_fleet_server.api.auth import Reader
from skill_fleet_server.api.context import OpenStreams, Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.metrics import CONTENT_TYPE, exposition, of_fleet, of_process, of_streams

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the server lives")
async def healthz() -> Health:
    """Answers as long as the process does. Needs no token."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    summary="Whether the server can do its work",
    responses={503: {"model": Health, "description": "Something it needs is not there; `checks` says what"}},
)
async def readyz(parts: Parts, streams: OpenStreams, response: Response) -> Health:
    """Asks the database and the workflow engine; in a fleet, also whether the others hear of this process. Needs no
    token. `checks.jobs` is there when unfinished jobs are of a version that nobody runs, which is no reason for 503."""
    checks = await parts.ready()
    if streams.stopping:
        checks["server"] = "The server is shutting down."
    health = readiness(checks, response)
    return health.model_copy(update={"checks": checks | await parts.notes()}) if health.status == "ok" else health


def readiness(checks: Mapping[str, str], response: Response) -> Health:
    """What was checked as an answer: 503 unless all is well."""
    ready = all(found == "ok" for found in checks.values())
    if not ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(status="ok" if ready else "unavailable", version=__version__, checks=dict(checks))


@router.get("/metrics", summary="Numbers for Prometheus", response_class=Response, responses=problems(503))
async def metrics(request: Request, parts: Parts, streams: OpenStreams, _by: Reader) -> Response:
    """Streams and their lag, commits, unfinished jobs, modules, models, members of the fleet. Each process tells of
    what it does itself, and counts from its start."""
    unfinished = (await parts.log.snapshot(finished=0)).views
    at_work = parts.engine.at_work
    text = exposition(
        of_streams(streams, request.app.state.activity),
        of_fleet(unfinished, await parts.census()),
        of_process([job for job in unfinished if job.job_id in at_work], parts.runner.breakers(), parts.silent_s),
    )
    return Response(text, headers={"Content-Type": CONTENT_TYPE})

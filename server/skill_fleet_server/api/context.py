"""What endpoints take from a request, whatever their noun."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from skill_fleet_server.access.principal import Principal
from skill_fleet_server.api.auth import Reader
from skill_fleet_server.errors import NotFound
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.services import Services


def _services(request: Request) -> Services:
    return request.app.state.services


def _streams(request: Request) -> Streams:
    return request.app.state.streams


Parts = Annotated[Services, Depends(_services)]
"""The parts of the server."""

OpenStreams = Annotated[Streams, Depends(_streams)]


async def refuse_unreadable(job_id: str, who: Principal, parts: Services) -> None:
    """See to it that nobody learns of a job that is not theirs to see.

    Raises:
        NotFound: If there is no such job, as far as they are concerned.
    """
    view, _ = await parts.jobs.get(job_id)
    if who.own_only and view.created_by != who.name:
        raise NotFound(f"There is no job {job_id}. `GET /api/v1/jobs` lists them.")


async def _readable(
    who: Reader, parts: Parts, job_id: Annotated[str, Path(min_length=1, max_length=64)]
) -> str:  # fmt: skip
    if who.own_only:
        await refuse_unreadable(job_id, who, parts)
    return job_id


JobId = Annotated[str, Depends(_readable)]
"""The id of a job that whoever asks may see: to anybody else there is none."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Names one action of a person, so that sending it again does it once.",
    ),
]

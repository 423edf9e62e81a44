"""What endpoints take from a request, whatever their noun."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from skill_fleet_server.events.stream import Streams
from skill_fleet_server.services import Services


def _services(request: Request) -> Services:
    return request.app.state.services


def _streams(request: Request) -> Streams:
    return request.app.state.streams


Parts = Annotated[Services, Depends(_services)]
"""The parts of the server."""

OpenStreams = Annotated[Streams, Depends(_streams)]

JobId = Annotated[str, Path(min_length=1, max_length=64)]

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Names one action of a person, so that sending it again does it once.",
    ),
]

"""`/events` and `/jobs/{job_id}/events`: the streams, and one job's events as pages."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from skill_fleet_common.api import EventPage
from skill_fleet_server.access.principal import ROOT, Principal
from skill_fleet_server.api.auth import Reader
from skill_fleet_server.api.context import JobId, OpenStreams, Parts, refuse_unreadable
from skill_fleet_server.api.descriptions import STREAM_RESPONSE, problems
from skill_fleet_server.api.problems import BadRequest
from skill_fleet_server.api.send_limit import SendLimit
from skill_fleet_server.errors import TooMany
from skill_fleet_server.events.frames import MEDIA_TYPE, Cursor
from skill_fleet_server.events.live_reader import Deltas
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.events.subscription import Subscription, Viewer

router = APIRouter(tags=["events"])

SEND_SECONDS: Final = 30.0
"""How long a client may take nothing before its connection ends. Its cursor stays good."""

_FULL_S: Final = 10
"""When a principal with too many streams may come back, in seconds."""

_HEADERS: Final = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_log = structlog.get_logger(__name__)

JobFilter = Annotated[
    list[str], Query(alias="job", max_length=100, description="Only this job; repeat it for several.")
]  # fmt: skip
DeltasChoice = Annotated[
    list[str], Query(alias="deltas", max_length=100, description="Whose text in flight: `all`, `none`, or job ids.")
]  # fmt: skip
From = Annotated[str | None, Query(alias="from", description="A cursor, where no header can be sent.")]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The last `id` seen. Goes before `from`.")
]


@router.get(
    "/events",
    response_class=StreamingResponse,
    summary="The stream of everything",
    responses={200: STREAM_RESPONSE} | problems(400, 404, 503),
)
async def stream_events(
    request: Request,
    parts: Parts,
    streams: OpenStreams,
    who: Reader,
    jobs: JobFilter = [],  # noqa: B006 - FastAPI copies it
    deltas: DeltasChoice = ["all"],  # noqa: B006 - FastAPI copies it
    from_: From = None,
    last_event_id: LastEventId = None,
) -> Response:
    """All jobs on one connection: a snapshot and what happens after it, or all that happened after a cursor."""
    for job_id in jobs:
        await refuse_unreadable(job_id, who, parts)
    asked = Subscription(
        jobs=frozenset(jobs) or None,
        deltas=_deltas(deltas),
        cursor=_cursor(last_event_id, from_),
        viewer=_viewer(request, parts, who),
    )
    return _stream(request, streams, asked)


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    response_model=EventPage,
    summary="One job's events, as a stream or as pages",
    responses={200: {**STREAM_RESPONSE, "model": EventPage}} | problems(400, 404, 422, 503),
)
async def stream_job_events(
    request: Request,
    job_id: JobId,
    parts: Parts,
    streams: OpenStreams,
    who: Reader,
    deltas: DeltasChoice = ["all"],  # noqa: B006 - FastAPI copies it
    from_: From = None,
    last_event_id: LastEventId = None,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Pages only: `after` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Pages only.")] = 200,
    accept: Annotated[str, Header(description="`application/json` asks for pages.")] = "text/event-stream",
) -> Response:
    """One job's stream, which ends with `bye` after the job's last event; or its events from the first on, as pages."""
    if _prefers_json(accept):
        page = await parts.jobs.events(job_id, after=after, limit=limit)
        return Response(page.model_dump_json(), media_type="application/json")
    await parts.jobs.get(job_id)
    asked = Subscription(
        jobs=frozenset({job_id}),
        deltas=_deltas(deltas),
        cursor=_cursor(last_event_id, from_),
        until=job_id,
        viewer=_viewer(request, parts, who),
    )
    return _stream(request, streams, asked)


def _stream(request: Request, streams: Streams, asked: Subscription) -> Response:
    most = request.app.state.services.settings.streams_per_principal
    if streams.open_of(asked.viewer.name) >= most:
        raise TooMany(
            f"{asked.viewer.name} has {most} streams open, which is as many as one token may have. Close some.",
            retry_after_s=_FULL_S,
        )
    return EventStream(Stream(streams, asked).chunks(), sever=request.app.state.sever)


def _viewer(request: Request, parts: Parts, who: Principal) -> Viewer:
    """Who watches, and for how long they may."""
    if who is ROOT:
        return Viewer(who.name)
    credentials: str = request.state.credentials

    async def is_welcome() -> bool:
        known = await parts.tokens.identify(credentials)
        return known is not None and not known.is_expired

    return Viewer(who.name, sees=who.sees, is_welcome=is_welcome)


class EventStream(StreamingResponse):
    """A stream of frames to one client, which has to take them."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes],
        *,
        sever: Callable[[Scope], None],
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        super().__init__(chunks, headers=_HEADERS)
        self._chunks = chunks
        self._sever = sever
        self._send_seconds = send_seconds
        self._scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        self._scope = scope
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send every chunk; give up when one is not taken in time."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async with SendLimit(send, self._send_seconds) as limited:
                async for chunk in self._chunks:
                    await limited.send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            _log.info("stream_stalled", seconds=self._send_seconds)
            self._sever(self._scope)
            # The connection's end is reported in the loop's next turn; until then this response counts as broken off.
            await asyncio.sleep(0)
            return
        finally:
            await self._chunks.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _cursor(last_event_id: str | None, from_: str | None) -> Cursor | None:
    text = last_event_id or from_
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise BadRequest(f"{error} Leave it out to begin with a snapshot.") from None


def _deltas(asked: list[str]) -> Deltas:
    wanted = frozenset(name for part in asked for name in part.split(",") if name)
    if "all" in wanted:
        return "all"
    return frozenset(wanted - {"none"}) or "none"


def _prefers_json(accept: str) -> bool:
    """Whether the first of the two types that the client names is JSON."""
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    known = [kind for kind in kinds if kind in ("application/json", "text/event-stream")]
    return bool(known) and known[0] == "application/json"

"""What every request passes through: its id, its place in the log, the count of open requests, the limit of its body.

Plain ASGI, so that a stream passes through untouched.
"""

import time
import uuid
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skill_fleet_server.api.problems import BodyTooLarge, response_to, unexpected
from skill_fleet_server.tracing import span

BODY_BYTES: Final = 8 * 1024 * 1024
"""Largest body of a request: the most sources a job takes, with room for their encoding."""

_ID_HEADER: Final = "x-request-id"
_ID_CHARACTERS: Final = 64

_log = structlog.get_logger(__name__)


class Activity:
    """Whether anybody is asking anything."""

    def __init__(self) -> None:
        self.open = 0
        """Requests being answered now, streams included."""
        self.requests = 0
        """All requests so far."""
        self._last = time.monotonic()

    def enter(self) -> None:
        """A request has come."""
        self.open += 1
        self.requests += 1

    def leave(self) -> None:
        """It is answered, or its client is gone."""
        self.open -= 1
        self._last = time.monotonic()

    def touch(self) -> None:
        """Something else is at work."""
        self._last = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """For how long nothing was at work."""
        return 0.0 if self.open else time.monotonic() - self._last


class Passage:
    """Gives each request an id, in every log line about it and in its response, and catches what nobody caught."""

    def __init__(self, app: ASGIApp, *, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get(_ID_HEADER, ""))
        started, status = False, 0

        async def send_with_id(message: Message) -> None:
            nonlocal started, status
            if message["type"] == "http.response.start":
                started, status = True, message["status"]
                MutableHeaders(scope=message)[_ID_HEADER] = request_id
            await send(message)

        self._activity.enter()
        about = {"request_id": request_id, "http__request__method": scope["method"]}
        with structlog.contextvars.bound_contextvars(request_id=request_id), span(scope["method"], **about) as noted:
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                _log.exception("request_failed", method=scope["method"], path=scope["path"])
                if not started:
                    await unexpected()(scope, receive, send_with_id)
            finally:
                self._activity.leave()
                if route := getattr(scope.get("route"), "path", ""):
                    noted.rename(f"{scope['method']} {route}")
                noted.note(http__response__status_code=status)


class BodyLimit:
    """Refuses bodies over the limit, announced or not, before they are held in memory."""

    def __init__(self, app: ASGIApp, *, limit: int = BODY_BYTES, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}
        """Limits of paths that take more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > limit:
            await response_to(_too_large(limit))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(BodyTooLarge.status, _too_large(limit).detail)
            return message

        await self._app(scope, receive_counted, send)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"A request like this holds at most {limit:,} bytes. Leave some of it out.")


def _request_id(given: str) -> str:
    """The client's own id if it is a plain word, else a new one."""
    plain = given.replace("-", "").replace("_", "")
    return given if plain.isascii() and plain.isalnum() and len(given) <= _ID_CHARACTERS else uuid.uuid4().hex

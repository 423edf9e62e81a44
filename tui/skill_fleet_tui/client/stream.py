"""The event stream that survives everything: one connection at a time, and a cursor that is never lost.

A state machine around `ApiClient.open_stream`. Clock, sleep and chance are given, so that every path of it
can be tested without waiting.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

from skill_fleet_common.events import (
    TERMINAL_TYPES,
    Bye,
    DurableEvent,
    Event,
    Hello,
    Reset,
    Snapshot,
    Token,
    TokenSync,
    UnknownEvent,
)
from skill_fleet_common.limits import KEEPALIVE_SECONDS
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import ClientError, Refused
from skill_fleet_tui.client.sse import StreamFrame
from skill_fleet_tui.client.states import Connecting, ConnectionState, Live, Stopped, Waiting

BACKOFF_SECONDS: Final = 0.25
"""Upper bound of the first pause; doubled with each failure in a row."""
BACKOFF_LIMIT_SECONDS: Final = 5.0
SILENT_KEEPALIVES: Final = 3
"""A stream that stays silent for this many keepalives is dead."""
FOLLOW_PAUSE_SECONDS: Final = 0.15
"""Between choosing another job to follow and asking for its text: somebody may be moving through a list."""

_TRY_AGAIN_STATUSES: Final = frozenset({408, 425, 429})
_BEFORE_ANYTHING: Final = (Hello, Reset, Bye)
_UNSAFE_TO_RESUME: Final = (Hello, Reset, Snapshot, Token, TokenSync, Bye)
_FAREWELLS: Final = {
    "shutdown": "The server is shutting down.",
    "slow": "The server gave up waiting for this slow connection.",
    "max_age": "The server renews the connection.",
    "auth": "The server no longer accepts the token.",
    "complete": "The job is over.",
    "error": "The server had a problem with the stream.",
}


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Ended:
    """How one connection ended."""

    reason: str
    wait: float = 0.0
    """Seconds the server asked to stay away."""
    over: bool = False
    error: ClientError | None = None


class EventStream:
    """Every event of all jobs, or of some, for as long as `run` runs."""

    def __init__(
        self,
        api: ApiClient,
        *,
        job: str | None = None,
        jobs: Sequence[str] = (),
        cursor: str | None = None,
        locate: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Prepare a stream; nothing is sent before `run`.

        Args:
            api: Whom to ask.
            job: Only this job, and stop when it is over.
            jobs: Only these jobs. Not together with `job`.
            cursor: Where to resume, if something is already known.
            locate: Awaited before each attempt after a failure; may start a local server again and point `api`
                at it. A `ClientError` from it is a failed attempt.
            clock: Seconds, never going back.
            sleep: Waits so many seconds.
            chance: A number from 0 to 1.
        """
        self._api = api
        self._job = job
        self._jobs = list(jobs)
        self._cursor = cursor
        self._locate = locate
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._deltas = "none"
        self._deltas_changed = asyncio.Event()
        self._kicked = asyncio.Event()
        self._seqs: dict[str, int] = {}
        self._silence = SILENT_KEEPALIVES * KEEPALIVE_SECONDS
        self._pause = BACKOFF_SECONDS
        self._failures = 0
        self._shown: ConnectionState | None = None

    @property
    def cursor(self) -> str | None:
        """Where the stream would resume; `None` before the first snapshot is whole."""
        return self._cursor

    def follow(self, job_id: str | None) -> None:
        """Ask for the text in flight of this job only, or of none. The connection is renewed unseen."""
        self._deltas = job_id or "none"
        self._deltas_changed.set()

    def retry_now(self) -> None:
        """End the wait, or the connection as it is, and connect again at once."""
        self._kicked.set()

    async def run(self, on_event: Callable[[Event], None], on_state: Callable[[ConnectionState], None]) -> Stopped:
        """Deliver events until there can be no more, or until cancelled.

        `on_event` gets every frame: after a `Hello` whose `resume` is not `resumed`, everything known is
        replaced by the snapshots that follow. No durable event is delivered twice between two snapshots.
        Neither function may block.
        """

        def show(state: ConnectionState) -> None:
            self._shown = state
            on_state(state)

        while True:
            if not isinstance(self._shown, Live):
                show(Connecting(self._failures + 1))
            ended = await self._connection(on_event, show)
            if ended is None:
                continue
            if ended.over:
                stopped = Stopped(ended.reason, ended.error)
                show(stopped)
                return stopped
            self._failures += 1
            delay = self._delay(ended.wait)
            show(Waiting(self._failures + 1, self._clock() + delay, ended.reason))
            await _unless(self._wait(delay), self._kicked.wait())

    async def _connection(
        self, on_event: Callable[[Event], None], show: Callable[[ConnectionState], None]
    ) -> _Ended | None:
        """How a connection ended, or `None` if it was given up to open another one at once."""
        self._kicked.clear()
        self._deltas_changed.clear()
        deltas = self._deltas
        work = self._connect(deltas, on_event, show)
        return await _unless(work, self._kicked.wait(), self._followed_elsewhere(deltas))

    async def _connect(
        self, deltas: str, on_event: Callable[[Event], None], show: Callable[[ConnectionState], None]
    ) -> _Ended:
        params = {"deltas": deltas, "job": self._jobs or None}
        try:
            if self._locate and self._failures:
                await self._locate()
            async with asyncio.timeout(self._silence) as deadline:
                async with self._api.open_stream(self._path, params, self._cursor) as arriving:
                    async for frame in arriving:
                        if not isinstance(self._shown, Live):
                            show(Live(self._clock()))
                        if ended := self._take(frame, on_event):
                            return ended
                        deadline.reschedule(asyncio.get_running_loop().time() + self._silence)
        except TimeoutError:
            return _Ended("The server has gone silent.")
        except Refused as error:
            return self._refused(error)
        except ClientError as error:
            return _Ended(str(error))
        return _Ended("The connection was cut.")

    @property
    def _path(self) -> str:
        return f"/jobs/{quote(self._job, safe='')}/events" if self._job else "/events"

    def _take(self, frame: StreamFrame, on_event: Callable[[Event], None]) -> _Ended | None:
        """Deliver one frame and move the cursor past it. An end, if the connection is of no more use."""
        event = frame.event
        if frame.retry_ms is not None:
            self._pause = frame.retry_ms / 1000
        if not isinstance(event, _BEFORE_ANYTHING):
            self._failures = 0
        match event:
            case Hello():
                self._silence = SILENT_KEEPALIVES * event.data.keepalive_s
                if event.data.resume != "resumed":
                    self._forget()
            case Reset():
                self._forget()
            case Snapshot():
                self._seqs[event.job_id] = event.seq
            case DurableEvent() | UnknownEvent() if event.job_id and event.seq:
                last = self._seqs.get(event.job_id, event.seq - 1)
                if event.seq > last + 1:
                    self._forget()
                    return _Ended("Events were missing; everything is read again.")
                self._seqs[event.job_id] = event.seq
                if event.type in TERMINAL_TYPES:
                    del self._seqs[event.job_id]
                if event.seq <= last:
                    self._move(frame)
                    return None
        on_event(event)
        self._move(frame)
        return self._farewell(event) if isinstance(event, Bye) else None

    def _move(self, frame: StreamFrame) -> None:
        if frame.id and not isinstance(frame.event, _UNSAFE_TO_RESUME):
            self._cursor = frame.id

    def _forget(self) -> None:
        self._cursor = None
        self._seqs.clear()

    def _farewell(self, bye: Bye) -> _Ended:
        over = bye.data.reason == "complete" and self._job is not None
        return _Ended(_FAREWELLS[bye.data.reason], bye.data.retry_ms / 1000, over)

    def _refused(self, error: Refused) -> _Ended:
        if error.status in (400, 422) and self._cursor:
            self._forget()
            return _Ended(str(error))
        over = error.status < 500 and error.status not in _TRY_AGAIN_STATUSES
        return _Ended(str(error), error.retry_after or 0.0, over, error)

    def _delay(self, wait: float) -> float:
        bound = min(BACKOFF_LIMIT_SECONDS, self._pause * 2 ** min(self._failures - 1, 10))
        return wait + self._chance() * bound

    async def _wait(self, delay: float) -> None:
        await self._sleep(delay)

    async def _followed_elsewhere(self, connected_with: str) -> None:
        """Returns when the job to follow has changed and stayed so for a moment."""
        while True:
            await self._deltas_changed.wait()
            self._deltas_changed.clear()
            await self._sleep(FOLLOW_PAUSE_SECONDS)
            if self._deltas != connected_with and not self._deltas_changed.is_set():
                return


async def _unless(work: Coroutine[Any, Any, _T], *interruptions: Coroutine[Any, Any, Any]) -> _T | None:
    """The result of `work`, or `None` if an interruption came first. Nothing is left running."""
    task = asyncio.ensure_future(work)
    others = [asyncio.ensure_future(interruption) for interruption in interruptions]
    try:
        await asyncio.wait([task, *others], return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for each in (task, *others):
            each.cancel()
        await asyncio.gather(task, *others, return_exceptions=True)

"""A connection: a cursor over the log and the text in flight, turned into chunks of bytes.

A stream that begins, resumes or has fallen behind is the same loop at another position: take the wake
handle, read a page after the cursor, send it, else wait. There is no queue per connection and no hand-over
from replay to live. Knows nothing of HTTP.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from typing import Final, Literal

import structlog

from skill_fleet_common import __version__
from skill_fleet_common.events import (
    TERMINAL_TYPES,
    Bye,
    ByeData,
    Hello,
    HelloData,
    Keepalive,
    Reset,
    ResetData,
    SnapshotEnd,
    SnapshotEndData,
)  # fmt: skip
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_server.events.frames import Cursor, encode
from skill_fleet_server.events.live_reader import LiveReader
from skill_fleet_server.events.log import LogSnapshot, Page
from skill_fleet_server.events.snapshot import snapshot_frame
from skill_fleet_server.events.streams import ResetReason, Streams
from skill_fleet_server.events.subscription import Subscription

_CHUNK_BYTES: Final = FRAME_BYTES
"""Most bytes handed to the connection at once, unless a single frame has more."""

_PAGE: Final = 256
"""Events read at once."""

_RETRY_MS: Final = 1000
"""When a client may come back after a connection that ended by itself, in milliseconds."""

_RETRY_AFTER_SHUTDOWN_MS: Final = 250
"""The same after a shutdown, plus up to twice as much again: so that not all come at once."""

_log = structlog.get_logger(__name__)


class Stream:
    """One connection. `chunks` is its whole life."""

    def __init__(self, streams: Streams, subscription: Subscription) -> None:
        self._streams = streams
        self._log = streams.log
        self._asked = subscription
        self._pos = 0
        self._viewer = subscription.viewer
        self._shown: set[str] | None = None if self._viewer.sees is None else set()
        """Jobs whose text in flight may be shown, where not all may: those of which an event was."""
        self._reader = self._new_reader()
        self._now = asyncio.get_running_loop().time
        self._sent_at = self._checked_at = self._now()
        self._until = self._now() + streams.max_age * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load

    @property
    def lag(self) -> int:
        """How many events it is behind the log; 0 until it has a place there."""
        return max(0, self._log.head - self._pos) if self._pos else 0

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Whole frames, many per chunk. Never raises: a client learns of an error by `bye`."""
        self._streams.opened(self._viewer.name, self)
        try:
            async with aclosing(self._run()) as run:
                async for chunk in run:
                    yield chunk
                    self._sent_at = self._now()
                    self._streams.sent_bytes += len(chunk)
                    # A send to a connection that is gone returns at once: only a real pause lets that be noticed.
                    await asyncio.sleep(0)
        except Exception:
            _log.exception("stream_failed")
            yield _bye("error", _RETRY_MS)
        finally:
            self._streams.closed(self._viewer.name, self)

    async def _run(self) -> AsyncGenerator[bytes]:
        cursor = self._asked.cursor
        if cursor is not None and cursor.pos > self._log.head:
            # Another process of a shared log may have told the client of more than this one has followed.
            await self._log.catch_up()
        refusal = self._refusal(cursor)
        yield self._hello("snapshot" if cursor is None else "reset" if refusal else "resumed")
        complete = False
        if cursor is None or refusal:
            if cursor and refusal:
                yield self._reset(refusal, cursor)
            taken = await self._take_snapshot()
            for chunk in _chunks(self._snapshot(taken)):
                yield chunk
            complete = self._ends_with(taken)
        else:
            self._pos = cursor.pos
            if self._asked.until:
                complete = self._ends_with(await self._log.snapshot(jobs=self._asked.jobs))
            await self._learn_shown()
        if complete:
            yield _bye("complete")
            return
        async with aclosing(self._follow()) as following:
            async for chunk in following:
                yield chunk

    async def _follow(self) -> AsyncGenerator[bytes]:
        while True:
            bell = self._streams.bell()
            page = await self._log.page(self._pos, jobs=self._asked.jobs, created_by=self._viewer.sees, limit=_PAGE)
            if self._pos < self._log.trimmed:
                for chunk in _chunks(
                    [self._reset("trimmed", self._cursor()), *self._snapshot(await self._take_snapshot())]
                ):
                    yield chunk
                continue
            for chunk in _chunks(self._frames(page)):
                yield chunk
            if self._has_last_event(page):
                yield _bye("complete")
                return
            if self._streams.stopping:
                yield _bye("shutdown", round(_RETRY_AFTER_SHUTDOWN_MS * random.uniform(1, 3)))  # noqa: S311 - spreads load
                return
            if (reason := await self._reason_to_end()) is not None:
                yield _bye(reason, _RETRY_MS)
                return
            if self._now() >= self._sent_at + self._streams.silence:
                yield encode(Keepalive(pos=self._pos), cursor=self._cursor())
            if self._pos >= self._log.head:
                await bell.wait()

    def _frames(self, page: Page) -> list[bytes]:
        """A page, after the text that was written before it and before the text that follows it.

        The text is read after the page, so that the rest of a step's text comes before the step's end.
        """
        if self._shown is not None:
            self._shown.update(event.job_id for event in page.frames)
        frames = self._reader.read(self._pos)
        frames.extend(event.frame for event in page.frames)
        self._streams.sent_events += len(page.frames)
        self._pos = page.scanned
        frames.extend(self._reader.read(self._pos))
        return frames

    def _refusal(self, cursor: Cursor | None) -> ResetReason | None:
        """Why a cursor cannot be honoured; `None` when it can."""
        if cursor is None:
            return None
        if cursor.epoch != self._log.epoch:
            return "epoch"
        if cursor.pos > self._log.head:
            return "ahead"
        return "trimmed" if cursor.pos < self._log.trimmed else None

    async def _take_snapshot(self) -> LogSnapshot:
        taken = await self._log.snapshot(jobs=self._asked.jobs, created_by=self._viewer.sees)
        if self._shown is not None:
            self._shown.update(view.job_id for view in taken.views)
        # Whatever the client holds of a text is void, so it gets all of it anew.
        self._reader = self._new_reader()
        self._pos = taken.as_of
        return taken

    def _new_reader(self) -> LiveReader:
        return LiveReader(self._streams.live, self._asked.deltas, self._asked.jobs, shown=self._shown)

    async def _learn_shown(self) -> None:
        """Which jobs' text a client that comes back may be shown."""
        if self._shown is not None:
            going = await self._log.snapshot(jobs=self._asked.jobs, created_by=self._viewer.sees, finished=0)
            self._shown.update(view.job_id for view in going.views)

    async def _reason_to_end(self) -> Literal["auth", "max_age"] | None:
        """Why the server ends the connection now, if it does."""
        now = self._now()
        if now >= self._until:
            return "max_age"
        if now - self._checked_at >= self._streams.keepalive:
            self._checked_at = now
            if not await self._viewer.is_welcome():
                return "auth"
        return None

    def _snapshot(self, taken: LogSnapshot) -> Iterator[bytes]:
        for view in taken.views:
            yield snapshot_frame(view)
        end = SnapshotEnd(pos=taken.as_of, data=SnapshotEndData(jobs=len(taken.views)))
        yield encode(end, cursor=Cursor(self._log.epoch, taken.as_of))

    def _ends_with(self, taken: LogSnapshot) -> bool:
        """Whether the client has seen the last event of the job whose end it waits for."""
        return any(
            view.job_id == self._asked.until and view.status.is_terminal and view.pos <= self._pos
            for view in taken.views
        )

    def _has_last_event(self, page: Page) -> bool:
        return any(event.job_id == self._asked.until and event.type in TERMINAL_TYPES for event in page.frames)

    def _hello(self, resume: Literal["snapshot", "resumed", "reset"]) -> bytes:
        data = HelloData(
            epoch=self._log.epoch,
            head=self._log.head,
            oldest=self._oldest(),
            resume=resume,
            keepalive_s=self._streams.keepalive,
            server=f"skill-fleet/{__version__}",
            model=self._streams.model,
            demo=self._streams.demo,
        )
        return encode(Hello(data=data), retry_ms=_RETRY_MS)

    def _reset(self, reason: ResetReason, requested: Cursor) -> bytes:
        self._streams.resets[reason] += 1
        data = ResetData(reason=reason, requested=str(requested), oldest=self._oldest(), head=self._log.head)
        return encode(Reset(data=data))

    def _oldest(self) -> int:
        return self._log.trimmed + 1

    def _cursor(self) -> Cursor:
        return Cursor(self._log.epoch, self._pos)


def _bye(reason: Literal["shutdown", "complete", "error", "auth", "max_age"], retry_ms: int = 0) -> bytes:
    return encode(Bye(data=ByeData(reason=reason, retry_ms=retry_ms)))


def _chunks(frames: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer, larger pieces, cut between frames."""
    chunk: list[bytes] = []
    size = 0
    for frame in frames:
        if chunk and size + len(frame) > _CHUNK_BYTES:
            yield b"".join(chunk)
            chunk, size = [], 0
        chunk.append(frame)
        size += len(frame)
    if chunk:
        yield b"".join(chunk)

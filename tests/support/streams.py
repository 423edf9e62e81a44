"""A log, the streams over it, and watchers of them: everything real, without HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skill_fleet_common.events import DurableEvent
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.events.subscription import Subscription
from tests.support.events import created, job_row
from tests.support.frames import FrameReader, Received
from tests.support.server import eventually


@dataclass
class Bench:
    """A log, text in flight, and streams over both."""

    log: EventLog
    live: LiveText
    streams: Streams

    async def create(self, *job_ids: str) -> None:
        for job_id in job_ids:
            await self.log.transact(lambda tx, job_id=job_id: tx.create(job_row(job_id), created(job_id)))

    async def append(self, *events: DurableEvent) -> int:
        """Append in order; returns the last position."""
        pos = 0
        for event in events:
            pos = await self.log.transact(lambda tx, event=event: tx.append(event))
        return pos

    @asynccontextmanager
    async def watching(self, **asked: Any) -> AsyncGenerator["Watcher"]:
        """A connection whose client takes everything at once."""
        watcher = Watcher(self.streams, Subscription(**asked))
        task = asyncio.create_task(watcher.run())
        try:
            yield watcher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class Watcher:
    """A connected client: what it received, and when it was told to go."""

    def __init__(self, streams: Streams, asked: Subscription) -> None:
        self.chunks: list[bytes] = []
        self.frames: list[Received] = []
        self.ended = False
        self._stream = Stream(streams, asked)

    async def run(self) -> None:
        reader = FrameReader()
        stream = self._stream.chunks()
        try:
            async for chunk in stream:
                self.chunks.append(chunk)
                self.frames += reader.feed(chunk)
                assert reader.is_between_frames
        finally:
            await stream.aclose()
        self.ended = True

    def of(self, *kinds: str) -> list[Received]:
        return [frame for frame in self.frames if frame.event in kinds]

    @property
    def kinds(self) -> list[str]:
        return [frame.event for frame in self.frames]

    @property
    def durable(self) -> list[Received]:
        return [frame for frame in self.frames if "seq" in frame.json and frame.event != "snapshot"]

    @property
    def positions(self) -> list[int]:
        return [frame.json["pos"] for frame in self.durable]

    async def until(self, *kinds: str, count: int = 1) -> list[Received]:
        """Wait for so many frames of these types."""
        await eventually(lambda: len(self.of(*kinds)) >= count, what=f"{count} of {kinds}")
        return self.of(*kinds)

    async def until_at(self, pos: int) -> None:
        await eventually(lambda: any(f.json.get("pos", 0) >= pos for f in self.frames), what=f"position {pos}")


@asynccontextmanager
async def open_bench(directory: Path, *, keepalive: float = 30.0) -> AsyncGenerator[Bench]:
    """Everything of the events package, on an SQLite file of its own."""
    database = Database(sqlite_url(directory / "fleet.sqlite"))
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    live = LiveText()
    log.heeded_by(live.heed)
    streams = Streams(log, live, keepalive=keepalive)
    try:
        async with streams.running():
            yield Bench(log, live, streams)
    finally:
        await log.close()
        database.close()

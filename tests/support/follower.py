"""A client of the stream that stays, whatever happens to its connections, and remembers all it was sent."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from tests.support.frames import FrameReader, Received
from tests.support.server import eventually

_PAUSE_S: Final = 0.05
"""Between a lost connection and the next attempt."""


class Follower:
    """Follows everything with one cursor.

    Args:
        url: Where the server is, or what stands before it; of several, each connection takes the next.
        headers: That let it in.
        cut_after: After so many durable events on one connection it cuts the connection and comes back.
        patience: Seconds without a byte after which it comes back.
    """

    def __init__(
        self, url: str | Sequence[str], headers: dict[str, str], *, cut_after: int | None = None, patience: float = 15.0
    ) -> None:
        self.events: list[dict[str, Any]] = []
        """Every durable event, in the order it came."""
        self.frames: list[Received] = []
        self.connections = 0
        self.start = 0
        """The position of the snapshot it began with."""
        self.snapshots: list[tuple[int, dict[str, dict[str, Any]]]] = []
        """The position of each snapshot, and the views it held."""
        self._views: dict[str, dict[str, Any]] = {}
        self._urls = itertools.cycle([url] if isinstance(url, str) else url)
        self._patience = patience
        self._headers = headers
        self._cut_after = cut_after
        self._cursor: str | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        timeout = httpx.Timeout(5.0, read=self._patience)
        async with httpx.AsyncClient(headers=self._headers, timeout=timeout, trust_env=False) as client:
            while True:
                try:
                    await self._connection(client)
                except httpx.TransportError:
                    await asyncio.sleep(_PAUSE_S)

    async def _connection(self, client: httpx.AsyncClient) -> None:
        headers = {"Last-Event-ID": self._cursor} if self._cursor else {}
        reader, before = FrameReader(), len(self.events)
        async with client.stream("GET", f"{next(self._urls)}/api/v1/events", headers=headers) as response:
            if response.status_code == 503:
                await asyncio.sleep(_PAUSE_S)
                return
            assert response.status_code == 200, await response.aread()
            self.connections += 1
            async for chunk in response.aiter_raw():
                for frame in reader.feed(chunk):
                    self._take(frame)
                    if self._cut_after is not None and len(self.events) - before >= self._cut_after:
                        return

    def _take(self, frame: Received) -> None:
        self.frames.append(frame)
        if frame.event == "hello":
            self._views = {}
        elif frame.event == "snapshot":
            self._views[frame.json["job_id"]] = frame.data["job"]
        elif frame.event == "snapshot_end":
            self.start = frame.json["pos"]
            self.snapshots.append((self.start, self._views))
        elif frame.id and "seq" in frame.json:
            self.events.append(frame.json)
        self._cursor = frame.id or self._cursor

    def of(self, *kinds: str, job: str | None = None) -> list[Received]:
        return [f for f in self.frames if f.event in kinds and job in (None, f.json.get("job_id"))]

    @property
    def epochs(self) -> set[str]:
        return {hello.data["epoch"] for hello in self.of("hello")}

    async def until(self, holds: Callable[["Follower"], Any], what: str, within: float = 60.0) -> None:
        await eventually(lambda: holds(self), within=within, what=what)

    async def until_at(self, pos: int) -> None:
        """Wait until it has been told of everything up to a position."""
        await self.until(lambda f: any(frame.json.get("pos", 0) >= pos for frame in f.frames[-300:]), f"position {pos}")


@asynccontextmanager
async def following(follower: Follower) -> AsyncGenerator[Follower]:
    """A follower that follows, and has its snapshot."""
    task = asyncio.create_task(follower.run())
    try:
        await eventually(lambda: task.done() or follower.of("snapshot_end"), within=20, what="the follower's snapshot")
        yield follower
        assert not task.done(), task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

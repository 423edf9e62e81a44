"""All connections of this process: what they share, how many there are, and what wakes them.

Knows nothing of what one of them sends: that is `events.stream`.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, Protocol

from skill_fleet_common.limits import KEEPALIVE_SECONDS
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.log import EventLog

_BEATS: Final = 6
"""How often in the time of a keepalive all connections look whether they have been silent for long: a beat for all
costs less than a timer for each event and connection, which was a sixth of what sending one took."""

ResetReason = Literal["epoch", "ahead", "trimmed"]


class Connection(Protocol):
    """A stream that is open."""

    @property
    def lag(self) -> int:
        """How many events it is behind the log."""
        ...


class Streams:
    """All connections of this process.

    Run `running()` around their life. Commits and text in flight ring one bell, so a connection waits for
    one thing.
    """

    def __init__(
        self,
        log: EventLog,
        live: LiveText,
        *,
        model: str = "",
        demo: bool = False,
        keepalive: float = KEEPALIVE_SECONDS,
        max_age: float = math.inf,
    ) -> None:
        """`model` and `demo` are what every connection is told first; after about `max_age` seconds it is ended."""
        self.max_age = max_age
        self.log = log
        self.live = live
        self.model = model
        self.demo = demo
        self.keepalive = keepalive
        self.open = 0
        """Connections now."""
        self.sent_bytes = 0
        self.sent_events = 0
        """Durable events handed to connections."""
        self.resets: Counter[ResetReason] = Counter()
        self._open_of: Counter[str] = Counter()
        self._connections: set[Connection] = set()
        self.stopping = False
        self._bell = asyncio.Event()

    @property
    def silence(self) -> float:
        """For how long a connection may have sent nothing when it looks, so that none is silent for longer than
        `keepalive` by the time it looks again, in seconds."""
        return self.keepalive * (1 - 1 / _BEATS)

    def open_of(self, name: str) -> int:
        """Connections of one principal now."""
        return self._open_of[name]

    def lags(self) -> list[int]:
        """How many events each connection is behind the log, those that are none of its business included."""
        return [connection.lag for connection in self._connections]

    def opened(self, name: str, connection: Connection) -> None:
        """A connection begins."""
        self.open += 1
        self._connections.add(connection)
        self._open_of[name] += 1

    def closed(self, name: str, connection: Connection) -> None:
        """A connection has ended."""
        self.open -= 1
        self._connections.discard(connection)
        self._open_of[name] -= 1
        if not self._open_of[name]:
            del self._open_of[name]

    def stop(self) -> None:
        """Say good-bye to every connection, those that come later included."""
        self.stopping = True
        self._ring()

    def bell(self) -> asyncio.Event:
        """The handle that the next commit, frame of text, beat or `stop` sets. Take it before reading."""
        return self._bell

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Streams"]:
        """Pass on wake-ups for as long as the context lasts."""
        tasks = [asyncio.create_task(self._pass_on(source)) for source in (self.log.wake, self.live.wake)]
        tasks.append(asyncio.create_task(self._beat()))
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, source: Callable[[], asyncio.Event]) -> None:
        handle = source()
        while True:
            await handle.wait()
            # The next handle first: what happens from here on sets it, what happened before is read after the ring.
            handle = source()
            self._ring()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.keepalive / _BEATS)
            self._ring()

    def _ring(self) -> None:
        rung, self._bell = self._bell, asyncio.Event()
        rung.set()
